//! Messages about denials, sealed so that only their account can read them.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use base::{AccountId, Entropy};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

const NONCE_BYTES: usize = 12;

/// The key that seals them.
pub struct Messages(Aes256Gcm);

impl Messages {
    /// Derives its key from the cloud's root key.
    pub fn new(root_key: &[u8; 32]) -> Self {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(root_key).expect("HMAC takes keys of any length");
        mac.update(b"nuage sts authorization message 1");
        let key: [u8; 32] = mac.finalize().into_bytes().into();
        Messages(Aes256Gcm::new(&Key::<Aes256Gcm>::from(key)))
    }

    /// `text`, readable for `account` alone.
    pub fn seal(&self, text: &str, account: AccountId, entropy: &dyn Entropy) -> String {
        let mut nonce = [0; NONCE_BYTES];
        entropy.fill(&mut nonce);
        let account = account.to_string();
        let payload = Payload { msg: text.as_bytes(), aad: account.as_bytes() };
        let sealed = self.0.encrypt(&Nonce::from(nonce), payload);
        let sealed = sealed.expect("messages are far below the cipher's limit of 64 GiB");
        URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat())
    }

    /// The text, if it was sealed for `account`.
    pub fn open(&self, message: &str, account: AccountId) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode(message).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>()?;
        let account = account.to_string();
        let payload = Payload { msg: sealed, aad: account.as_bytes() };
        let text = self.0.decrypt(&Nonce::from(*nonce), payload).ok()?;
        String::from_utf8(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::SeededEntropy;

    #[test]
    fn for_their_account_only() {
        let (account, other) =
            (AccountId::parse("123456789012").unwrap(), AccountId::parse("000000000001").unwrap());
        let messages = Messages::new(&[7; 32]);
        let sealed = messages.seal("{\"allowed\":false}", account, &SeededEntropy::new(1));
        assert_eq!(messages.open(&sealed, account).as_deref(), Some("{\"allowed\":false}"));
        assert_eq!(messages.open(&sealed, other), None);
        assert_eq!(Messages::new(&[8; 32]).open(&sealed, account), None);
        for bad in ["", "AAAA", "not base64!", &sealed[..sealed.len() - 2]] {
            assert_eq!(messages.open(bad, account), None, "{bad}");
        }
    }
}
