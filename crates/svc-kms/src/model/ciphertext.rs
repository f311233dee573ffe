//! The form of what `Encrypt` answers for symmetric keys.
//!
//! A version, the account, the id of the key and of its material, a nonce, the ciphertext and its tag. All before the
//! nonce and the encryption context are authenticated with the ciphertext. The region is not in it: a ciphertext of a
//! multi-Region key opens wherever the key is.

use crate::errors::{self, Error};
use base::AccountId;
use std::collections::BTreeMap;

/// AWS's blobs begin so too.
const VERSION: u8 = 1;
/// A material's id.
pub const MATERIAL_ID_BYTES: usize = 32;

/// A ciphertext, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub struct Ciphertext<'a> {
    /// Whose key encrypted it.
    pub account: AccountId,
    /// Which.
    pub key_id: &'a str,
    /// With which material.
    pub material_id: [u8; MATERIAL_ID_BYTES],
    /// The bytes before the nonce.
    header: &'a [u8],
    /// Nonce, ciphertext and tag.
    pub sealed: &'a [u8],
}

impl<'a> Ciphertext<'a> {
    /// Takes a blob apart; checks its form only.
    pub fn parse(blob: &'a [u8]) -> Option<Self> {
        let (version, rest) = blob.split_first()?;
        let (account, rest) = rest.split_first_chunk::<8>()?;
        let (length, rest) = rest.split_first()?;
        let (key_id, rest) = rest.split_at_checked(usize::from(*length))?;
        let (material_id, sealed) = rest.split_first_chunk::<MATERIAL_ID_BYTES>()?;
        let account = AccountId::parse(&format!("{:012}", u64::from_be_bytes(*account)))?;
        let key_id = std::str::from_utf8(key_id).ok()?;
        let header = &blob[..blob.len() - sealed.len()];
        let valid = *version == VERSION && super::key_ref::is_key_id(key_id);
        valid.then_some(Ciphertext { account, key_id, material_id: *material_id, header, sealed })
    }

    /// What is authenticated beside the plaintext.
    pub fn associated_data(&self, context: &BTreeMap<String, String>) -> Vec<u8> {
        associated_data(self.header, context)
    }
}

/// The bytes before the nonce.
pub fn header(account: AccountId, key_id: &str, material_id: &[u8; MATERIAL_ID_BYTES]) -> Vec<u8> {
    let mut header = vec![VERSION];
    header.extend_from_slice(&account.number().to_be_bytes());
    // Ids have 36 characters.
    header.push(key_id.len() as u8);
    header.extend_from_slice(key_id.as_bytes());
    header.extend_from_slice(material_id);
    header
}

/// The header and the encryption context, in the order of its keys, each text with its length before it.
pub fn associated_data(header: &[u8], context: &BTreeMap<String, String>) -> Vec<u8> {
    let mut data = header.to_vec();
    for text in context.iter().flat_map(|(key, value)| [key, value]) {
        // Bounded by limits::CONTEXT_BYTES_MAX.
        data.extend_from_slice(&(text.len() as u32).to_be_bytes());
        data.extend_from_slice(text.as_bytes());
    }
    data
}

/// The encryption context of a request.
pub fn context(
    given: Option<&BTreeMap<String, String>>,
) -> Result<BTreeMap<String, String>, Error> {
    let context = given.cloned().unwrap_or_default();
    let bytes: usize = context.iter().map(|(key, value)| key.len() + value.len()).sum();
    if bytes > crate::limits::CONTEXT_BYTES_MAX {
        return Err(errors::context_too_long());
    }
    Ok(context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let account = AccountId::parse("123456789012").unwrap();
        let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
        let mut blob = header(account, id, &[7; 32]);
        blob.extend_from_slice(b"sealed");
        let parsed = Ciphertext::parse(&blob).unwrap();
        assert_eq!((parsed.account, parsed.key_id, parsed.sealed), (account, id, &b"sealed"[..]));
        for end in 0..blob.len() - 6 {
            assert!(Ciphertext::parse(&blob[..end]).is_none(), "{end} bytes");
        }
        blob[0] = 2;
        assert!(Ciphertext::parse(&blob).is_none());
    }

    #[test]
    fn contexts_cannot_be_mistaken_for_each_other() {
        let context = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
            associated_data(b"h", &pairs)
        };
        let all = [
            context(&[]),
            context(&[("a", "bc")]),
            context(&[("ab", "c")]),
            context(&[("a", "b"), ("c", "")]),
        ];
        for (index, one) in all.iter().enumerate() {
            assert!(all[..index].iter().all(|other| other != one));
        }
    }
}
