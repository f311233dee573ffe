//! Aliases: names for a version, or for two versions that share the traffic.

use crate::model::name::LATEST;
use crate::{Result, errors, limits};
use std::collections::BTreeMap;

/// Ok if an alias of `version` may give the parts `weights` of its traffic to other versions. That the versions exist
/// is for the caller to check.
pub fn check_weights(version: &str, weights: &BTreeMap<String, f64>) -> Result<()> {
    if weights.len() > limits::ALIAS_ADDITIONAL_VERSIONS_MAX {
        return Err(errors::alias_too_many_versions());
    }
    if weights.contains_key(version) {
        return Err(errors::alias_same_version(version));
    }
    if version == LATEST && !weights.is_empty() {
        return Err(errors::alias_latest_weighted());
    }
    Ok(())
}

/// The version that an invocation goes to; `chance` is a random number.
pub fn choose<'a>(version: &'a str, weights: &'a BTreeMap<String, f64>, chance: u64) -> &'a str {
    // The upper 53 bits make a number from 0 to 1, 1 excluded.
    let mut point = (chance >> 11) as f64 / (1_u64 << 53) as f64;
    for (other, weight) in weights {
        if point < *weight {
            return other;
        }
        point -= weight;
    }
    version
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{Entropy, SeededEntropy};

    fn weights(pairs: &[(&str, f64)]) -> BTreeMap<String, f64> {
        pairs.iter().map(|(version, weight)| (version.to_string(), *weight)).collect()
    }

    #[test]
    fn traffic_is_shared_as_weighted() {
        let entropy = SeededEntropy::new(5);
        let weights = weights(&[("2", 0.25)]);
        let mut other = 0;
        for _ in 0..10_000 {
            other += u32::from(choose("1", &weights, entropy.next_u64()) == "2");
        }
        assert!((2_300..2_700).contains(&other), "{other}");
    }

    #[test]
    fn extremes() {
        for chance in [0, u64::MAX / 2, u64::MAX] {
            assert_eq!(choose("1", &BTreeMap::new(), chance), "1");
            assert_eq!(choose("1", &weights(&[("2", 1.0)]), chance), "2");
            assert_eq!(choose("1", &weights(&[("2", 0.0)]), chance), "1");
        }
    }

    #[test]
    fn refused() {
        assert!(check_weights("1", &weights(&[("2", 0.5)])).is_ok());
        assert!(check_weights("1", &weights(&[("1", 0.5)])).is_err());
        assert!(check_weights("1", &weights(&[("2", 0.5), ("3", 0.2)])).is_err());
        assert!(check_weights(LATEST, &weights(&[("2", 0.5)])).is_err());
        assert!(check_weights(LATEST, &weights(&[])).is_ok());
    }
}
