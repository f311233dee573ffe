//! Ids of access keys, which tell the account that they belong to.

use crate::AccountId;

/// RFC 4648, section 6.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// `prefix` (`AKIA` or `ASIA`) and 16 characters of Base32 that hold a set bit, the account in 40 bits and 39 bits of
/// `random`. AWS's own ids have held the account there since 2019.
pub fn access_key_id(prefix: &str, account: AccountId, random: [u8; 5]) -> String {
    let [first, rest @ ..] = random;
    let account = 1 << 47 | account.number() << 7 | u64::from(first & 0x7f);
    let bits = u128::from(account) << 32 | u128::from(u32::from_be_bytes(rest));
    let digits = (0..16).rev().map(|at| char::from(BASE32[(bits >> (5 * at) & 31) as usize]));
    prefix.chars().chain(digits).collect()
}

/// The account that an id holds; none if it is not of this form.
pub fn access_key_account(access_key_id: &str) -> Option<AccountId> {
    let digits = access_key_id.strip_prefix("AKIA").or(access_key_id.strip_prefix("ASIA"))?;
    if digits.len() != 16 {
        return None;
    }
    let mut bits = 0_u128;
    for digit in digits.bytes() {
        bits = bits << 5 | BASE32.iter().position(|b| *b == digit)? as u128;
    }
    let has_account = bits >> 79 == 1;
    let number = (bits >> 39) as u64 & ((1 << 40) - 1);
    has_account.then(|| AccountId::parse(&format!("{number:012}"))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_told() {
        for text in ["000000000000", "123456789012", "999999999999"] {
            let account = AccountId::parse(text).unwrap();
            let id = access_key_id("ASIA", account, [0xff; 5]);
            assert_eq!(id.len(), 20);
            assert_eq!(access_key_account(&id), Some(account));
        }
        for other in
            ["", "test", "AKIAIOSFODNN7EXAMPLE", "ASIA0000000000000000", "AROAAAAAAAAAAAAAAAAA"]
        {
            assert_eq!(access_key_account(other), None, "{other}");
        }
    }
}
