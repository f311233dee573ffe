//! Elliptic curves: ECDSA (FIPS 186-5) with deterministic nonces (RFC 6979), Ed25519 (RFC 8032), ECDH (SP 800-56A).

use super::{Chance, Malformed, Secret};
use crate::model::spec::Spec;
use base::Entropy;
use ed25519_dalek as ed25519;
use p256::elliptic_curve::Generate;
use p256::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey};
use sha2::digest::{FixedOutput, HashMarker, Output, OutputSizeUser, Update, typenum::U64};
use wire_kms::SigningAlgorithmSpec;
use zeroize::Zeroizing;

/// Runs the same lines with the types of the curve that `$spec` names.
macro_rules! by_curve {
    ($spec:expr, $other:expr, |$curve:ident| $body:expr) => {
        match $spec {
            Spec::P256 => {
                use p256 as $curve;
                $body
            }
            Spec::P384 => {
                use p384 as $curve;
                $body
            }
            Spec::P521 => {
                use p521 as $curve;
                $body
            }
            Spec::K256 => {
                use k256 as $curve;
                $body
            }
            _ => $other,
        }
    };
}

/// A new private key.
pub fn generate(spec: Spec, entropy: &dyn Entropy) -> Secret {
    let document = by_curve!(
        spec,
        {
            let mut seed = Zeroizing::new([0; 32]);
            entropy.fill(&mut *seed);
            // Version 1 of PKCS #8, without the public half, which every library reads.
            ed25519::pkcs8::KeypairBytes { secret_key: *seed, public_key: None }.to_pkcs8_der()
        },
        |curve| curve::SecretKey::generate_from_rng(&mut Chance(entropy)).to_pkcs8_der()
    );
    Zeroizing::new(document.expect("a key that was made can be written").as_bytes().to_vec())
}

/// The public half.
pub fn public_key(spec: Spec, private: &[u8]) -> Result<Vec<u8>, Malformed> {
    let document = by_curve!(
        spec,
        {
            let key = ed25519::SigningKey::from_pkcs8_der(private).map_err(|_| Malformed)?;
            key.verifying_key().to_public_key_der()
        },
        |curve| {
            let key = curve::SecretKey::from_pkcs8_der(private).map_err(|_| Malformed)?;
            key.public_key().to_public_key_der()
        }
    );
    document.map(|document| document.into_vec()).map_err(|_| Malformed)
}

/// The signature in DER of a digest, by ECDSA.
pub fn sign(spec: Spec, private: &[u8], digest: &[u8]) -> Result<Vec<u8>, Malformed> {
    by_curve!(spec, Err(Malformed), |curve| {
        use curve::ecdsa::signature::hazmat::PrehashSigner;
        let key = curve::ecdsa::SigningKey::from_pkcs8_der(private).map_err(|_| Malformed)?;
        let signature: curve::ecdsa::Signature = key.sign_prehash(digest).map_err(|_| Malformed)?;
        Ok(signature.to_der().as_bytes().to_vec())
    })
}

/// Whether `signature` is one of a digest, by ECDSA.
pub fn verify(
    spec: Spec,
    public: &[u8],
    digest: &[u8],
    signature: &[u8],
) -> Result<bool, Malformed> {
    by_curve!(spec, Err(Malformed), |curve| {
        use curve::ecdsa::signature::hazmat::PrehashVerifier;
        let key = curve::ecdsa::VerifyingKey::from_public_key_der(public).map_err(|_| Malformed)?;
        let Ok(signature) = curve::ecdsa::Signature::from_der(signature) else { return Ok(false) };
        Ok(key.verify_prehash(digest, &signature).is_ok())
    })
}

/// The signature by Ed25519: of the message or, with [`SigningAlgorithmSpec::Ed25519PhSha512`], of a message of which
/// `message` is the digest by SHA-512.
pub fn sign_ed25519(
    private: &[u8],
    algorithm: SigningAlgorithmSpec,
    message: &[u8],
) -> Result<Vec<u8>, Malformed> {
    use ed25519::Signer;
    let key = ed25519::SigningKey::from_pkcs8_der(private).map_err(|_| Malformed)?;
    let signature = match algorithm {
        SigningAlgorithmSpec::Ed25519PhSha512 => {
            key.sign_prehashed(Given::new(message)?, None).map_err(|_| Malformed)?
        }
        _ => key.sign(message),
    };
    Ok(signature.to_bytes().to_vec())
}

