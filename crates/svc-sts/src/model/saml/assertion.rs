//! What an assertion says: of whom, for whom, until when, and which of AWS's attributes it carries.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html>

use super::{SAML, child, text};
use crate::{errors, limits};
use base::Time;
use roxmltree::Node;
use std::collections::BTreeMap;
use wire_sts::Tag;

/// What AWS's own attributes begin with.
const ATTRIBUTES: &str = "https://aws.amazon.com/SAML/Attributes/";
const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
const NAME_FORMATS: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:";
/// What a name is whose format is left out: section 2.2.2 of SAML 2.0's core.
const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";
/// AWS's name as a receiver of assertions, beside its addresses.
const SERVICE: &str = "urn:amazon:webservices";
/// The address of AWS's sign-in without a region.
const SIGN_IN: &str = "signin.aws.amazon.com";

/// Attributes that are condition keys, by the names that directories use.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-saml>
const CONDITION_KEYS: &[(&str, &str)] = &[
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.1", "saml:edupersonaffiliation"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.2", "saml:edupersonnickname"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.3", "saml:edupersonorgdn"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.4", "saml:edupersonorgunitdn"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.5", "saml:edupersonprimaryaffiliation"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.6", "saml:edupersonprincipalname"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.7", "saml:edupersonentitlement"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.8", "saml:edupersonprimaryorgunitdn"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.9", "saml:edupersonscopedaffiliation"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.10", "saml:edupersontargetedid"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.11", "saml:edupersonassurance"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.2", "saml:eduorghomepageuri"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.3", "saml:eduorgidentityauthnpolicyuri"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.4", "saml:eduorglegalname"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.5", "saml:eduorgsuperioruri"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.6", "saml:eduorgwhitepagesuri"),
    ("urn:oid:2.5.4.3", "saml:cn"),
];

/// A role that a user may take on, and the provider that says so.
#[derive(Debug, PartialEq, Eq)]
pub struct RolePair {
    /// The role's ARN.
    pub role: String,
    /// The provider's ARN.
    pub provider: String,
}

/// An assertion whose signature was right. Times are in seconds since the epoch.
#[derive(Debug)]
pub struct Assertion {
    /// `Issuer`.
    pub issuer: String,
    /// `NameID`.
    pub subject: String,
    /// The format of `NameID`, without the prefix of SAML's own formats.
    pub subject_type: String,
    /// The receiver's address, among those of AWS.
    pub recipient: String,
    /// Until when the user's session at the provider lasts.
    pub session_end_s: Option<u64>,
    /// `Role`.
    pub roles: Vec<RolePair>,
    /// `RoleSessionName`.
    pub session_name: String,
    /// `SessionDuration`, 900 to 43,200 s.
    pub session_duration_s: Option<u64>,
    /// `PrincipalTag:…`.
    pub tags: Vec<Tag>,
    /// `TransitiveTagKeys`.
    pub transitive_tag_keys: Vec<String>,
    /// `SourceIdentity`.
    pub source_identity: Option<String>,
    /// Other attributes that policies know, by their condition keys.
    pub keys: BTreeMap<String, Vec<String>>,
    validity: Validity,
}

/// Between which times an assertion counts, in seconds since the epoch.
#[derive(Debug)]
struct Validity {
    issued_s: u64,
    from_s: u64,
    until_s: u64,
}

impl Assertion {
    /// Reads an assertion that was verified, and refuses one that is not for AWS.
    pub(super) fn of(element: Node<'_, '_>) -> Result<Self, wire::Error> {
        let attributes = attributes(element)?;
        let own = |name: &str| attributes.get(&*format!("{ATTRIBUTES}{name}"));
        let issuer = child(element, (SAML, "Issuer")).and_then(text);
        let (subject, subject_type, confirmation) = subject(element)?;
        let validity = validity(element, confirmation.until_s)?;
        let (tags, transitive_tag_keys) = tags(&attributes)?;
        let keys = CONDITION_KEYS.iter().filter_map(|(name, key)| {
            attributes.get(name).map(|values| (key.to_string(), values.clone()))
        });
        Ok(Assertion {
            issuer: issuer.ok_or_else(errors::not_a_saml_response)?,
            subject,
            subject_type,
            recipient: confirmation.recipient,
            session_end_s: session_end(element)?,
            roles: own("Role").into_iter().flatten().filter_map(|value| pair(value)).collect(),
            session_name: session_name(own("RoleSessionName"))?,
            session_duration_s: session_duration(own("SessionDuration"))?,
            tags,
            transitive_tag_keys,
            source_identity: source_identity(own("SourceIdentity"))?,
            keys: keys.collect(),
            validity,
        })
    }

