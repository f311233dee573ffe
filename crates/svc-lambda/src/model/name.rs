//! The forms in which a request names a function.
//!
//! `name`, `function:name`, `123456789012:function:name`, or the whole ARN, each with or without `:qualifier`. The
//! generated patterns have decided that a text is of one of these forms; here it is taken apart.

use crate::{Result, errors, limits};
use base::{AccountId, Arn, Region};
use seams::CallCx;

/// The version that can change.
pub const LATEST: &str = "$LATEST";

/// The published version without a number, of functions on managed instances; each publication replaces it.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-version-publishing.html>
pub const LATEST_PUBLISHED: &str = "$LATEST.PUBLISHED";

/// Its place behind all that have a number.
pub const LATEST_PUBLISHED_NUMBER: u64 = u64::MAX;

/// A function in the place where it is looked for. The key of its row.
pub type FunctionKey = (AccountId, Region, String);

/// A function, and perhaps one of its versions or aliases.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FunctionName {
    /// The account that owns it: the caller's own where the request names none.
    pub account: AccountId,
    /// The region of the request.
    pub region: Region,
    /// Its name alone.
    pub name: String,
    /// `$LATEST`, a version's number or an alias; None where the request names none.
    pub qualifier: Option<String>,
}

impl FunctionName {
    /// Reads `text`, and `qualifier` where the operation has one.
    ///
    /// Errors: the qualifiers differ (400), or the ARN names another partition or region (404).
    pub fn parse(cx: &CallCx, text: &str, qualifier: Option<&str>) -> Result<Self> {
        let parts = Parts::of(text);
        let qualifier = match (parts.qualifier, qualifier) {
            (Some(derived), Some(specified)) if derived != specified => {
                return Err(errors::qualifier_mismatch());
            }
            (derived, specified) => derived.or(specified).map(str::to_string),
        };
        if parts.partition.is_some_and(|partition| partition != "aws") {
            return Err(errors::function_not_found(text));
        }
        if let Some(region) = parts.region
            && region != cx.region.as_str()
        {
            return Err(errors::function_in_other_region(region, &cx.region));
        }
        Ok(FunctionName {
            account: parts.account.unwrap_or(cx.account),
            region: cx.region.clone(),
            name: parts.name.to_string(),
            qualifier,
        })
    }

    /// Reads `text` as it was checked before, in the place of whoever names it.
    pub fn parse_in(account: AccountId, region: &Region, text: &str) -> Self {
        let parts = Parts::of(text);
        FunctionName {
            account: parts.account.unwrap_or(account),
            region: region.clone(),
            name: parts.name.to_string(),
            qualifier: parts.qualifier.map(str::to_string),
        }
    }

    /// As [`FunctionName::parse`] for operations that work on functions only and ignore a qualifier in the name.
    pub fn unqualified(cx: &CallCx, text: &str) -> Result<Self> {
        Ok(FunctionName { qualifier: None, ..Self::parse(cx, text, None)? })
    }

    /// The name of a function to be made.
    pub fn for_creation(cx: &CallCx, text: &str) -> Result<Self> {
        let name = Self::unqualified(cx, text)?;
        if name.name.len() > limits::FUNCTION_NAME_CHARS_MAX {
            return Err(errors::function_name_too_long(&name.name));
        }
        Ok(name)
    }

    /// The key of the function's row.
    pub fn key(&self) -> FunctionKey {
        (self.account, self.region.clone(), self.name.clone())
    }

    /// The function's ARN with the qualifier, where there is one.
    pub fn arn(&self) -> String {
        match &self.qualifier {
            Some(qualifier) => self.qualified_arn(qualifier),
            None => self.function_arn(),
        }
    }

    /// The function's ARN without a qualifier.
    pub fn function_arn(&self) -> String {
        function_arn(&self.key())
    }

    /// The function's ARN with `qualifier`.
    pub fn qualified_arn(&self, qualifier: &str) -> String {
        format!("{}:{qualifier}", self.function_arn())
    }

    /// The qualifier, `$LATEST` where there is none.
    pub fn qualifier_or_latest(&self) -> &str {
        self.qualifier.as_deref().unwrap_or(LATEST)
    }
}

/// The ARN of a function, without a qualifier.
pub fn function_arn((account, region, name): &FunctionKey) -> String {
    format!("arn:aws:lambda:{region}:{account}:function:{name}")
}

/// As [`function_arn`], parsed, for calls on the function's behalf.
pub fn parsed_arn(key: &FunctionKey) -> Option<Arn> {
    Arn::parse(&function_arn(key))
}

/// No version has it.
const NUMBER_MAX: u64 = LATEST_PUBLISHED_NUMBER - 1;

/// What a request's qualifier means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Qualifier<'q> {
    /// `$LATEST`.
    Latest,
    /// A published version, [`LATEST_PUBLISHED_NUMBER`] too.
    Version(u64),
    /// Any other text.
    Alias(&'q str),
}

