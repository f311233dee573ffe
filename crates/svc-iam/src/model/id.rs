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
