//! Public prices as dated data.

use serde::Deserialize;
use std::sync::LazyLock;

static US_EAST_1: LazyLock<Prices> = LazyLock::new(|| {
    let text = include_str!("../prices/us-east-1.toml");
    toml::from_str(text).expect("the file is part of the program and a test reads it")
});

/// The prices of one region.
#[derive(Debug, Deserialize)]
pub struct Prices {
    /// The region.
    pub region: String,
    /// The day on which they were looked up, `YYYY-MM-DD`.
    pub as_of: String,
    /// The page that shows them.
    pub source: String,
    price: Vec<Price>,
    free: Vec<Free>,
}

#[derive(Debug, Deserialize)]
struct Price {
    service: String,
    usage_types: Vec<String>,
    tiers: Vec<(f64, f64)>,
}

#[derive(Debug, Deserialize)]
struct Free {
    service: String,
    usage_types: Vec<String>,
    units: f64,
}

impl Prices {
    /// Those of us-east-1, the only ones that are known.
    pub fn us_east_1() -> &'static Prices {
        &US_EAST_1
    }

    /// What the units from `before` to `before + units` of a month cost in US dollars; None if there is no price.
    pub(crate) fn usd(&self, service: &str, name: &str, before: f64, units: f64) -> Option<f64> {
        let price = self.price.iter().find(|price| price.covers(service, name))?;
        let mut usd = 0.0;
        for (index, (from, per_unit)) in price.tiers.iter().enumerate() {
            let to = price.tiers.get(index + 1).map_or(f64::INFINITY, |(next, _)| *next);
            let within = (before + units).min(to) - before.max(*from);
            usd += within.max(0.0) * per_unit;
        }
        Some(usd)
    }

    /// Which allowance a usage type draws from and how many units a month that has.
    pub(crate) fn free(&self, service: &str, name: &str) -> Option<(usize, f64)> {
        let covers = |free: &Free| {
            free.service == service && free.usage_types.iter().any(|covered| covered == name)
        };
        let index = self.free.iter().position(covers)?;
        Some((index, self.free[index].units))
    }
}

impl Price {
    fn covers(&self, service: &str, name: &str) -> bool {
        self.service == service && self.usage_types.iter().any(|covered| covered == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usage_types;

    #[test]
    fn every_usage_type_has_a_price_and_every_price_a_usage_type() {
        let prices = Prices::us_east_1();
        for known in usage_types::ALL {
            assert!(prices.usd(known.service, known.name, 0.0, 1.0).is_some(), "{}", known.name);
        }
        for price in &prices.price {
            for name in &price.usage_types {
                assert!(usage_types::find(&price.service, name).is_some(), "{name}");
            }
            assert!(price.tiers.is_sorted_by(|a, b| a.0 < b.0) && price.tiers[0].0 == 0.0);
        }
    }

    #[test]
    fn tiers_apply_to_what_lies_in_them() {
        let prices = Prices::us_east_1();
        let usd =
            |before, units| prices.usd("AWSLambda", "Lambda-GB-Second", before, units).unwrap();
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-6, "{a} {b}");
        close(usd(0.0, 1e9), 16_666.7);
        close(usd(6e9 - 1e6, 2e6), 16.6667 + 15.0);
        close(usd(20e9, 1e6), 13.3334);
        close(usd(0.0, 16e9), usd(0.0, 7e9) + usd(7e9, 9e9));
    }
}