    /// Refuses an assertion before and after its time; it must be used within five minutes.
    pub fn check_time(&self, now: Time) -> Result<(), wire::Error> {
        let now_s = now.unix_s();
        let skew_s = limits::TOKEN_SKEW.as_secs();
        let Validity { issued_s, from_s, until_s } = self.validity;
        if until_s <= now_s || self.session_end_s.is_some_and(|end_s| end_s <= now_s) {
            return Err(errors::saml_expired());
        }
        if issued_s + limits::SAML_REDEEMED_WITHIN.as_secs() < now_s {
            return Err(errors::saml_too_old());
        }
        if from_s.max(issued_s) > now_s + skew_s {
            return Err(errors::saml_not_yet_valid());
        }
        Ok(())
    }
}

/// How the user who brings the assertion is known to be the one that it is about.
struct Confirmation {
    recipient: String,
    until_s: u64,
}

/// The user's name, the format of the name, and the confirmation that is meant for AWS.
fn subject(element: Node<'_, '_>) -> Result<(String, String, Confirmation), wire::Error> {
    let bad = errors::not_a_saml_response;
    let subject = child(element, (SAML, "Subject")).ok_or_else(bad)?;
    let name_id = child(subject, (SAML, "NameID")).ok_or_else(bad)?;
    let name = text(name_id).filter(|name| !name.is_empty()).ok_or_else(bad)?;
    let format = name_id.attribute("Format").unwrap_or(UNSPECIFIED);
    let format = format.strip_prefix(NAME_FORMATS).unwrap_or(format);
    let confirmations =
        subject.children().filter(|node| node.has_tag_name((SAML, "SubjectConfirmation")));
    for confirmation in confirmations {
        if confirmation.attribute("Method") != Some(BEARER) {
            continue;
        }
        let details = child(confirmation, (SAML, "SubjectConfirmationData"));
        let Some(details) = details else { continue };
        let recipient = details.attribute("Recipient").unwrap_or_default();
        if is_address(recipient) {
            let until_s = seconds(details, "NotOnOrAfter")?.ok_or_else(bad)?;
            let confirmation = Confirmation { recipient: recipient.to_string(), until_s };
            return Ok((name, format.to_string(), confirmation));
        }
    }
    Err(errors::saml_wrong_recipient())
}

/// `https://signin.aws.amazon.com/saml`, the same of a region, and those that end with `/acs/` and a provider's id.
fn is_address(url: &str) -> bool {
    let Some((host, path)) = url.strip_prefix("https://").and_then(|rest| rest.split_once('/'))
    else {
        return false;
    };
    let region = host.strip_suffix(SIGN_IN).map(|region| region.strip_suffix('.'));
    let is_region = |text: &str| {
        let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        !text.is_empty() && text.bytes().all(is_plain)
    };
    let is_host = host == SIGN_IN || region.flatten().is_some_and(is_region);
    let id = path.strip_prefix("saml/acs/");
    let is_path = path == "saml"
        || id.is_some_and(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric()));
    is_host && is_path
}

fn validity(element: Node<'_, '_>, confirmed_until_s: u64) -> Result<Validity, wire::Error> {
    let bad = errors::not_a_saml_response;
    let issued_s = seconds(element, "IssueInstant")?.ok_or_else(bad)?;
    let conditions =
        child(element, (SAML, "Conditions")).ok_or_else(errors::saml_wrong_audience)?;
    let mut restrictions = conditions
        .children()
        .filter(|node| node.has_tag_name((SAML, "AudienceRestriction")))
        .peekable();
    // Each restriction must name this audience, and one must be there.
    let is_named = |restriction: Node<'_, '_>| {
        let mut audiences =
            restriction.children().filter(|node| node.has_tag_name((SAML, "Audience")));
        audiences.any(|node| text(node).is_some_and(|name| name == SERVICE || is_address(&name)))
    };
    if restrictions.peek().is_none() || !restrictions.all(is_named) {
        return Err(errors::saml_wrong_audience());
    }
    let until_s = seconds(conditions, "NotOnOrAfter")?.unwrap_or(u64::MAX);
    Ok(Validity {
        issued_s,
        from_s: seconds(conditions, "NotBefore")?.unwrap_or_default(),
        until_s: until_s.min(confirmed_until_s),
    })
}

/// The earliest `SessionNotOnOrAfter`.
fn session_end(element: Node<'_, '_>) -> Result<Option<u64>, wire::Error> {
    let mut earliest = None;
    let statements = element.children().filter(|node| node.has_tag_name((SAML, "AuthnStatement")));
    for statement in statements {
        let end_s = seconds(statement, "SessionNotOnOrAfter")?;
        earliest = [earliest, end_s].into_iter().flatten().min();
    }
    Ok(earliest)
}

/// The time in an attribute, in seconds since the epoch.
fn seconds(element: Node<'_, '_>, name: &str) -> Result<Option<u64>, wire::Error> {
    let Some(text) = element.attribute(name) else { return Ok(None) };
    let time = Some(text).filter(|text| text.contains('T')).and_then(wire::Timestamp::parse);
    let seconds = time.and_then(|time| u64::try_from(time.seconds()).ok());
    seconds.map(Some).ok_or_else(errors::not_a_saml_response)
}

