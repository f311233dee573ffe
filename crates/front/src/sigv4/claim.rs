//! What a request says of its own signature.

use super::{ALGORITHM, Head, Refusal, TERMINATOR, canonical, stamp};
use base::Time;
use std::borrow::Cow;
use std::time::Duration;

/// How far a request's date may be from now. <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html>
const SKEW_MAX: Duration = Duration::from_secs(15 * 60);
/// Longest life of a presigned URL, in seconds: a week.
const EXPIRES_S_MAX: u64 = 604_800;
/// Most headers that a signature may cover. AWS names no limit; the head of a request holds no more than 100.
const SIGNED_HEADERS_MAX: usize = 128;

/// The query parameters of a presigned URL.
pub(super) const NAMES: [&str; 7] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Security-Token",
];

/// The parts of a signature, read but not yet believed.
#[derive(Debug)]
pub struct Claim<'a> {
    /// `key/date/region/service/aws4_request`.
    credential: Cow<'a, str>,
    /// Where the four slashes of the credential stand.
    slashes: [usize; 4],
    /// Lower-case names, joined by semicolons.
    pub(super) signed_headers: Cow<'a, str>,
    /// 64 hexadecimal digits, if the client made no mistake.
    pub(super) signature: Cow<'a, str>,
    /// The date as it was signed, which may be in the format of HTTP.
    pub(super) date_text: Cow<'a, str>,
    signed_at: Time,
    /// Goes with temporary credentials.
    pub session_token: Option<Cow<'a, str>>,
    /// Present for presigned URLs: for how long they are good.
    expires: Option<Duration>,
}

impl<'a> Claim<'a> {
    /// Reads the `Authorization` header, else the query of a presigned URL. None if the request carries no AWS signature
    /// at all.
    pub fn parse(head: &Head<'a>) -> Result<Option<Self>, Refusal> {
        let Some(header) = head.headers.get(http::header::AUTHORIZATION) else {
            return Self::from_query(head);
        };
        if head.headers.get_all(http::header::AUTHORIZATION).iter().nth(1).is_some() {
            return Err(Refusal::incomplete("There is more than one Authorization header."));
        }
        let Ok(header) = header.to_str() else {
            return Err(Refusal::incomplete("Authorization header is not printable ASCII."));
        };
        let (algorithm, parts) = header.split_once(' ').unwrap_or((header, ""));
        match algorithm {
            ALGORITHM => Self::from_header(head, header, parts).map(Some),
            _ if algorithm.starts_with("AWS4-") || algorithm == "AWS" => {
                Err(unsupported(algorithm))
            }
            // Some other scheme, such as `Bearer`: meant for a function or for nobody.
            _ => Ok(None),
        }
    }

    fn from_header(head: &Head<'a>, header: &'a str, parts: &'a str) -> Result<Self, Refusal> {
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for part in parts.split(',').map(str::trim) {
            let Some((name, value)) = part.split_once('=') else {
                return Err(Refusal::incomplete(format!(
                    "'{part}' not a valid key=value pair (missing equal-sign) in Authorization header: '{header}'."
                )));
            };
            let slot = match name {
                "Credential" => &mut credential,
                "SignedHeaders" => &mut signed_headers,
                "Signature" => &mut signature,
                _ => {
                    return Err(Refusal::incomplete(format!(
                        "'{name}' is no parameter of the Authorization header: '{header}'."
                    )));
                }
            };
            if slot.replace(value).is_some() {
                return Err(Refusal::incomplete(format!(
                    "Authorization header has more than one '{name}' parameter: '{header}'."
                )));
            }
        }
        let date = head.header("x-amz-date").or_else(|| head.header("date"));
        let (Some(credential), Some(signed_headers), Some(signature), Some(date)) =
            (credential, signed_headers, signature, date)
        else {
            let mut text = String::new();
            for (missing, name) in [
                (credential.is_none(), "Credential"),
                (signature.is_none(), "Signature"),
                (signed_headers.is_none(), "SignedHeaders"),
            ] {
                if missing {
                    text += &format!("Authorization header requires '{name}' parameter. ");
                }
            }
            if date.is_none() {
                text += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
            }
            return Err(Refusal::incomplete(format!("{text}Authorization={header}")));
        };
        Self::new(
            credential.into(),
            signed_headers.into(),
            signature.into(),
            date.into(),
            head.header("x-amz-security-token").map(Cow::Borrowed),
            None,
        )
    }

