//! Unique ids and access keys.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes>

use base::{AccountId, Entropy};

/// The alphabet of RFC 4648's Base32.
const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A user's.
pub const USER: &str = "AIDA";
/// A group's.
pub const GROUP: &str = "AGPA";
/// A role's.
pub const ROLE: &str = "AROA";
/// A managed policy's.
pub const POLICY: &str = "ANPA";
/// An instance profile's.
pub const INSTANCE_PROFILE: &str = "AIPA";

/// A server certificate's.
pub const SERVER_CERTIFICATE: &str = "ASCA";
/// An SSH public key's.
pub const SSH_KEY: &str = "APKA";
/// A service-specific credential's.
pub const SERVICE_CREDENTIAL: &str = "ACCA";

/// 36 characters, of version 4: RFC 9562.
pub fn uuid(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = format!("{:032x}", u128::from_be_bytes(bytes));
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

/// A signing certificate's, a SAML provider's and its keys': 32 characters.
pub fn opaque(entropy: &dyn Entropy) -> String {
    entropy.text(32, BASE32)
}

/// 21 characters, as AWS makes them.
pub fn unique(entropy: &dyn Entropy, prefix: &str) -> String {
    format!("{prefix}{}", entropy.text(17, BASE32))
}

/// The id of a long-term access key: 20 characters, which tell the account as AWS's do, so that `GetAccessKeyInfo`
/// needs no row.
pub fn access_key(entropy: &dyn Entropy, account: AccountId) -> String {
    let mut random = [0; 5];
    entropy.fill(&mut random);
    base::access_key_id("AKIA", account, random)
}

/// 40 characters.
pub fn secret(entropy: &dyn Entropy) -> String {
    entropy.text(40, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
}

/// The password of a service-specific credential: 44 characters, which is Base64 of 32 bytes.
pub fn service_password(entropy: &dyn Entropy) -> String {
    use base64::Engine as _;
    let mut bytes = [0; 32];
    entropy.fill(&mut bytes);
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::SeededEntropy;

    #[test]
    fn forms() {
        let entropy = SeededEntropy::new(1);
        let user = unique(&entropy, USER);
        assert!(user.starts_with("AIDA") && user.len() == 21, "{user}");
        let account = AccountId::parse("123456789012").unwrap();
        let key = access_key(&entropy, account);
        assert!(key.starts_with("AKIA") && key.len() == 20, "{key}");
        assert_eq!(base::access_key_account(&key), Some(account));
        assert_eq!(secret(&entropy).len(), 40);
    }
}
