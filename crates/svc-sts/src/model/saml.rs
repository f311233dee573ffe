//! SAML 2.0 responses as identity providers make them, with the HTTP POST binding.
//! <https://docs.oasis-open.org/security/saml/v2.0/saml-core-2.0-os.pdf>
//!
//! Whatever is believed is read from the one assertion that a signature covers: it is found in the tree as the element
//! that carries the signature (or whose parent, the response, carries it), never by a search for a name. A response with
//! two assertions, with an identifier twice, with a DTD or with a signature elsewhere is refused as a whole.

mod assertion;
mod canonical;
mod encryption;
mod signature;

pub use assertion::{Assertion, RolePair};
pub use signature::Keys;

use crate::{errors, limits};
use base::Entropy;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roxmltree::{Document, Node, ParsingOptions};
use std::collections::HashSet;

/// The namespace of assertions.
const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
/// The namespace of the messages that carry them.
const SAMLP: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
/// The namespace of signatures.
const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
/// What a response says of a user that was recognized.
const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";

/// The text of a response: base64, lines of any length.
pub fn decode(encoded: &str) -> Result<String, wire::Error> {
    let compact: String = encoded.split_ascii_whitespace().collect();
    let bytes = STANDARD.decode(compact).map_err(|_| errors::saml_not_base64())?;
    String::from_utf8(bytes).map_err(|_| errors::not_a_saml_response())
}

/// The tree of a response; nothing of it is believed yet.
pub fn parse(text: &str) -> Result<Document<'_>, wire::Error> {
    tree(text, (SAMLP, "Response"))
}

/// A tree that everybody reads alike.
fn tree<'a>(text: &'a str, root: (&str, &str)) -> Result<Document<'a>, wire::Error> {
    let options = ParsingOptions {
        // Entities of one's own are how XML reads files, grows without bound, and says different things to two readers.
        allow_dtd: false,
        nodes_limit: limits::SAML_NODES_MAX,
        ..ParsingOptions::default()
    };
    let document =
        Document::parse_with_options(text, options).map_err(|_| errors::not_a_saml_response())?;
    let is_sound = document.root_element().has_tag_name(root)
        && depth_is_bounded(&document)
        && namespaces_are_bounded(&document)
        && identifiers_are_unique(&document);
    if is_sound { Ok(document) } else { Err(errors::not_a_saml_response()) }
}

/// Who may have made a response, and what opens it.
pub struct Provider<'a> {
    /// The keys with which it signs.
    pub keys: Keys,
    /// The keys for which it encrypts: PKCS #8 in DER.
    pub private_keys: &'a [Vec<u8>],
    /// Whether it must encrypt.
    pub encryption_required: bool,
}

/// The response's assertion, if the provider signed it or the whole response, and what it says is that it recognized the
/// user.
pub fn verify<'a>(
    document: &'a Document<'a>,
    provider: &Provider<'_>,
    entropy: &dyn Entropy,
) -> Result<Assertion, wire::Error> {
    let response = document.root_element();
    if status(response) != Some(SUCCESS) {
        return Err(errors::saml_status());
    }
    // One in the whole document: a second one, wherever it stands, is there to be confused with the first.
    let of_either_kind = |node: &Node<'_, '_>| is_assertion(node) || encryption::is_encrypted(node);
    let mut all = document.descendants().filter(of_either_kind);
    let (Some(found), None) = (all.next(), all.next()) else {
        return Err(errors::not_a_saml_response());
    };
    if found.parent() != Some(response) {
        return Err(errors::not_a_saml_response());
    }
    if is_assertion(&found) {
        if provider.encryption_required {
            return Err(errors::saml_not_encrypted());
        }
        return match check_signatures(document, &[response, found], &provider.keys)? {
            0 => Err(errors::saml_signature_invalid()),
            _ => Assertion::of(found),
        };
    }
    let outside = check_signatures(document, &[response], &provider.keys)?;
    let text = encryption::decrypt(found, provider.private_keys, entropy);
    let text = text.ok_or_else(errors::saml_not_decrypted)?;
    // What was inside is a document of its own: nothing around it can be mistaken for a part of it.
    let inner = tree(&text, (SAML, "Assertion"))?;
    let assertion = inner.root_element();
    if inner.descendants().filter(of_either_kind).count() != 1 {
        return Err(errors::not_a_saml_response());
    }
    match outside + check_signatures(&inner, &[assertion], &provider.keys)? {
        0 => Err(errors::saml_signature_invalid()),
        _ => Assertion::of(assertion),
    }
}