    fn from_query(head: &Head<'a>) -> Result<Option<Self>, Refusal> {
        if !head.query.contains("X-Amz-") {
            return Ok(None);
        }
        let mut values: [Option<Cow<'a, str>>; 7] = Default::default();
        for (name, value) in canonical::pairs(head.query) {
            if let Some(slot) = NAMES.iter().position(|known| *known == name)
                && values[slot].replace(canonical::decoded(value)).is_some()
            {
                return Err(Refusal::incomplete(format!(
                    "AWS query-string parameters must include '{name}' once. Re-examine the query-string parameters."
                )));
            }
        }
        if values[..4].iter().all(Option::is_none) {
            return Ok(None);
        }
        let missing: String = (0..5)
            .filter(|i| values[*i].is_none())
            .map(|i| format!("AWS query-string parameters must include '{}'. ", NAMES[i]))
            .collect();
        let [algorithm, credential, signature, signed_headers, date, expires, token] = values;
        let (Some(algorithm), Some(credential), Some(signature), Some(signed_headers), Some(date)) =
            (algorithm, credential, signature, signed_headers, date)
        else {
            return Err(Refusal::incomplete(format!(
                "{missing}Re-examine the query-string parameters."
            )));
        };
        if algorithm != ALGORITHM {
            return Err(unsupported(&algorithm));
        }
        let expires = match expires {
            // A request signed in its query but not meant as a URL to give away lives as long as any other.
            None => SKEW_MAX,
            Some(text) => parse_expires(&text)?,
        };
        let token = token.or_else(|| head.header("x-amz-security-token").map(Cow::Borrowed));
        Self::new(credential, signed_headers, signature, date, token, Some(expires)).map(Some)
    }

    fn new(
        credential: Cow<'a, str>,
        signed_headers: Cow<'a, str>,
        signature: Cow<'a, str>,
        date_text: Cow<'a, str>,
        session_token: Option<Cow<'a, str>>,
        expires: Option<Duration>,
    ) -> Result<Self, Refusal> {
        let mut found = credential.bytes().enumerate().filter(|(_, b)| *b == b'/').map(|(i, _)| i);
        let slashes = [found.next(), found.next(), found.next(), found.next()];
        let ([Some(a), Some(b), Some(c), Some(d)], None) = (slashes, found.next()) else {
            return Err(Refusal::incomplete(format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{credential}'"
            )));
        };
        let Some(signed_at) = stamp::parse(&date_text) else {
            return Err(Refusal::incomplete(format!(
                "Date must be in ISO-8601 'basic format'. Got '{date_text}'. See http://en.wikipedia.org/wiki/ISO_8601"
            )));
        };
        let claim = Claim {
            credential,
            slashes: [a, b, c, d],
            signed_headers,
            signature,
            date_text,
            signed_at,
            session_token,
            expires,
        };
        claim.check_scope()?;
        Ok(claim)
    }

