//! Bounds of what a pattern may cost. Not AWS's published ones, but of the same kind: `too complex` is its answer.

/// Alternatives that all `$or` of a pattern multiply to.
pub const ALTERNATIVES_MAX: usize = 1_000;
/// Combinations of array elements that are tried for one event; beyond them it does not match.
pub const STEPS_MAX: usize = 100_000;