impl<'q> Qualifier<'q> {
    /// Numbers name versions, because aliases must not be numbers.
    pub fn of(text: &'q str) -> Self {
        match text {
            LATEST => Qualifier::Latest,
            LATEST_PUBLISHED => Qualifier::Version(LATEST_PUBLISHED_NUMBER),
            // A number that no version has, with more digits or with zeros before it, is not found as such: text that
            // names a version is kept in rows, so there must be one text for each.
            _ if text.bytes().all(|b| b.is_ascii_digit()) => {
                let number = text.parse().ok().filter(|_| !text.starts_with('0'));
                Qualifier::Version(number.map_or(NUMBER_MAX, |number: u64| number.min(NUMBER_MAX)))
            }
            _ => Qualifier::Alias(text),
        }
    }
}

struct Parts<'t> {
    partition: Option<&'t str>,
    region: Option<&'t str>,
    account: Option<AccountId>,
    name: &'t str,
    qualifier: Option<&'t str>,
}

impl<'t> Parts<'t> {
    /// As the pattern does, from the left, each part if it is there.
    fn of(text: &'t str) -> Self {
        let arn = text.strip_prefix("arn:").and_then(|after| after.split_once(":lambda:"));
        let (partition, mut rest) = arn.map_or((None, text), |(first, rest)| (Some(first), rest));
        let mut take = |fits: &dyn Fn(&str) -> bool| {
            let (first, after) = rest.split_once(':').filter(|(first, _)| fits(first))?;
            rest = after;
            Some(first)
        };
        let region = take(&is_region);
        let account = take(&|part| AccountId::parse(part).is_some()).and_then(AccountId::parse);
        take(&|part| part == "function");
        let (name, qualifier) = match rest.split_once(':') {
            Some((name, qualifier)) => (name, Some(qualifier)),
            None => (rest, None),
        };
        Parts { partition, region, account, name, qualifier }
    }
}

/// `eu-west-1`: letters between hyphens, one digit at the end.
fn is_region(part: &str) -> bool {
    let mut parts = part.split('-');
    let last = parts.next_back().unwrap_or_default();
    let digit = last.len() == 1 && last.bytes().all(|b| b.is_ascii_digit());
    let mut words = parts.clone();
    digit
        && words.next().is_some_and(|w| (2..=4).contains(&w.len()))
        && words.next().is_some()
        && parts.all(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (Option<String>, Option<String>, String, Option<String>) {
        let parts = Parts::of(text);
        (
            parts.region.map(Into::into),
            parts.account.map(|a| a.to_string()),
            parts.name.into(),
            parts.qualifier.map(Into::into),
        )
    }

    #[test]
    fn every_form() {
        let some = |s: &str| Some(s.to_string());
        let account = || some("111111111111");
        assert_eq!(parts("f"), (None, None, "f".into(), None));
        assert_eq!(parts("f:1"), (None, None, "f".into(), some("1")));
        assert_eq!(parts("function:f"), (None, None, "f".into(), None));
        assert_eq!(parts("111111111111:function:f"), (None, account(), "f".into(), None));
        assert_eq!(parts("111111111111:f:$LATEST"), (None, account(), "f".into(), some(LATEST)));
        let region = || some("us-east-1");
        let arn = "arn:aws:lambda:us-east-1:111111111111:function:f";
        assert_eq!(parts(arn), (region(), account(), "f".into(), None));
        assert_eq!(parts(&format!("{arn}:live")), (region(), account(), "f".into(), some("live")));
        // Recorded: an ARN that ends with `function` names a function of that name.
        let incomplete = "arn:aws:lambda:us-east-1:111111111111:function";
        assert_eq!(parts(incomplete), (region(), account(), "function".into(), None));
    }

    #[test]
    fn regions() {
        for good in ["us-east-1", "us-gov-west-1", "us-isob-east-1", "ap-southeast-2"] {
            assert!(is_region(good), "{good}");
        }
        for bad in ["", "f", "my-function", "us-1", "us-east-10", "invalid-region", "a-b-1"] {
            assert!(!is_region(bad), "{bad}");
        }
    }

    #[test]
    fn qualifiers() {
        assert_eq!(Qualifier::of("$LATEST"), Qualifier::Latest);
        assert_eq!(Qualifier::of("12"), Qualifier::Version(12));
        assert_eq!(Qualifier::of("012"), Qualifier::Version(NUMBER_MAX));
        assert_eq!(Qualifier::of("0"), Qualifier::Version(NUMBER_MAX));
        assert_eq!(Qualifier::of("live-1"), Qualifier::Alias("live-1"));
        assert_eq!(Qualifier::of("99999999999999999999999"), Qualifier::Version(NUMBER_MAX));
        assert_eq!(Qualifier::of(&u64::MAX.to_string()), Qualifier::Version(NUMBER_MAX));
        assert_eq!(Qualifier::of("$LATEST.PUBLISHED"), Qualifier::Version(u64::MAX));
    }
}