/// Values by the names of the attributes.
fn attributes<'a>(element: Node<'a, 'a>) -> Result<BTreeMap<&'a str, Vec<String>>, wire::Error> {
    let mut attributes: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let named = |name: &'static str| move |node: &Node<'_, '_>| node.has_tag_name((SAML, name));
    let statements = element.children().filter(named("AttributeStatement"));
    for attribute in statements.flat_map(|s| s.children().filter(named("Attribute"))) {
        let name = attribute.attribute("Name").ok_or_else(errors::not_a_saml_response)?;
        let values = attributes.entry(name).or_default();
        for value in attribute.children().filter(named("AttributeValue")) {
            // Directories nest elements in values of attributes that nobody here asks for.
            values.extend(text(value));
        }
    }
    Ok(attributes)
}

/// `role,provider` or `provider,role`.
fn pair(value: &str) -> Option<RolePair> {
    let (one, other) = value.split_once(',')?;
    let (one, other) = (one.trim(), other.trim());
    let (role, provider) =
        if one.contains(":saml-provider/") { (other, one) } else { (one, other) };
    let is_pair = role.contains(":role/") && provider.contains(":saml-provider/");
    is_pair.then(|| RolePair { role: role.to_string(), provider: provider.to_string() })
}

fn session_name(values: Option<&Vec<String>>) -> Result<String, wire::Error> {
    let Some([name]) = values.map(Vec::as_slice) else {
        return Err(errors::saml_session_name_missing());
    };
    match is_name(name) {
        true => Ok(name.clone()),
        false => Err(errors::saml_session_name_invalid()),
    }
}

fn source_identity(values: Option<&Vec<String>>) -> Result<Option<String>, wire::Error> {
    let Some(values) = values else { return Ok(None) };
    match &values[..] {
        [name] if is_name(name) && !name.to_ascii_lowercase().starts_with("aws:") => {
            Ok(Some(name.clone()))
        }
        _ => Err(errors::saml_source_identity_invalid()),
    }
}

/// `[a-zA-Z_0-9+=,.@-]{2,64}`.
fn is_name(text: &str) -> bool {
    (2..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b))
}

fn session_duration(values: Option<&Vec<String>>) -> Result<Option<u64>, wire::Error> {
    let Some(values) = values else { return Ok(None) };
    let seconds = match &values[..] {
        [text] => text.parse().ok().filter(|seconds| limits::SAML_SESSION_S.contains(seconds)),
        _ => None,
    };
    seconds.map(Some).ok_or_else(errors::saml_session_duration_invalid)
}

type Tags = (Vec<Tag>, Vec<String>);

fn tags(attributes: &BTreeMap<&str, Vec<String>>) -> Result<Tags, wire::Error> {
    let mut tags = Vec::new();
    for (name, values) in attributes {
        let name = name.strip_prefix(ATTRIBUTES);
        let Some(key) = name.and_then(|name| name.strip_prefix("PrincipalTag:")) else { continue };
        let [value] = &values[..] else { return Err(errors::invalid_saml_tags()) };
        let is_long = key.chars().count() > 128 || value.chars().count() > 256;
        if key.is_empty() || is_long || key.to_ascii_lowercase().starts_with("aws:") {
            return Err(errors::invalid_saml_tags());
        }
        tags.push(Tag { key: key.to_string(), value: value.clone() });
    }
    if tags.len() > limits::TAGS_MAX {
        return Err(errors::invalid_saml_tags());
    }
    let transitive = attributes.get(&*format!("{ATTRIBUTES}TransitiveTagKeys"));
    Ok((tags, transitive.cloned().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in [
            "https://signin.aws.amazon.com/saml",
            "https://eu-west-1.signin.aws.amazon.com/saml",
            "https://us-east-2.signin.aws.amazon.com/saml/acs/SAMLSP1ABC",
        ] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "",
            "http://signin.aws.amazon.com/saml",
            "https://signin.aws.amazon.com/saml/",
            "https://evilsignin.aws.amazon.com/saml",
            "https://.signin.aws.amazon.com/saml",
            "https://evil.example/.signin.aws.amazon.com/saml",
            "https://signin.aws.amazon.com.evil.example/saml",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }

    #[test]
    fn pairs_in_either_order() {
        let (role, provider) = ("arn:aws:iam::1:role/r", "arn:aws:iam::1:saml-provider/p");
        let expected = RolePair { role: role.to_string(), provider: provider.to_string() };
        assert_eq!(pair(&format!("{role},{provider}")).as_ref(), Some(&expected));
        assert_eq!(pair(&format!("{provider} , {role}")).as_ref(), Some(&expected));
        for bad in ["", role, &format!("{role},{role}"), &format!("{provider},{provider}")] {
            assert_eq!(pair(bad), None, "{bad}");
        }
    }

    #[test]
    fn names() {
        assert!(is_name("ann@example.com") && is_name("ab"));
        assert!(!is_name("a") && !is_name("a b") && !is_name(&"a".repeat(65)));
        assert!(source_identity(Some(&vec!["aws:x".to_string()])).is_err());
    }
}
