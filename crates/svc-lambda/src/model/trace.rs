//! The trace header, `X-Amzn-Trace-Id`: whose request an invocation belongs to, and which functions ran for it before.
//! <https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader>
//!
//! `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a87bd80c:0|68fd508a:5`. The
//! lineage counts, for each function of the chain, how often it ran before the present invocation; the AWS SDKs in a
//! function hand it on, so that it comes back when functions invoke each other in circles.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// Functions in one lineage; further ones are not counted. Not documented: bounds the header.
const LINEAGE_MAX: usize = 16;

/// What begins the lineage: the version of its form.
const LINEAGE_VERSION: &str = "1:";

/// Bytes of a header that is taken up; longer ones are replaced by a new trace.
pub const HEADER_BYTES_MAX: usize = 1_024;

/// The header of one invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// As the runtime gets it.
    pub header: String,
    /// How often this function ran before in the same chain of requests.
    pub earlier: u32,
}

impl Trace {
    /// That of an invocation of `function` whose header has been made.
    pub fn of(header: &str, function: &str) -> Self {
        let hash = hash(function);
        let text = header.split(';').find_map(|part| part.strip_prefix("Lineage="));
        let counts = lineage(text.unwrap_or_default());
        let earlier = counts.into_iter().find(|(known, _)| *known == hash);
        Trace { header: header.to_string(), earlier: earlier.map_or(0, |(_, count)| count) }
    }
}

/// The header of an invocation of `function` that was asked for with the header `incoming`. `fresh` makes the root and
/// the parent of a new trace, for requests that belong to none.
pub fn enter(
    incoming: Option<&str>,
    function: &str,
    fresh: impl FnOnce() -> (String, String),
) -> Trace {
    let incoming = incoming.filter(|header| header.len() <= HEADER_BYTES_MAX).unwrap_or_default();
    let part = |wanted: &str| {
        let parts = incoming.split(';').filter_map(|part| part.trim().split_once('='));
        let mut parts = parts.filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
        parts.next().map(|(_, value)| value).filter(|value| is_plain(value))
    };
    let mut header = match part("Root").filter(|root| is_root(root)) {
        Some(root) => {
            let mut header = format!("Root={root}");
            // Writing to a text cannot fail.
            for name in ["Parent", "Sampled"] {
                if let Some(value) = part(name) {
                    let _ = write!(header, ";{name}={value}");
                }
            }
            header
        }
        None => {
            let (root, parent) = fresh();
            format!("Root={root};Parent={parent};Sampled=0")
        }
    };
    let mut lineage = lineage(part("Lineage").unwrap_or_default());
    let hash = hash(function);
    let earlier = match lineage.iter_mut().find(|(known, _)| *known == hash) {
        Some((_, count)) => {
            *count = count.saturating_add(1);
            *count
        }
        None => {
            if lineage.len() < LINEAGE_MAX {
                lineage.push((hash, 0));
            }
            0
        }
    };
    let counts: Vec<_> = lineage.iter().map(|(hash, count)| format!("{hash}:{count}")).collect();
    let _ = write!(header, ";Lineage={LINEAGE_VERSION}{}", counts.join("|"));
    Trace { header, earlier }
}

/// The functions of a lineage and how often each ran before; what is malformed is left out.
fn lineage(text: &str) -> Vec<(String, u32)> {
    let counts = text.strip_prefix(LINEAGE_VERSION).unwrap_or(text);
    let count = |entry: &str| {
        let (hash, count) = entry.split_once(':')?;
        let known = hash.len() == 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        known.then(|| Some((hash.to_string(), count.parse().ok()?))).flatten()
    };
    counts.split('|').filter_map(count).take(LINEAGE_MAX).collect()
}

fn hash(function: &str) -> String {
    Sha256::digest(function)[..4].iter().map(|byte| format!("{byte:02x}")).collect()
}

fn is_plain(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_graphic())
}

/// `1-`, the time in eight hexadecimal digits, `-`, and 24 more.
fn is_root(root: &str) -> bool {
    let mut parts = root.split('-');
    let hexadecimal = |part: Option<&str>, digits: usize| {
        part.is_some_and(|part| {
            part.len() == digits && part.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    };
    parts.next() == Some("1")
        && hexadecimal(parts.next(), 8)
        && hexadecimal(parts.next(), 24)
        && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "Root=1-5759e988-bd862e3fe1be46a994272793";

    fn next(incoming: &str, function: &str) -> Trace {
        enter(Some(incoming), function, || ("new".into(), "mine".into()))
    }

    #[test]
    fn a_chain_is_counted_by_function() {
        let first = next(&format!("{ROOT};Parent=53995c3f42cd8ad8;Sampled=1"), "f");
        assert_eq!(first.earlier, 0);
        assert!(first.header.starts_with(&format!("{ROOT};Parent=53995c3f42cd8ad8;Sampled=1;")));
        let other = next(&first.header, "g");
        assert_eq!(other.earlier, 0);
        let mut header = other.header;
        for round in 1..20 {
            let again = next(&header, "f");
            assert_eq!(again.earlier, round);
            assert_eq!(Trace::of(&again.header, "f"), again);
            header = again.header;
        }
        assert_eq!(header.split('|').count(), 2, "{header}");
    }

    #[test]
    fn what_is_no_trace_begins_a_new_one() {
        for bad in
            ["", "Root=1-2-3", "Root=2-5759e988-bd862e3fe1be46a994272793", &"x".repeat(2_000)]
        {
            let trace = next(bad, "f");
            assert!(trace.header.starts_with("Root=new;Parent=mine;Sampled=0;Lineage=1:"), "{bad}");
        }
        assert_eq!(next(&format!("{ROOT};Lineage=1:x:y|zz|:"), "f").header.matches('|').count(), 0);
    }

    #[test]
    fn a_lineage_does_not_grow_without_end() {
        let mut header = ROOT.to_string();
        for n in 0..100 {
            header = next(&header, &n.to_string()).header;
        }
        assert!(header.len() < 400, "{header}");
    }
}
