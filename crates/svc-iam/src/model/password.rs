//! Passwords: which ones an account accepts, and what is kept of them.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html>

use pbkdf2::pbkdf2_hmac_array;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// Rounds of PBKDF2 with HMAC-SHA-256, as OWASP's password storage cheat sheet advises.
const ROUNDS: u32 = 600_000;
/// The symbols that count.
const SYMBOLS: &str = "!@#$%^&*()_+-=[]{}|'";
/// The shortest password where the account says nothing.
const DEFAULT_LENGTH_MIN: usize = 8;

/// An account's rules.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PasswordPolicy {
    /// Characters, 6 to 128.
    pub length_min: u16,
    /// One of [`SYMBOLS`] is needed.
    pub needs_symbol: bool,
    /// A digit is needed.
    pub needs_number: bool,
    /// A letter from A to Z is needed.
    pub needs_uppercase: bool,
    /// A letter from a to z is needed.
    pub needs_lowercase: bool,
    /// Users need no permission to change their own password.
    pub users_may_change: bool,
    /// Days after which a password expires, 1 to 1,095.
    pub age_days_max: Option<u16>,
    /// How many former passwords are refused, 1 to 24.
    pub remembered: Option<u16>,
    /// Whether nobody may replace an expired password of their own.
    pub hard_expiry: Option<bool>,
}

/// Why a password is refused, in a sentence.
pub fn check(policy: Option<&PasswordPolicy>, user: &str, password: &str) -> Result<(), String> {
    let any = |is: &dyn Fn(char) -> bool| password.chars().any(is);
    let upper = any(&|c| c.is_ascii_uppercase());
    let lower = any(&|c| c.is_ascii_lowercase());
    let number = any(&|c| c.is_ascii_digit());
    let symbol = any(&|c| SYMBOLS.contains(c));
    let length_min = policy.map_or(DEFAULT_LENGTH_MIN, |policy| policy.length_min.into());
    if password.chars().count() < length_min {
        return Err(format!("Password should have a minimum length of {length_min}"));
    }
    match policy {
        None if [upper, lower, number, symbol].into_iter().filter(|has| *has).count() < 3 => {
            Err("Password does not conform to the account password policy.".to_string())
        }
        None if password.eq_ignore_ascii_case(user) => {
            Err("Password should not be the same as the user name".to_string())
        }
        None => Ok(()),
        Some(policy) => {
            let needs = [
                (policy.needs_uppercase, upper, "uppercase letter"),
                (policy.needs_lowercase, lower, "lowercase letter"),
                (policy.needs_number, number, "number"),
                (policy.needs_symbol, symbol, "symbol"),
            ];
            match needs.into_iter().find(|(needed, has, _)| *needed && !has) {
                Some((_, _, what)) => Err(format!("Password should have at least one {what}")),
                None => Ok(()),
            }
        }
    }
}

/// What is kept of a password. Slow on purpose: about 0.1 s.
pub fn hash(password: &str, salt: &[u8]) -> [u8; 32] {
    pbkdf2_hmac_array::<Sha256, 32>(password.as_bytes(), salt, ROUNDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules() {
        assert!(check(None, "ann", "Abcdefg1").is_ok());
        assert!(check(None, "ann", "abcdefg1").is_err());
        assert!(check(None, "Abcdefg1", "Abcdefg1").is_err());
        let policy = PasswordPolicy {
            length_min: 10,
            needs_symbol: true,
            needs_number: false,
            needs_uppercase: true,
            needs_lowercase: false,
            users_may_change: false,
            age_days_max: None,
            remembered: None,
            hard_expiry: None,
        };
        let text = |password: &str| check(Some(&policy), "ann", password).unwrap_err();
        assert_eq!(text("ABC"), "Password should have a minimum length of 10");
        assert_eq!(text("abcdefghij!"), "Password should have at least one uppercase letter");
        assert_eq!(text("ABCDEFGHIJ"), "Password should have at least one symbol");
        assert!(check(Some(&policy), "ann", "ABCDEFGHIJ!").is_ok());
    }
}
