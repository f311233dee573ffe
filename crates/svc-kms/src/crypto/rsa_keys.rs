//! RSA: OAEP, PSS and PKCS #1 v1.5 signatures (RFC 8017). Private operations are blinded.

use super::{Chance, Malformed, Secret};
use base::Entropy;
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey};
use rsa::traits::PublicKeyParts;
use rsa::{Oaep, Pkcs1v15Sign, Pss, RsaPrivateKey, RsaPublicKey};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};
use wire_kms::{EncryptionAlgorithmSpec, SigningAlgorithmSpec};
use zeroize::Zeroizing;

/// A new private key.
pub fn generate(bits: usize, entropy: &dyn Entropy) -> Secret {
    let key = RsaPrivateKey::new(&mut Chance(entropy), bits)
        .expect("sizes of 2,048 bits and more have keys");
    der(&key)
}

fn der(key: &RsaPrivateKey) -> Secret {
    let document = key.to_pkcs8_der().expect("a key that was made can be written");
    Zeroizing::new(document.as_bytes().to_vec())
}

fn private_key(private: &[u8]) -> Result<RsaPrivateKey, Malformed> {
    RsaPrivateKey::from_pkcs8_der(private).map_err(|_| Malformed)
}

/// The public half of a private key of `bits` bits.
pub fn public_key(bits: usize, private: &[u8]) -> Result<Vec<u8>, Malformed> {
    let key = private_key(private)?.to_public_key();
    if key.n().bits() as usize != bits {
        return Err(Malformed);
    }
    key.to_public_key_der().map(|document| document.into_vec()).map_err(|_| Malformed)
}

/// The most bytes that can be encrypted: RFC 8017, section 7.1.1.
pub fn plaintext_bytes_max(bits: usize, algorithm: EncryptionAlgorithmSpec) -> usize {
    let hash_bytes = if algorithm == EncryptionAlgorithmSpec::RsaesOaepSha1 { 20 } else { 32 };
    bits / 8 - 2 * hash_bytes - 2
}

/// `plaintext` for the holder of the private half.
pub fn encrypt(
    public: &[u8],
    algorithm: EncryptionAlgorithmSpec,
    plaintext: &[u8],
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, Malformed> {
    let key = RsaPublicKey::from_public_key_der(public).map_err(|_| Malformed)?;
    let chance = &mut Chance(entropy);
    match algorithm {
        EncryptionAlgorithmSpec::RsaesOaepSha1 => {
            key.encrypt(chance, Oaep::<Sha1>::new(), plaintext)
        }
        _ => key.encrypt(chance, Oaep::<Sha256>::new(), plaintext),
    }
    .map_err(|_| Malformed)
}

/// What was encrypted for this private key.
pub fn decrypt(
    private: &[u8],
    algorithm: EncryptionAlgorithmSpec,
    ciphertext: &[u8],
    entropy: &dyn Entropy,
) -> Result<Secret, Malformed> {
    let (key, chance) = (private_key(private)?, &mut Chance(entropy));
    match algorithm {
        EncryptionAlgorithmSpec::RsaesOaepSha1 => {
            key.decrypt_blinded(chance, Oaep::<Sha1>::new(), ciphertext)
        }
        _ => key.decrypt_blinded(chance, Oaep::<Sha256>::new(), ciphertext),
    }
    .map(Zeroizing::new)
    .map_err(|_| Malformed)
}

/// The signature of a digest.
pub fn sign(
    private: &[u8],
    algorithm: SigningAlgorithmSpec,
    digest: &[u8],
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, Malformed> {
    use SigningAlgorithmSpec as A;
    let (key, chance) = (private_key(private)?, &mut Chance(entropy));
    match algorithm {
        A::RsassaPssSha256 => key.sign_with_rng(chance, Pss::<Sha256>::new_blinded(), digest),
        A::RsassaPssSha384 => key.sign_with_rng(chance, Pss::<Sha384>::new_blinded(), digest),
        A::RsassaPssSha512 => key.sign_with_rng(chance, Pss::<Sha512>::new_blinded(), digest),
        A::RsassaPkcs1V1_5Sha256 => {
            key.sign_with_rng(chance, Pkcs1v15Sign::new::<Sha256>(), digest)
        }
        A::RsassaPkcs1V1_5Sha384 => {
            key.sign_with_rng(chance, Pkcs1v15Sign::new::<Sha384>(), digest)
        }
        A::RsassaPkcs1V1_5Sha512 => {
            key.sign_with_rng(chance, Pkcs1v15Sign::new::<Sha512>(), digest)
        }
        _ => return Err(Malformed),
    }
    .map_err(|_| Malformed)
}

/// Whether `signature` is one of a digest.
pub fn verify(
    public: &[u8],
    algorithm: SigningAlgorithmSpec,
    digest: &[u8],
    signature: &[u8],
) -> Result<bool, Malformed> {
    use SigningAlgorithmSpec as A;
    let key = RsaPublicKey::from_public_key_der(public).map_err(|_| Malformed)?;
    let verified = match algorithm {
        A::RsassaPssSha256 => key.verify(Pss::<Sha256>::new(), digest, signature),
        A::RsassaPssSha384 => key.verify(Pss::<Sha384>::new(), digest, signature),
        A::RsassaPssSha512 => key.verify(Pss::<Sha512>::new(), digest, signature),
        A::RsassaPkcs1V1_5Sha256 => key.verify(Pkcs1v15Sign::new::<Sha256>(), digest, signature),
        A::RsassaPkcs1V1_5Sha384 => key.verify(Pkcs1v15Sign::new::<Sha384>(), digest, signature),
        A::RsassaPkcs1V1_5Sha512 => key.verify(Pkcs1v15Sign::new::<Sha512>(), digest, signature),
        _ => return Err(Malformed),
    };
    Ok(verified.is_ok())
}
