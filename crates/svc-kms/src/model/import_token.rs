//! Import tokens: the private half of the key that material is wrapped under, for whom, and until when.

use super::spec::Spec;
use crate::crypto::Secret;
use wire_kms::{AlgorithmSpec, EncryptionAlgorithmSpec, WrappingKeySpec};
use zeroize::Zeroizing;

/// How material is wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wrapping {
    /// By which hash RSA-OAEP works.
    pub oaep: EncryptionAlgorithmSpec,
    /// Whether an AES key stands between.
    pub by_aes: bool,
    /// The bits of the RSA key.
    pub bits: usize,
}

impl Wrapping {
    /// None for what AWS no longer offers (PKCS #1 v1.5) or offers in China only (SM2).
    pub fn from_wire(algorithm: AlgorithmSpec, spec: WrappingKeySpec) -> Option<Self> {
        let (oaep, by_aes) = match algorithm {
            AlgorithmSpec::RsaesOaepSha1 => (EncryptionAlgorithmSpec::RsaesOaepSha1, false),
            AlgorithmSpec::RsaesOaepSha256 => (EncryptionAlgorithmSpec::RsaesOaepSha256, false),
            AlgorithmSpec::RsaAesKeyWrapSha1 => (EncryptionAlgorithmSpec::RsaesOaepSha1, true),
            AlgorithmSpec::RsaAesKeyWrapSha256 => (EncryptionAlgorithmSpec::RsaesOaepSha256, true),
            AlgorithmSpec::RsaesPkcs1V1_5 | AlgorithmSpec::Sm2Pke => return None,
        };
        let bits = match spec {
            WrappingKeySpec::Rsa2048 => 2048,
            WrappingKeySpec::Rsa3072 => 3072,
            WrappingKeySpec::Rsa4096 => 4096,
            WrappingKeySpec::Sm2 => return None,
        };
        Some(Wrapping { oaep, by_aes, bits })
    }

    /// Whether material of `spec` fits under it. RSA keys are longer than RSA can encrypt, and keys of P-521 are so for the
    /// shortest wrapping key.
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-get-public-key-and-token.html>
    pub fn suits(self, spec: Spec) -> bool {
        self.by_aes || !(spec.rsa_bits().is_some() || (spec == Spec::P521 && self.bits == 2048))
    }
}

/// What a token says.
pub struct ImportToken {
    /// Of which key: account, key id.
    pub key: String,
    /// How material is wrapped.
    pub wrapping: Wrapping,
    /// Until when it counts, in milliseconds since the epoch.
    pub expires_ms: u64,
    /// The private key in PKCS #8.
    pub private: Secret,
}

/// The form of the bytes.
const VERSION: u8 = 1;

impl ImportToken {
    /// The bytes to be sealed.
    pub fn bytes(&self) -> Secret {
        let Wrapping { oaep, by_aes, bits } = self.wrapping;
        let is_sha1 = oaep == EncryptionAlgorithmSpec::RsaesOaepSha1;
        let mut bytes = Zeroizing::new(vec![VERSION, is_sha1.into(), by_aes.into()]);
        bytes.extend_from_slice(&(bits as u32).to_be_bytes());
        bytes.extend_from_slice(&self.expires_ms.to_be_bytes());
        bytes.extend_from_slice(&(self.key.len() as u32).to_be_bytes());
        bytes.extend_from_slice(self.key.as_bytes());
        bytes.extend_from_slice(&self.private);
        bytes
    }

    /// Of bytes that were sealed.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let ([VERSION, is_sha1, by_aes], rest) = bytes.split_first_chunk::<3>()? else {
            return None;
        };
        let (bits, rest) = rest.split_first_chunk::<4>()?;
        let (expires_ms, rest) = rest.split_first_chunk::<8>()?;
        let (key_bytes, rest) = rest.split_first_chunk::<4>()?;
        let key_bytes = usize::try_from(u32::from_be_bytes(*key_bytes)).ok()?;
        let (key, private) = rest.split_at_checked(key_bytes)?;
        let oaep = match is_sha1 {
            0 => EncryptionAlgorithmSpec::RsaesOaepSha256,
            _ => EncryptionAlgorithmSpec::RsaesOaepSha1,
        };
        let bits = usize::try_from(u32::from_be_bytes(*bits)).ok()?;
        Some(ImportToken {
            key: String::from_utf8(key.to_vec()).ok()?,
            wrapping: Wrapping { oaep, by_aes: *by_aes != 0, bits },
            expires_ms: u64::from_be_bytes(*expires_ms),
            private: Zeroizing::new(private.to_vec()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let wrapping =
            Wrapping::from_wire(AlgorithmSpec::RsaAesKeyWrapSha1, WrappingKeySpec::Rsa3072);
        let token = ImportToken {
            key: "123456789012/k".to_string(),
            wrapping: wrapping.unwrap(),
            expires_ms: 77,
            private: Zeroizing::new(vec![1, 2, 3]),
        };
        let bytes = token.bytes();
        let read = ImportToken::parse(&bytes).unwrap();
        assert_eq!((read.key, read.expires_ms), (token.key, 77));
        assert_eq!((read.wrapping, &read.private[..]), (token.wrapping, &[1, 2, 3][..]));
        for length in 0..bytes.len() - 3 {
            assert!(ImportToken::parse(&bytes[..length]).is_none(), "{length}");
        }
    }

    #[test]
    fn long_keys_need_an_aes_key_between() {
        let of = |algorithm, spec| Wrapping::from_wire(algorithm, spec).unwrap();
        let oaep = of(AlgorithmSpec::RsaesOaepSha256, WrappingKeySpec::Rsa2048);
        assert!(oaep.suits(Spec::Symmetric) && oaep.suits(Spec::P256));
        assert!(!oaep.suits(Spec::Rsa2048) && !oaep.suits(Spec::P521));
        let longer = of(AlgorithmSpec::RsaesOaepSha256, WrappingKeySpec::Rsa3072);
        assert!(longer.suits(Spec::P521));
        let aes = of(AlgorithmSpec::RsaAesKeyWrapSha256, WrappingKeySpec::Rsa2048);
        assert!(aes.suits(Spec::Rsa4096) && aes.suits(Spec::P521));
        let old = AlgorithmSpec::RsaesPkcs1V1_5;
        assert!(Wrapping::from_wire(old, WrappingKeySpec::Rsa2048).is_none());
    }
}
