//! Responses signed here with a fixed key; the black-box tests sign with another implementation.

use super::*;
use base::Time;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use p256::pkcs8::EncodePublicKey;
use sha2::{Digest, Sha256};

const ISSUED_S: u64 = 1_700_000_000;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_slice(&[seed; 32]).unwrap()
}

fn keys(seed: u8) -> Keys {
    let der = key(seed).verifying_key().to_public_key_der().unwrap();
    Keys::of(&[der.as_bytes().to_vec()])
}

/// An assertion with `SIGNATURE` where its signature belongs.
fn assertion(id: &str, name: &str) -> String {
    format!(
        r#"<a:Assertion xmlns:a="{SAML}" ID="{id}" Version="2.0" IssueInstant="2023-11-14T22:13:20Z"><a:Issuer>idp</a:Issuer>SIGNATURE<a:Subject><a:NameID Format="{SAML}:x">{name}</a:NameID><a:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><a:SubjectConfirmationData Recipient="https://signin.aws.amazon.com/saml" NotOnOrAfter="2023-11-14T22:18:20Z"/></a:SubjectConfirmation></a:Subject><a:Conditions><a:AudienceRestriction><a:Audience>urn:amazon:webservices</a:Audience></a:AudienceRestriction></a:Conditions><a:AttributeStatement><a:Attribute Name="https://aws.amazon.com/SAML/Attributes/RoleSessionName"><a:AttributeValue>{name}</a:AttributeValue></a:Attribute></a:AttributeStatement></a:Assertion>"#
    )
}

fn response(content: &str) -> String {
    format!(
        r#"<p:Response xmlns:p="{SAMLP}" ID="r" Version="2.0"><p:Status><p:StatusCode Value="{SUCCESS}"/></p:Status>{content}</p:Response>"#
    )
}

/// Puts a signature of the element called `id` where `SIGNATURE` stands in the whole response.
fn sign(text: &str, id: &str, seed: u8) -> String {
    let bare = text.replace("SIGNATURE", "");
    let document = Document::parse(&bare).unwrap();
    let mut all = document.descendants();
    let signed = all.find(|node| node.attribute("ID") == Some(id)).unwrap();
    let digest = STANDARD.encode(Sha256::digest(canonical::canonical(signed, None, &[])));
    let info = format!(
        r##"<SignedInfo xmlns="{DS}"><CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></CanonicalizationMethod><SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"></SignatureMethod><Reference URI="#{id}"><Transforms><Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></Transform><Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></Transform></Transforms><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></DigestMethod><DigestValue>{digest}</DigestValue></Reference></SignedInfo>"##
    );
    let signature: Signature = key(seed).sign(info.as_bytes());
    let value = STANDARD.encode(signature.to_bytes());
    let info = info.replacen(&format!(" xmlns=\"{DS}\""), "", 1);
    let signature = format!(
        r#"<Signature xmlns="{DS}">{info}<SignatureValue>{value}</SignatureValue></Signature>"#
    );
    text.replace("SIGNATURE", &signature)
}

fn read(text: &str, seed: u8) -> Result<Assertion, String> {
    let document = parse(text).map_err(|error| error.message().to_string())?;
    let provider = Provider { keys: keys(seed), private_keys: &[], encryption_required: false };
    let entropy = base::SeededEntropy::new(1);
    verify(&document, &provider, &entropy).map_err(|error| error.message().to_string())
}

fn signed() -> String {
    sign(&response(&assertion("a", "ann@example")), "a", 1)
}

const INVALID: &str = "Invalid SAML response";
const FORGED: &str = "Response signature invalid";

#[test]
fn what_is_signed_is_believed() {
    let got = read(&signed(), 1).unwrap();
    assert_eq!((&*got.issuer, &*got.subject), ("idp", "ann@example"));
    assert_eq!(got.session_name, "ann@example");
    assert_eq!(read(&signed(), 2).unwrap_err(), FORGED);
    let unsigned = response(&assertion("a", "ann@example")).replace("SIGNATURE", "");
    assert_eq!(read(&unsigned, 1).unwrap_err(), FORGED);
    assert_eq!(read(&signed().replace("ann@", "bob@"), 1).unwrap_err(), FORGED);
    let whole = response(&assertion("a", "ann@example").replace("SIGNATURE", ""));
    let whole = whole.replace("<p:Status>", "SIGNATURE<p:Status>");
    assert_eq!(read(&sign(&whole, "r", 1), 1).unwrap().subject, "ann@example");
}

