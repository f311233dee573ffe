//! The document as it is written: JSON with exactly the elements of the grammar.

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;

/// What a document is for, which decides which elements it must and must not have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Attached to a user, group or role, a managed policy, or a permissions boundary: no principal, a resource,
    /// version 2012-10-17.
    Identity,
    /// As [`Kind::Identity`] in an older version too: session policies.
    Session,
    /// AWS's own managed policies: of any length, with resources that AWS refuses to its users.
    Aws,
    /// A role's trust policy: a principal, no resource, only actions of STS.
    Trust,
    /// A resource's own policy: a principal and a resource.
    Resource,
}

/// Why a document is refused, in AWS's words: the message of `MalformedPolicyDocument`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed(pub String);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Malformed {}

/// What a statement says of what it matches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Permits, unless something denies.
    Allow,
    /// Forbids, whatever else permits.
    Deny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDocument<'a> {
    #[serde(rename = "Version")]
    version: Option<String>,
    #[serde(rename = "Id")]
    id: Option<String>,
    #[serde(borrow, rename = "Statement")]
    statement: &'a RawValue,
}

/// A document whose JSON is well-formed and holds known elements of the right types only.
pub(crate) struct Document {
    pub(crate) version: Option<String>,
    pub(crate) id: Option<String>,
    /// At least one, with the bytes of the document that it was read from.
    pub(crate) statements: Vec<(RawStatement, Range<usize>)>,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawStatement {
    #[serde(rename = "Sid")]
    pub(crate) sid: Option<String>,
    #[serde(rename = "Effect")]
    pub(crate) effect: String,
    #[serde(rename = "Principal")]
    pub(crate) principal: Option<RawPrincipal>,
    #[serde(rename = "NotPrincipal")]
    pub(crate) not_principal: Option<RawPrincipal>,
    #[serde(rename = "Action")]
    pub(crate) action: Option<OneOrMany<String>>,
    #[serde(rename = "NotAction")]
    pub(crate) not_action: Option<OneOrMany<String>>,
    #[serde(rename = "Resource")]
    pub(crate) resource: Option<OneOrMany<String>>,
    #[serde(rename = "NotResource")]
    pub(crate) not_resource: Option<OneOrMany<String>>,
    #[serde(rename = "Condition")]
    pub(crate) condition: Option<Pairs<Pairs<OneOrMany<Scalar>>>>,
}

#[derive(Deserialize, Debug)]
#[serde(untagged)]
pub(crate) enum RawPrincipal {
    Text(String),
    ByType(Pairs<OneOrMany<String>>),
}

#[derive(Deserialize, Debug)]
#[serde(untagged)]
pub(crate) enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    pub(crate) fn as_slice(&self) -> &[T] {
        match self {
            OneOrMany::One(one) => std::slice::from_ref(one),
            OneOrMany::Many(many) => many,
        }
    }
}

/// A value of a condition: AWS takes numbers and booleans without quotation marks too.
#[derive(Deserialize, Debug)]
#[serde(untagged)]
pub(crate) enum Scalar {
    Text(String),
    Bool(bool),
    Number(serde_json::Number),
}

impl Scalar {
    pub(crate) fn text(&self) -> String {
        match self {
            Scalar::Text(text) => text.clone(),
            Scalar::Bool(value) => value.to_string(),
            Scalar::Number(number) => number.to_string(),
        }
    }
}

/// A JSON object whose keys are data, in their order. A key that stands twice is an error.
#[derive(Debug)]
pub(crate) struct Pairs<T>(pub(crate) Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pairs<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for PairsVisitor<T> {
            type Value = Pairs<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<T>, A::Error> {
                let mut pairs: Vec<(String, T)> = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, T>()? {
                    if pairs.iter().any(|(known, _)| *known == key) {
                        return Err(A::Error::custom("a key stands twice"));
                    }
                    pairs.push((key, value));
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(PairsVisitor(PhantomData))
    }
}

impl Document {
    /// Nesting is bounded by `serde_json` (128 levels) and by the types; the size by the caller.
    pub(crate) fn read(text: &str) -> serde_json::Result<Self> {
        let document = Self::read_loosely(text)?;
        match document.statements.is_empty() {
            true => Err(serde_json::Error::custom("no statement")),
            false => Ok(document),
        }
    }

    /// As [`Document::read`], but a document may have no statement.
    pub(crate) fn read_loosely(text: &str) -> serde_json::Result<Self> {
        let raw: RawDocument<'_> = serde_json::from_str(text)?;
        let list = raw.statement.get();
        let written: Vec<&RawValue> =
            if list.starts_with('[') { serde_json::from_str(list)? } else { vec![raw.statement] };
        let statements = written.into_iter().map(|statement| {
            let statement = statement.get();
            // `RawValue` borrows from `text`, so the distance of the two is the statement's place in it.
            let start = statement.as_ptr() as usize - text.as_ptr() as usize;
            Ok((serde_json::from_str(statement)?, start..start + statement.len()))
        });
        let statements = statements.collect::<serde_json::Result<_>>()?;
        Ok(Document { version: raw.version, id: raw.id, statements })
    }
}
