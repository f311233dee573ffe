//! Quotas and bounds, with their units and sources.
//!
//! Where no other source stands beside a constant:
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>

/// Longest filter pattern, in characters.
pub const FILTER_PATTERN_CHARS_MAX: usize = 1_024;
/// Deepest nesting of parentheses in a filter pattern, and of a regular expression in it. Our own.
pub const FILTER_PATTERN_DEPTH_MAX: u32 = 32;
/// Most regular expressions in a JSON or space-delimited filter pattern.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>
pub const FILTER_PATTERN_REGEXES_MAX: usize = 2;
/// Most `*` selectors in a JSON filter pattern. The same page.
pub const FILTER_PATTERN_WILDCARD_SELECTORS_MAX: usize = 3;
/// Largest compiled regular expression, in bytes, and largest cache of its automaton. Our own.
pub const FILTER_PATTERN_REGEX_BYTES_MAX: usize = 256 * 1_024;