    fn check_scope(&self) -> Result<(), Refusal> {
        let terminator = &self.credential[self.slashes[3] + 1..];
        if terminator != TERMINATOR {
            return Err(Refusal::out_of_scope(format!(
                "Credential should be scoped with a valid terminator: 'aws4_request', not '{terminator}'."
            )));
        }
        let day = self.timestamp();
        if self.date() != &day[..8] {
            return Err(Refusal::out_of_scope(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != '{}', from '{day}'.",
                self.date(),
                &day[..8],
            )));
        }
        Ok(())
    }

    /// The key whose secret signed.
    pub fn access_key_id(&self) -> &str {
        &self.credential[..self.slashes[0]]
    }

    /// `YYYYMMDD`.
    pub(super) fn date(&self) -> &str {
        &self.credential[self.slashes[0] + 1..self.slashes[1]]
    }

    /// The region that the request was signed for.
    pub fn region(&self) -> &str {
        &self.credential[self.slashes[1] + 1..self.slashes[2]]
    }

    /// The service that the request was signed for, by its signing name.
    pub fn service(&self) -> &str {
        &self.credential[self.slashes[2] + 1..self.slashes[3]]
    }

    /// `date/region/service/aws4_request`.
    pub(super) fn scope(&self) -> &str {
        &self.credential[self.slashes[0] + 1..]
    }

    /// The whole credential, which names one derived key.
    pub(super) fn credential(&self) -> &str {
        &self.credential
    }

    /// Whether the signature stands in the query.
    pub fn is_presigned(&self) -> bool {
        self.expires.is_some()
    }

    /// The date in the form in which it enters the string to sign.
    pub(super) fn timestamp(&self) -> Cow<'_, str> {
        if self.date_text.len() == 16 {
            Cow::Borrowed(&self.date_text)
        } else {
            Cow::Owned(stamp::format(self.signed_at))
        }
    }

    /// Ok if the request was signed within 15 minutes of `now`, or the presigned URL is still good.
    pub fn check_time(&self, now: Time) -> Result<(), Refusal> {
        let life = self.expires.unwrap_or(SKEW_MAX);
        let too_late = self.signed_at + life < now;
        if !too_late && self.signed_at <= now + SKEW_MAX {
            return Ok(());
        }
        let (signed, at) = (self.timestamp(), stamp::format(now));
        let span = |by: Duration| match by.as_secs() {
            s if s % 60 == 0 => format!("{} min.", s / 60),
            s => format!("{s} sec."),
        };
        Err(Refusal::Expired(if too_late {
            let earliest = stamp::format(now - life);
            let span = span(life);
            format!("Signature expired: {signed} is now earlier than {earliest} ({at} - {span})")
        } else {
            let latest = stamp::format(now + SKEW_MAX);
            let span = span(SKEW_MAX);
            format!(
                "Signature not yet current: {signed} is still later than {latest} ({at} + {span})"
            )
        }))
    }

    /// Ok if host and every `x-amz-*` header are covered by the signature.
    pub fn check_signed_headers(&self, head: &Head<'_>) -> Result<(), Refusal> {
        let is_signed = |name: &str| self.signed_headers.split(';').any(|signed| signed == name);
        if self.signed_headers.split(';').count() > SIGNED_HEADERS_MAX {
            return Err(Refusal::incomplete("Too many 'SignedHeaders'."));
        }
        if !is_signed("host") && !is_signed(":authority") {
            return Err(Refusal::out_of_scope(
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
            ));
        }
        let unsigned = head.headers.keys().map(http::HeaderName::as_str).find(|name| {
            name.starts_with("x-amz-") && *name != "x-amz-security-token" && !is_signed(name)
        });
        match unsigned {
            Some(name) => Err(Refusal::NotSigned(name.to_string())),
            None => Ok(()),
        }
    }
}

fn parse_expires(text: &str) -> Result<Duration, Refusal> {
    let seconds: Option<i64> = text.parse().ok();
    let problem = match seconds {
        None => "X-Amz-Expires should be a number",
        Some(..=0) => "X-Amz-Expires must be non-negative",
        Some(s) if s.unsigned_abs() > EXPIRES_S_MAX => {
            "X-Amz-Expires must be less than a week (in seconds) that is 604800"
        }
        Some(s) => return Ok(Duration::from_secs(s.unsigned_abs())),
    };
    Err(Refusal::incomplete(problem))
}

fn unsupported(algorithm: &str) -> Refusal {
    Refusal::incomplete(format!(
        "Unsupported AWS 'algorithm': '{algorithm}'. Requests are signed with {ALGORITHM} here; SigV4A and Signature Version 2 are not built."
    ))
}
