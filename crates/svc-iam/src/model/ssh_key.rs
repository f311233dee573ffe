//! SSH public keys: of RSA, in OpenSSH's form or in PEM.

use md5::{Digest, Md5};
use rsa::pkcs8::{DecodePublicKey, EncodePublicKey, LineEnding};
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, RsaPublicKey};

/// The shortest key that AWS accepts, in bits.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadSSHPublicKey.html>
const BITS_MIN: usize = 2_048;

/// A key that can be used.
pub struct SshKey {
    key: RsaPublicKey,
    /// As RFC 4253, section 6.6, has it.
    blob: Vec<u8>,
}

/// Why a key is refused.
#[derive(Debug, PartialEq, Eq)]
pub enum KeyError {
    /// It is in neither of the two forms.
    Encoding,
    /// It is no RSA key of at least 2,048 bits.
    Key,
}

impl SshKey {
    /// Of `ssh-rsa AAAA… comment` or of PEM.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let key = if text.starts_with("-----BEGIN PUBLIC KEY-----") {
            RsaPublicKey::from_public_key_pem(text).map_err(|_| KeyError::Key)?
        } else if let Some(rest) = text.strip_prefix("ssh-rsa ") {
            let body = rest.split_whitespace().next().unwrap_or_default();
            let blob = super::certificate::base64(body).ok_or(KeyError::Key)?;
            of_blob(&blob).ok_or(KeyError::Key)?
        } else {
            return Err(KeyError::Encoding);
        };
        if key.size() * 8 < BITS_MIN {
            return Err(KeyError::Key);
        }
        let mut blob = Vec::new();
        put(&mut blob, b"ssh-rsa");
        put(&mut blob, &integer(&key.e_bytes()));
        put(&mut blob, &integer(&key.n_bytes()));
        Ok(SshKey { key, blob })
    }

    /// The MD5 digest of the key, as AWS shows it: `aa:bb:…`.
    pub fn fingerprint(&self) -> String {
        let digits: Vec<String> =
            Md5::digest(&self.blob).iter().map(|byte| format!("{byte:02x}")).collect();
        digits.join(":")
    }

    /// In OpenSSH's form, without a comment.
    pub fn ssh(&self) -> String {
        use base64::Engine as _;
        format!("ssh-rsa {}", base64::engine::general_purpose::STANDARD.encode(&self.blob))
    }

    /// In PEM.
    pub fn pem(&self) -> Option<String> {
        self.key.to_public_key_pem(LineEnding::LF).ok()
    }
}

fn of_blob(blob: &[u8]) -> Option<RsaPublicKey> {
    let mut rest = blob;
    let (name, e, n) = (take(&mut rest)?, take(&mut rest)?, take(&mut rest)?);
    if name != b"ssh-rsa" || !rest.is_empty() {
        return None;
    }
    let number = BoxedUint::from_be_slice_vartime;
    RsaPublicKey::new(number(n), number(e)).ok()
}

fn take<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (len, behind) = rest.split_first_chunk::<4>()?;
    let (field, behind) = behind.split_at_checked(u32::from_be_bytes(*len) as usize)?;
    *rest = behind;
    Some(field)
}

fn put(blob: &mut Vec<u8>, field: &[u8]) {
    blob.extend((field.len() as u32).to_be_bytes());
    blob.extend(field);
}

/// Signed, so that a number whose first bit is set begins with a zero.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let bytes: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
    if bytes.first().is_some_and(|byte| *byte >= 128) { [&[0], &bytes[..]].concat() } else { bytes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_key() {
        let error = |text: &str| SshKey::parse(text).err();
        assert_eq!(error("ssh-ed25519 AAAA"), Some(KeyError::Encoding));
        assert_eq!(error("ssh-rsa AAAA"), Some(KeyError::Key));
        assert_eq!(error("ssh-rsa ÄÄ"), Some(KeyError::Key));
    }
}