/// Whether `signature` is one of [`sign_ed25519`].
pub fn verify_ed25519(
    public: &[u8],
    algorithm: SigningAlgorithmSpec,
    message: &[u8],
    signature: &[u8],
) -> Result<bool, Malformed> {
    let key = ed25519::VerifyingKey::from_public_key_der(public).map_err(|_| Malformed)?;
    let Ok(signature) = ed25519::Signature::from_slice(signature) else { return Ok(false) };
    let verified = match algorithm {
        SigningAlgorithmSpec::Ed25519PhSha512 => {
            key.verify_prehashed_strict(Given::new(message)?, None, &signature)
        }
        _ => key.verify_strict(message, &signature),
    };
    Ok(verified.is_ok())
}

/// The secret that the holders of the two private keys share: the X coordinate.
pub fn shared_secret(spec: Spec, private: &[u8], public: &[u8]) -> Result<Secret, Malformed> {
    macro_rules! diffie_hellman {
        ($curve:ident) => {{
            let key = $curve::SecretKey::from_pkcs8_der(private).map_err(|_| Malformed)?;
            let other = $curve::PublicKey::from_public_key_der(public).map_err(|_| Malformed)?;
            let secret = $curve::ecdh::diffie_hellman(key.to_nonzero_scalar(), other.as_affine());
            Ok(Zeroizing::new(secret.raw_secret_bytes().to_vec()))
        }};
    }
    match spec {
        Spec::P256 => diffie_hellman!(p256),
        Spec::P384 => diffie_hellman!(p384),
        Spec::P521 => diffie_hellman!(p521),
        _ => Err(Malformed),
    }
}

/// A digest that was made elsewhere, in the form in which the library takes one.
struct Given([u8; 64]);

impl Given {
    fn new(digest: &[u8]) -> Result<Self, Malformed> {
        digest.try_into().map(Given).map_err(|_| Malformed)
    }
}

impl Default for Given {
    fn default() -> Self {
        Given([0; 64])
    }
}

impl OutputSizeUser for Given {
    type OutputSize = U64;
}

impl Update for Given {
    fn update(&mut self, _: &[u8]) {}
}

impl FixedOutput for Given {
    fn finalize_into(self, out: &mut Output<Self>) {
        out.copy_from_slice(&self.0);
    }
}

impl HashMarker for Given {}

#[cfg(test)]
mod tests {
    use super::*;
    use base::SeededEntropy;
    use sha2::{Digest, Sha512};

    /// RFC 8032, section 7.3: the one vector of Ed25519ph.
    #[test]
    fn ed25519ph() {
        let seed = "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42";
        let expected = "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41\
                        31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406";
        let hex = |text: &str| -> Vec<u8> {
            let digits = text.as_bytes().chunks(2);
            digits
                .map(|d| u8::from_str_radix(std::str::from_utf8(d).unwrap(), 16).unwrap())
                .collect()
        };
        let key = ed25519::SigningKey::from_bytes(&hex(seed).try_into().unwrap());
        let private = key.to_pkcs8_der().unwrap();
        let algorithm = SigningAlgorithmSpec::Ed25519PhSha512;
        let digest = Sha512::digest(b"abc");
        let signature = sign_ed25519(private.as_bytes(), algorithm, &digest).unwrap();
        assert_eq!(signature, hex(expected));
        let public = public_key(Spec::Ed25519, private.as_bytes()).unwrap();
        assert_eq!(verify_ed25519(&public, algorithm, &digest, &signature), Ok(true));
        assert_eq!(verify_ed25519(&public, algorithm, &[0; 64], &signature), Ok(false));
    }

    #[test]
    fn both_sides_share_a_secret() {
        let entropy = SeededEntropy::new(1);
        for spec in [Spec::P256, Spec::P384, Spec::P521] {
            let (a, b) = (generate(spec, &entropy), generate(spec, &entropy));
            let of = |a: &[u8], b: &[u8]| shared_secret(spec, a, &public_key(spec, b).unwrap());
            assert_eq!(of(&a, &b), of(&b, &a));
            assert!(shared_secret(spec, &a, b"no key").is_err());
        }
    }
}
