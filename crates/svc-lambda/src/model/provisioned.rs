//! How provisioned environments are shared out: among the versions of an alias, and of this host's memory.

use std::collections::BTreeMap;

/// How many of `requested` environments each version gets: those that an alias gives a part of its traffic to get that
/// part, rounded, and its own version gets the rest. Versions that get none are left out.
pub fn shares(
    requested: u32,
    version: &str,
    weights: &BTreeMap<String, f64>,
) -> Vec<(String, u32)> {
    let mut left = requested;
    let mut shares = Vec::new();
    for (other, weight) in weights {
        // From 0 to `requested`, since weights are from 0 to 1.
        let part = ((f64::from(requested) * weight).round() as u32).min(left);
        left -= part;
        shares.push((other.clone(), part));
    }
    shares.push((version.to_string(), left));
    shares.retain(|(_, count)| *count > 0);
    shares
}

/// Which of the configurations, given in the order of their age by the bytes that they ask for, fit into `bytes_max`
/// together with the older ones that do.
pub fn fitting(asked: &[u64], bytes_max: u64) -> Vec<bool> {
    let mut used = 0_u64;
    let fits = asked.iter().map(|bytes| {
        let sum = used.checked_add(*bytes).filter(|sum| *sum <= bytes_max);
        used = sum.unwrap_or(used);
        sum.is_some()
    });
    fits.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_get_their_part_of_the_traffic() {
        let share = |requested, weights: &[(&str, f64)]| {
            let weights = weights.iter().map(|(v, weight)| (v.to_string(), *weight)).collect();
            shares(requested, "1", &weights)
        };
        let pair = |version: &str, count| (version.to_string(), count);
        assert_eq!(share(5, &[]), [pair("1", 5)]);
        assert_eq!(share(10, &[("2", 0.25)]), [pair("2", 3), pair("1", 7)]);
        assert_eq!(share(10, &[("2", 1.0)]), [pair("2", 10)]);
        assert_eq!(share(1, &[("2", 0.1)]), [pair("1", 1)]);
        assert_eq!(share(1, &[("2", 0.5), ("3", 0.5)]), [pair("2", 1)]);
    }

    #[test]
    fn the_older_ones_come_first() {
        assert_eq!(fitting(&[60, 50, 40], 100), [true, false, true]);
        assert_eq!(fitting(&[u64::MAX, u64::MAX], u64::MAX), [true, false]);
        assert_eq!(fitting(&[], 0), [false; 0]);
    }
}
