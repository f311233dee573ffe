//! Encrypted assertions: AES-GCM under a key that travels by RSA-OAEP. <https://www.w3.org/TR/xmlenc-core1/>
//!
//! AES-CBC is refused: nothing authenticates its ciphertexts, so that whoever changes them learns their text from the
//! answers. For the same reason every failure here looks alike.

use super::{DS, SAML, child, text};
use crate::model::chance::Chance;
use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes128Gcm, Aes256Gcm, Nonce};
use base::Entropy;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roxmltree::Node;
use rsa::pkcs8::DecodePrivateKey;
use rsa::{Oaep, RsaPrivateKey};
use sha1::Sha1;
use sha2::Sha256;

const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
const XENC11: &str = "http://www.w3.org/2009/xmlenc11#";
const NONCE_BYTES: usize = 12;

/// The text of the assertion in an `EncryptedAssertion`, if one of `private_keys` (PKCS #8 in DER) opens it.
pub fn decrypt(
    encrypted: Node<'_, '_>,
    private_keys: &[Vec<u8>],
    entropy: &dyn Entropy,
) -> Option<String> {
    let data = child(encrypted, (XENC, "EncryptedData"))?;
    let in_data = child(data, (DS, "KeyInfo")).and_then(|info| child(info, (XENC, "EncryptedKey")));
    // It may stand beside the data too: section 2.2.4 of SAML 2.0's core.
    let wrapped = in_data.or_else(|| child(encrypted, (XENC, "EncryptedKey")))?;
    let algorithm = child(data, (XENC, "EncryptionMethod"))?.attribute("Algorithm")?;
    let sealed = cipher_value(data)?;
    let opened = private_keys.iter().find_map(|der| {
        let key = unwrap(wrapped, &RsaPrivateKey::from_pkcs8_der(der).ok()?, entropy)?;
        open(algorithm, &key, &sealed)
    });
    String::from_utf8(opened?).ok()
}

fn open(algorithm: &str, key: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
    let nonce = Nonce::from(*nonce);
    match algorithm.strip_prefix(XENC11)? {
        "aes128-gcm" => Aes128Gcm::new_from_slice(key).ok()?.decrypt(&nonce, sealed).ok(),
        "aes256-gcm" => Aes256Gcm::new_from_slice(key).ok()?.decrypt(&nonce, sealed).ok(),
        _ => None,
    }
}

/// The key in an `EncryptedKey`.
fn unwrap(wrapped: Node<'_, '_>, key: &RsaPrivateKey, entropy: &dyn Entropy) -> Option<Vec<u8>> {
    let method = child(wrapped, (XENC, "EncryptionMethod"))?;
    let digest = child(method, (DS, "DigestMethod")).and_then(|node| node.attribute("Algorithm"));
    let digest_is_sha256 = match digest {
        None | Some("http://www.w3.org/2000/09/xmldsig#sha1") => false,
        Some("http://www.w3.org/2001/04/xmlenc#sha256") => true,
        Some(_) => return None,
    };
    let mask = child(method, (XENC11, "MGF")).and_then(|node| node.attribute("Algorithm"));
    let mask_is_sha256 = match (method.attribute("Algorithm")?, mask) {
        ("http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p", _) => false,
        ("http://www.w3.org/2009/xmlenc11#rsa-oaep", None) => false,
        ("http://www.w3.org/2009/xmlenc11#rsa-oaep", Some(mask)) => match mask {
            "http://www.w3.org/2009/xmlenc11#mgf1sha1" => false,
            "http://www.w3.org/2009/xmlenc11#mgf1sha256" => true,
            _ => return None,
        },
        _ => return None,
    };
    let (value, chance) = (cipher_value(wrapped)?, &mut Chance(entropy));
    match (digest_is_sha256, mask_is_sha256) {
        (false, false) => key.decrypt_blinded(chance, Oaep::<Sha1>::new(), &value),
        (true, true) => key.decrypt_blinded(chance, Oaep::<Sha256>::new(), &value),
        (true, false) => {
            key.decrypt_blinded(chance, Oaep::<Sha256, Sha1>::new_with_mgf_hash(), &value)
        }
        (false, true) => {
            key.decrypt_blinded(chance, Oaep::<Sha1, Sha256>::new_with_mgf_hash(), &value)
        }
    }
    .ok()
}

fn cipher_value(element: Node<'_, '_>) -> Option<Vec<u8>> {
    let data = child(element, (XENC, "CipherData"))?;
    let value = text(child(data, (XENC, "CipherValue"))?)?;
    let compact: String = value.split_ascii_whitespace().collect();
    STANDARD.decode(compact).ok()
}

/// Whether an element is an assertion that only its receiver can read.
pub fn is_encrypted(node: &Node<'_, '_>) -> bool {
    node.has_tag_name((SAML, "EncryptedAssertion"))
}
