//! What an identity provider publishes of itself: SAML 2.0 metadata.

use super::certificate;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// What is needed of the metadata.
#[derive(Debug, PartialEq, Eq)]
pub struct Metadata {
    /// The provider's own name.
    pub entity_id: String,
    /// Certificates with whose keys it signs, in DER.
    pub signing_certificates: Vec<Vec<u8>>,
    /// `validUntil` as it was written.
    pub valid_until: Option<String>,
}

/// None if it is no metadata of an identity provider that signs with a key of a certificate.
pub fn parse(text: &str) -> Option<Metadata> {
    let mut reader = Reader::from_str(text);
    let mut metadata =
        Metadata { entity_id: String::new(), signing_certificates: Vec::new(), valid_until: None };
    let (mut in_provider, mut signs, mut is_certificate) = (false, true, false);
    loop {
        match reader.read_event().ok()? {
            Event::Start(element) => match element.local_name().as_ref() {
                "EntityDescriptor" => {
                    metadata.entity_id = attribute(&element, "entityID")?;
                    metadata.valid_until = attribute(&element, "validUntil");
                }
                "IDPSSODescriptor" => in_provider = true,
                "KeyDescriptor" => {
                    signs = attribute(&element, "use").is_none_or(|usage| usage == "signing");
                }
                "X509Certificate" => is_certificate = in_provider && signs,
                _ => {}
            },
            Event::Text(content) if is_certificate => {
                let der = certificate::base64(&content)?;
                certificate::of_der(&der)?;
                metadata.signing_certificates.push(der);
            }
            Event::End(element) => match element.local_name().as_ref() {
                "IDPSSODescriptor" => in_provider = false,
                "X509Certificate" => is_certificate = false,
                _ => {}
            },
            // Entities of one's own are how XML reads files and grows without bound.
            Event::DocType(_) => return None,
            Event::Eof => break,
            _ => {}
        }
    }
    let is_provider = !metadata.entity_id.is_empty() && !metadata.signing_certificates.is_empty();
    is_provider.then_some(metadata)
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = element.try_get_attribute(name).ok()??;
    Some(attribute.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_metadata() {
        assert_eq!(parse("x"), None);
        assert_eq!(parse("<EntityDescriptor entityID='a'/>"), None);
        assert_eq!(parse("<!DOCTYPE x [<!ENTITY e 'v'>]><EntityDescriptor entityID='&e;'/>"), None);
    }
}