#[test]
fn comments_do_not_shorten_names() {
    let text = signed();
    let commented = text.replace("ann@example", "ann@<!-- x -->example");
    assert_eq!(read(&commented, 1).unwrap().subject, "ann@example");
    assert_eq!(read(&text.replace("ann@example", "ann@<b/>example"), 1).unwrap_err(), FORGED);
}

#[test]
fn wrapped_signatures() {
    let good = signed();
    let genuine = &good[good.find("<a:Assertion").unwrap()..good.find("</p:Response>").unwrap()];
    let evil = assertion("evil", "root").replace("SIGNATURE", "");
    // Before, behind and around the genuine one.
    for wrapped in [
        format!("{evil}{genuine}"),
        format!("{genuine}{evil}"),
        evil.replace("</a:Assertion>", &format!("{genuine}</a:Assertion>")),
        format!("{evil}<p:Extensions>{genuine}</p:Extensions>"),
        format!("<p:Extensions>{genuine}</p:Extensions>"),
    ] {
        assert_eq!(read(&response(&wrapped), 1).unwrap_err(), INVALID, "{wrapped}");
    }
    // The genuine signature, and what it covers, in another assertion.
    let start = genuine.find("<Signature").unwrap();
    let end = genuine.find("</Signature>").unwrap() + "</Signature>".len();
    let moved = assertion("a", "root").replace("SIGNATURE", &genuine[start..end]);
    assert_eq!(read(&response(&moved), 1).unwrap_err(), FORGED);
    let hidden = genuine.replacen("<a:Assertion", "<a:Advice", 1);
    let hidden = hidden.replacen("</a:Assertion>", "</a:Advice>", 1);
    let stolen = &genuine[start..end]
        .replace("</Signature>", &format!("<Object>{hidden}</Object></Signature>"));
    let moved = assertion("evil", "root").replace("SIGNATURE", stolen);
    assert_ne!(read(&response(&moved), 1).map(|a| a.subject).unwrap_or_default(), "root");
}

#[test]
fn documents_that_say_two_things() {
    let good = signed();
    let twice = good.replace("<p:Status>", "<p:Status id=\"a\">");
    assert_eq!(read(&twice, 1).unwrap_err(), INVALID);
    let dtd = format!("<!DOCTYPE x [<!ENTITY e \"v\">]>{good}");
    assert_eq!(read(&dtd, 1).unwrap_err(), INVALID);
    let deep = format!("{}{}", "<d>".repeat(100), "</d>".repeat(100));
    assert_eq!(read(&response(&deep), 1).unwrap_err(), INVALID);
    let names: String = (0..65).map(|n| format!(" xmlns:n{n}='u{n}'")).collect();
    assert_eq!(read(&response(&format!("<d{names}/>")), 1).unwrap_err(), INVALID);
    for bad in ["", "x", "<Response/>", "<p:Response xmlns:p='urn:x'/>"] {
        assert_eq!(read(bad, 1).unwrap_err(), INVALID);
    }
    let failed = good.replace(SUCCESS, "urn:oasis:names:tc:SAML:2.0:status:Requester");
    assert_eq!(read(&failed, 1).unwrap_err(), "The identity provider did not report success");
}

#[test]
fn times() {
    let got = read(&signed(), 1).unwrap();
    let check =
        |now_s: u64| got.check_time(Time::from_unix_s(now_s)).map_err(|e| e.message().to_string());
    assert_eq!(check(ISSUED_S), Ok(()));
    assert_eq!(check(ISSUED_S + 299), Ok(()));
    assert_eq!(check(ISSUED_S + 300), Err("Response has expired".to_string()));
    assert_eq!(check(ISSUED_S - 301), Err("Assertion is not yet valid".to_string()));
}

#[test]
fn for_aws_only() {
    let other = assertion("a", "ann@example").replace("urn:amazon:webservices", "urn:other");
    let got = read(&sign(&response(&other), "a", 1), 1).unwrap_err();
    assert_eq!(got, "Assertion is missing required audience");
    let other = assertion("a", "ann@example").replace("signin.aws.amazon.com", "evil.example");
    let got = read(&sign(&response(&other), "a", 1), 1).unwrap_err();
    assert_eq!(got, "Assertion is missing required recipient");
}
