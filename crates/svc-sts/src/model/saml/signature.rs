//! Enveloped XML signatures, as the SAML profile of them allows: one reference, to the element that carries the
//! signature. <https://www.w3.org/TR/xmldsig-core1/> and section 5.4 of SAML 2.0's core.
//!
//! Keys come from the provider's metadata; what `KeyInfo` says is not looked at. SHA-1 is refused.

use super::canonical::canonical;
use super::{DS, child, text};
use crate::limits;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::pkcs8::DecodePublicKey;
use roxmltree::Node;
use rsa::RsaPublicKey;
use rsa::pkcs1v15;
use rsa::signature::Verifier;
use rsa::traits::PublicKeyParts;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// Exclusive canonicalization, and the namespace of its parameters.
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
/// Fewest bits of an RSA key.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml.html>
const RSA_BITS_MIN: u32 = 1_024;

/// The keys with which a provider signs.
pub struct Keys(Vec<Key>);

enum Key {
    Rsa(Box<RsaPublicKey>),
    P256(Box<p256::ecdsa::VerifyingKey>),
    P384(Box<p384::ecdsa::VerifyingKey>),
    P521(Box<p521::ecdsa::VerifyingKey>),
}

impl Keys {
    /// Of public keys as certificates hold them: `SubjectPublicKeyInfo` in DER. Others than RSA's and those on NIST's
    /// curves are left out.
    pub fn of(public_keys: &[Vec<u8>]) -> Self {
        Keys(public_keys.iter().filter_map(|der| Key::of(der)).collect())
    }
}

impl Key {
    fn of(der: &[u8]) -> Option<Self> {
        if let Ok(key) = RsaPublicKey::from_public_key_der(der) {
            return (key.n().bits_vartime() >= RSA_BITS_MIN).then(|| Key::Rsa(Box::new(key)));
        }
        if let Ok(key) = p256::ecdsa::VerifyingKey::from_public_key_der(der) {
            return Some(Key::P256(Box::new(key)));
        }
        if let Ok(key) = p384::ecdsa::VerifyingKey::from_public_key_der(der) {
            return Some(Key::P384(Box::new(key)));
        }
        let key = p521::ecdsa::VerifyingKey::from_public_key_der(der).ok()?;
        Some(Key::P521(Box::new(key)))
    }

    /// The algorithms are those of RFC 6931; on each curve the one whose hash has its size.
    fn verifies(&self, algorithm: &str, text: &[u8], signature: &[u8]) -> bool {
        let name = algorithm.strip_prefix("http://www.w3.org/2001/04/xmldsig-more#");
        match (self, name.unwrap_or_default()) {
            (Key::Rsa(key), "rsa-sha256") => {
                verified(&pkcs1v15::VerifyingKey::<Sha256>::new((**key).clone()), text, signature)
            }
            (Key::Rsa(key), "rsa-sha384") => {
                verified(&pkcs1v15::VerifyingKey::<Sha384>::new((**key).clone()), text, signature)
            }
            (Key::Rsa(key), "rsa-sha512") => {
                verified(&pkcs1v15::VerifyingKey::<Sha512>::new((**key).clone()), text, signature)
            }
            (Key::P256(key), "ecdsa-sha256") => {
                verified::<p256::ecdsa::Signature>(&**key, text, signature)
            }
            (Key::P384(key), "ecdsa-sha384") => {
                verified::<p384::ecdsa::Signature>(&**key, text, signature)
            }
            (Key::P521(key), "ecdsa-sha512") => {
                verified::<p521::ecdsa::Signature>(&**key, text, signature)
            }
            _ => false,
        }
    }
}

fn verified<S>(key: &dyn Verifier<S>, text: &[u8], signature: &[u8]) -> bool
where
    S: for<'a> TryFrom<&'a [u8]>,
{
    S::try_from(signature).is_ok_and(|signature| key.verify(text, &signature).is_ok())
}

/// Whether `signature`, a child of `signed`, covers all of `signed` but itself, and one of `keys` made it.
pub fn verifies(signature: Node<'_, '_>, signed: Node<'_, '_>, keys: &Keys) -> bool {
    check(signature, signed, keys).unwrap_or(false)
}

fn check<'a>(signature: Node<'a, 'a>, signed: Node<'a, 'a>, keys: &Keys) -> Option<bool> {
    let info = child(signature, (DS, "SignedInfo"))?;
    if !covers(info, signature, signed)? {
        return Some(false);
    }
    let method = child(info, (DS, "CanonicalizationMethod"))?;
    let octets = canonical(info, None, &exclusive(method)?);
    let algorithm = child(info, (DS, "SignatureMethod"))?.attribute("Algorithm")?;
    let value = base64(child(signature, (DS, "SignatureValue"))?)?;
    Some(keys.0.iter().any(|key| key.verifies(algorithm, &octets, &value)))
}

/// Whether the reference in `info` is to `signed`, and its digest is right.
fn covers<'a>(info: Node<'a, 'a>, signature: Node<'a, 'a>, signed: Node<'a, 'a>) -> Option<bool> {
    let reference = child(info, (DS, "Reference"))?;
    let id = signed.attribute("ID").filter(|id| !id.is_empty())?;
    if reference.attribute("URI")?.strip_prefix('#')? != id {
        return Some(false);
    }
    let transforms = child(reference, (DS, "Transforms"))?;
    let transforms: Vec<_> = transforms.children().filter(Node::is_element).collect();
    let [enveloped, exclusive_] = transforms[..] else { return None };
    let is_transform = |node: &Node<'_, '_>| node.has_tag_name((DS, "Transform"));
    if !transforms.iter().all(is_transform) || enveloped.attribute("Algorithm")? != ENVELOPED {
        return None;
    }
    let octets = canonical(signed, Some(signature.id()), &exclusive(exclusive_)?);
    let digest = match child(reference, (DS, "DigestMethod"))?.attribute("Algorithm")? {
        "http://www.w3.org/2001/04/xmlenc#sha256" => Sha256::digest(&octets).to_vec(),
        "http://www.w3.org/2001/04/xmldsig-more#sha384" => Sha384::digest(&octets).to_vec(),
        "http://www.w3.org/2001/04/xmlenc#sha512" => Sha512::digest(&octets).to_vec(),
        _ => return None,
    };
    Some(digest == base64(child(reference, (DS, "DigestValue"))?)?)
}

/// The prefixes that are written inclusively; none where the algorithm is another one.
fn exclusive<'a>(method: Node<'a, 'a>) -> Option<Vec<&'a str>> {
    if method.attribute("Algorithm")? != EXCLUSIVE {
        return None;
    }
    let elements = method.children().filter(Node::is_element).count();
    match child(method, (EXCLUSIVE, "InclusiveNamespaces")) {
        Some(namespaces) if elements == 1 => {
            let prefixes = namespaces.attribute("PrefixList")?.split_ascii_whitespace();
            let prefixes: Vec<_> = prefixes.take(limits::SAML_INCLUSIVE_PREFIXES_MAX + 1).collect();
            (prefixes.len() <= limits::SAML_INCLUSIVE_PREFIXES_MAX).then_some(prefixes)
        }
        None if elements == 0 => Some(Vec::new()),
        _ => None,
    }
}

fn base64(element: Node<'_, '_>) -> Option<Vec<u8>> {
    let compact: String = text(element)?.split_ascii_whitespace().collect();
    STANDARD.decode(compact).ok()
}
