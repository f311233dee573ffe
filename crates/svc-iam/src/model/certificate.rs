//! X.509 certificates in PEM, and private keys that belong to them.

use p256::pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey};
use rsa::pkcs1::DecodeRsaPrivateKey;
use x509_cert::Certificate;
use x509_cert::der::Encode;

/// What the API needs of a certificate.
pub struct Parsed {
    /// The first second after which it is not valid, since the epoch.
    pub expires_s: u64,
    /// The subject's public key: the `SubjectPublicKeyInfo` in DER.
    public_key: Vec<u8>,
    /// Whose it is: a name in DER.
    subject: Vec<u8>,
    /// Who signed it: a name in DER.
    issuer: Vec<u8>,
}

/// Of one or more certificates in PEM, one behind the other; none if anything else is in the text.
pub fn parse(pem: &str) -> Option<Vec<Parsed>> {
    let pem = pem.trim();
    if !pem.starts_with("-----BEGIN CERTIFICATE-----")
        || !pem.ends_with("-----END CERTIFICATE-----")
    {
        return None;
    }
    // Lines of any length and ends of lines of any kind are accepted, as AWS does.
    let mut parsed = Vec::new();
    for part in pem.split("-----END CERTIFICATE-----").filter(|part| !part.trim().is_empty()) {
        let body = part.trim().strip_prefix("-----BEGIN CERTIFICATE-----")?;
        parsed.push(of_der(&base64(body)?)?);
    }
    Some(parsed)
}

/// Of DER.
pub fn of_der(der: &[u8]) -> Option<Parsed> {
    use x509_cert::der::Decode;
    let certificate = Certificate::from_der(der).ok()?;
    let certificate = certificate.tbs_certificate();
    let validity = certificate.validity();
    Some(Parsed {
        expires_s: validity.not_after.to_unix_duration().as_secs(),
        public_key: certificate.subject_public_key_info().to_der().ok()?,
        subject: certificate.subject().to_der().ok()?,
        issuer: certificate.issuer().to_der().ok()?,
    })
}

/// Base64 with white space in it.
pub fn base64(text: &str) -> Option<Vec<u8>> {
    use ::base64::Engine as _;
    let compact: String = text.split_whitespace().collect();
    ::base64::engine::general_purpose::STANDARD.decode(compact).ok()
}

impl Parsed {
    /// The subject's public key: the `SubjectPublicKeyInfo` in DER.
    pub fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    /// Whether `key` is the private half of the certificate's key.
    pub fn belongs_to(&self, key: &PrivateKey) -> bool {
        self.public_key == key.public_key
    }
}

/// Where in the chain is the first certificate that did not sign the one before it; the chain begins with the signer of
/// `leaf`. Names are compared, signatures are not.
pub fn broken_link(leaf: &Parsed, chain: &[Parsed]) -> Option<usize> {
    let mut below = leaf;
    for (index, certificate) in chain.iter().enumerate() {
        if below.issuer != certificate.subject {
            return Some(index);
        }
        below = certificate;
    }
    None
}

/// A private key of RSA or of the curves P-256, P-384 or P-521.
pub struct PrivateKey {
    /// The public half: the `SubjectPublicKeyInfo` in DER.
    public_key: Vec<u8>,
}

/// Why a private key is refused.
#[derive(Debug, PartialEq, Eq)]
pub enum KeyError {
    /// It needs a password.
    Encrypted,
    /// It is no key that can be used.
    Malformed,
}

/// An RSA key in PEM, as PKCS #8 in DER.
pub fn rsa_private_key(pem: &str) -> Option<Vec<u8>> {
    let (label, der) = unwrapped(pem).ok()?;
    let key = match label {
        "RSA PRIVATE KEY" => rsa::RsaPrivateKey::from_pkcs1_der(&der).ok()?,
        "PRIVATE KEY" => rsa::RsaPrivateKey::from_pkcs8_der(&der).ok()?,
        _ => return None,
    };
    Some(key.to_pkcs8_der().ok()?.as_bytes().to_vec())
}

/// The label and the content of a key in PEM.
fn unwrapped(pem: &str) -> Result<(&str, Vec<u8>), KeyError> {
    let pem = pem.trim();
    if pem.contains("ENCRYPTED") {
        return Err(KeyError::Encrypted);
    }
    // A parameters block may come before a key on a curve.
    let start = pem.rfind("-----BEGIN ").ok_or(KeyError::Malformed)?;
    let (label, rest) = pem[start + 11..].split_once("-----").ok_or(KeyError::Malformed)?;
    let body = rest.split("-----END ").next().ok_or(KeyError::Malformed)?;
    Ok((label, base64(body).ok_or(KeyError::Malformed)?))
}

/// Of an unencrypted key in PEM: PKCS #1, PKCS #8 or SEC 1.
pub fn private_key(pem: &str) -> Result<PrivateKey, KeyError> {
    let (label, der) = unwrapped(pem)?;
    let public_key = match label {
        "RSA PRIVATE KEY" => {
            rsa::RsaPrivateKey::from_pkcs1_der(&der).ok().and_then(|k| spki(&k.to_public_key()))
        }
        "PRIVATE KEY" => of_pkcs8(&der),
        "EC PRIVATE KEY" => of_sec1(&der),
        _ => None,
    };
    public_key.map(|public_key| PrivateKey { public_key }).ok_or(KeyError::Malformed)
}

fn spki(key: &impl EncodePublicKey) -> Option<Vec<u8>> {
    Some(key.to_public_key_der().ok()?.into_vec())
}

fn of_pkcs8(der: &[u8]) -> Option<Vec<u8>> {
    if let Ok(key) = rsa::RsaPrivateKey::from_pkcs8_der(der) {
        return spki(&key.to_public_key());
    }
    if let Ok(key) = p256::SecretKey::from_pkcs8_der(der) {
        return spki(&key.public_key());
    }
    if let Ok(key) = p384::SecretKey::from_pkcs8_der(der) {
        return spki(&key.public_key());
    }
    p521::SecretKey::from_pkcs8_der(der).ok().and_then(|key| spki(&key.public_key()))
}

fn of_sec1(der: &[u8]) -> Option<Vec<u8>> {
    if let Ok(key) = p256::SecretKey::from_sec1_der(der) {
        return spki(&key.public_key());
    }
    if let Ok(key) = p384::SecretKey::from_sec1_der(der) {
        return spki(&key.public_key());
    }
    p521::SecretKey::from_sec1_der(der).ok().and_then(|key| spki(&key.public_key()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_key() {
        assert_eq!(private_key("x").err(), Some(KeyError::Malformed));
        let encrypted =
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n-----END ENCRYPTED PRIVATE KEY-----";
        assert_eq!(private_key(encrypted).err(), Some(KeyError::Encrypted));
        assert!(parse("x").is_none());
        assert!(parse("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----").is_none());
    }
}