/// How many signatures there are. Every one in the document belongs to one of `signed`, and holds.
fn check_signatures<'a>(
    document: &'a Document<'a>,
    signed: &[Node<'a, 'a>],
    keys: &Keys,
) -> Result<usize, wire::Error> {
    let mut count = 0;
    for signature in document.descendants().filter(|node| node.has_tag_name((DS, "Signature"))) {
        let parent = signature.parent().filter(|parent| signed.contains(parent));
        let is_good = parent.is_some_and(|parent| signature::verifies(signature, parent, keys));
        if !is_good {
            return Err(errors::saml_signature_invalid());
        }
        count += 1;
    }
    Ok(count)
}

fn is_assertion(node: &Node<'_, '_>) -> bool {
    node.has_tag_name((SAML, "Assertion"))
}

/// `Status/StatusCode/@Value` of a response.
fn status<'a>(response: Node<'a, 'a>) -> Option<&'a str> {
    let status = child(response, (SAMLP, "Status"))?;
    child(status, (SAMLP, "StatusCode"))?.attribute("Value")
}

/// The element's only child element of that name.
fn child<'a>(parent: Node<'a, 'a>, name: (&str, &str)) -> Option<Node<'a, 'a>> {
    let mut all = parent.children().filter(|node| node.has_tag_name(name));
    let first = all.next()?;
    all.next().is_none().then_some(first)
}

/// The whole text of an element without child elements, its ends trimmed. Comments do not end it: canonical XML leaves
/// them out, so whoever stops at one reads less than what was signed.
fn text(element: Node<'_, '_>) -> Option<String> {
    let mut text = String::new();
    for node in element.children() {
        match node.node_type() {
            roxmltree::NodeType::Text => text.push_str(node.text().unwrap_or_default()),
            roxmltree::NodeType::Comment => {}
            _ => return None,
        }
    }
    Some(text.trim().to_string())
}

fn depth_is_bounded(document: &Document<'_>) -> bool {
    let (mut depth, mut node) = (0_usize, document.root());
    // Depth first, without a stack of calls.
    loop {
        if depth > limits::SAML_DEPTH_MAX {
            return false;
        }
        if let Some(first) = node.first_child() {
            (depth, node) = (depth + 1, first);
            continue;
        }
        loop {
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            let Some(parent) = node.parent() else { return true };
            (depth, node) = (depth - 1, parent);
        }
    }
}

/// Canonicalization looks through them for every element.
fn namespaces_are_bounded(document: &Document<'_>) -> bool {
    let max = limits::SAML_NAMESPACES_MAX;
    document.descendants().all(|node| node.namespaces().take(max + 1).count() <= max)
}

/// Whether nothing is called the same twice, by any of the attributes that somebody may take for an identifier.
fn identifiers_are_unique(document: &Document<'_>) -> bool {
    let mut seen = HashSet::new();
    let elements = document.descendants().filter(Node::is_element);
    let attributes = elements.flat_map(|element| {
        let is_id = |a: &roxmltree::Attribute<'_, '_>| a.name().eq_ignore_ascii_case("id");
        element.attributes().filter(is_id).map(|attribute| attribute.value())
    });
    attributes.into_iter().all(|id| seen.insert(id.to_string()))
}

#[cfg(test)]
mod tests;
