//! How key material travels to be imported: under RSA-OAEP, or under a new AES key that travels so (`CKM_RSA_AES_KEY_WRAP`
//! of PKCS #11; the material itself by AES key wrap with padding, RFC 5649).

use super::{Malformed, Secret, rsa_keys};
use aes_kw::{KeyInit, KwpAes256};
use base::Entropy;
use wire_kms::EncryptionAlgorithmSpec;
use zeroize::Zeroizing;

/// Bytes by which a wrapped key is longer than a key whose length is a multiple of eight.
const OVERHEAD_BYTES: usize = 8;

/// What `wrapped` holds. `private` is the RSA key, of `bits` bits; `by_aes` tells the two ways apart, `oaep` is by which
/// hash RSA-OAEP works.
pub fn unwrap(
    private: &[u8],
    bits: usize,
    oaep: EncryptionAlgorithmSpec,
    by_aes: bool,
    wrapped: &[u8],
    entropy: &dyn Entropy,
) -> Result<Secret, Malformed> {
    if !by_aes {
        return rsa_keys::decrypt(private, oaep, wrapped, entropy);
    }
    let (wrapped_key, wrapped) = wrapped.split_at_checked(bits / 8).ok_or(Malformed)?;
    let key = rsa_keys::decrypt(private, oaep, wrapped_key, entropy)?;
    let cipher = KwpAes256::new_from_slice(&key).map_err(|_| Malformed)?;
    let bytes = wrapped.len().checked_sub(OVERHEAD_BYTES).ok_or(Malformed)?;
    let mut material = Zeroizing::new(vec![0; bytes]);
    let length = cipher.unwrap_key(wrapped, &mut material).map_err(|_| Malformed)?.len();
    material.truncate(length);
    Ok(material)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::SeededEntropy;

    #[test]
    fn both_ways() {
        let (entropy, bits) = (SeededEntropy::new(1), 2048);
        let private = rsa_keys::generate(bits, &entropy);
        let public = rsa_keys::public_key(bits, &private).unwrap();
        let oaep = EncryptionAlgorithmSpec::RsaesOaepSha256;
        let encrypt = |text: &[u8]| rsa_keys::encrypt(&public, oaep, text, &entropy).unwrap();
        let open = |by_aes, wrapped: &[u8]| unwrap(&private, bits, oaep, by_aes, wrapped, &entropy);
        assert_eq!(open(false, &encrypt(b"material")).unwrap()[..], b"material"[..]);
        // Seven bytes, so that there is padding.
        let (key, material) = ([9; 32], [5; 7]);
        let mut buffer = [0; 16];
        let cipher = KwpAes256::new_from_slice(&key).unwrap();
        let wrapped = cipher.wrap_key(&material, &mut buffer).unwrap();
        let whole = [encrypt(&key), wrapped.to_vec()].concat();
        assert_eq!(open(true, &whole).unwrap()[..], material[..]);
        let last = whole.len() - 1;
        let mut changed = whole.clone();
        changed[last] ^= 1;
        for bad in [&whole[..last], &changed, &whole[..256], &whole[..100], b"", &encrypt(&key)] {
            assert!(open(true, bad).is_err());
        }
        assert!(open(false, &whole).is_err());
    }

    /// RFC 5649 has vectors for keys of 192 bits only; this one comes from another implementation of it, with
    /// `0x00..0x1f` as the key and `0x00..0x13` as the text.
    #[test]
    fn another_implementation() {
        let key: Vec<u8> = (0..32).collect();
        let cipher = KwpAes256::new_from_slice(&key).unwrap();
        let mut buffer = [0; 32];
        let text: Vec<u8> = (0..20).collect();
        let wrapped = cipher.wrap_key(&text, &mut buffer).unwrap();
        let hex: String = wrapped.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "22d7fffc96b7adad9391ac9230d46b810e82e0f101f19e83e358f32ac9d407b6");
    }
}
