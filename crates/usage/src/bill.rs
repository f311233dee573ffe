//! Hourly rows with prices on them.

use crate::Prices;
use crate::limits::{LINES_MAX, SCAN_ROWS};
use crate::tables::{HOURS, Span};
use crate::usage_types::{self, UsageType};
use base::{AccountId, Region, Time};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use store::{Prefix, Store};

/// What the lines of a bill stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Resources and their usage types.
    Resource,
    /// Usage types.
    UsageType,
    /// Hours and their usage types; older time as far as it is still known, in days and months.
    Hour,
    /// Days in UTC and their usage types; older time in months.
    Day,
    /// Calendar months in UTC and their usage types.
    Month,
}

/// Which bill.
#[derive(Clone, Debug)]
pub struct Query {
    /// Whose.
    pub account: AccountId,
    /// From the hour in which this lies; of older time, from the day or the month.
    pub since: Time,
    /// How the lines are grouped.
    pub by: By,
    /// Only this resource, or all.
    pub resource: Option<String>,
    /// Whether the monthly allowances of the free tier are taken off.
    pub free_tier: bool,
}

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The resource's ARN, the hour as its beginning (`2026-11-22T14:00:00.000Z`), the day (`2026-11-22`) or the month
    /// (`2026-11`); empty for [`By::UsageType`].
    pub group: String,
    /// What was used.
    pub usage_type: &'static UsageType,
    /// In the usage type's integers.
    pub quantity: u64,
    /// US dollars.
    pub usd: f64,
}

impl Line {
    /// The quantity in units of the price.
    pub fn units(&self) -> f64 {
        self.quantity as f64 / self.usage_type.unit.per_priced()
    }
}

/// A bill.
#[derive(Clone, Debug, PartialEq)]
pub struct Bill {
    /// By group, then by usage type.
    pub lines: Vec<Line>,
    /// The sum in US dollars.
    pub usd: f64,
    /// Where all of it was used: there is one price for all regions.
    pub regions: BTreeSet<Region>,
}

/// What a month has used so far: tiers and allowances depend on it.
#[derive(Default)]
struct Month {
    used: HashMap<(String, &'static str), f64>,
    free: HashMap<usize, f64>,
}

/// Adds up the rows of an account since some time at the prices of us-east-1.
///
/// Tiers and allowances are used up in the order of time from the beginning of the month on, so that parts of a month's
/// bill add up to it. Error: the store failed, or the bill would have more than [`LINES_MAX`] lines.
pub fn bill(store: &Store, query: &Query) -> Result<Bill, String> {
    let prices = Prices::us_east_1();
    let mut lines: BTreeMap<(String, &str, &str), Line> = BTreeMap::new();
    let mut regions = BTreeSet::new();
    let mut months: BTreeMap<(u32, u32), Month> = BTreeMap::new();
    let mut last = None;
    loop {
        let range = Prefix::of((query.account,));
        let range = match &last {
            Some(last) => range.after(last),
            None => range.from((query.account, Span::Month.begin(query.since))),
        };
        let page = store.read(|view| view.scan(&HOURS, range, SCAN_ROWS));
        let page = page.map_err(|error: store::Error| error.to_string())?;
        for ((_, hour, region, service, name, arn), record) in &page {
            // Of a later version of this program.
            let Some(usage_type) = usage_types::find(service, name) else { continue };
            let units = record.quantity as f64 / usage_type.unit.per_priced();
            let month = months.entry((hour.civil().year, hour.civil().month)).or_default();
            let usd = month.usd(prices, region.as_str(), usage_type, units, query.free_tier);
            let shown = record.span.end(*hour) > query.since
                && query.resource.as_ref().is_none_or(|only| only == arn);
            if shown {
                regions.insert(region.clone());
                let group = group(query.by, arn, *hour, record.span);
                let key = (group.clone(), usage_type.service, usage_type.name);
                let new = Line { group, usage_type, quantity: 0, usd: 0.0 };
                let line = lines.entry(key).or_insert(new);
                line.quantity = line.quantity.saturating_add(record.quantity);
                line.usd += usd;
            }
        }
        if lines.len() > LINES_MAX {
            return Err(format!(
                "The bill has more than {LINES_MAX} lines; group or limit it otherwise."
            ));
        }
        if page.len() < SCAN_ROWS {
            break;
        }
        last = page.into_iter().next_back().map(|(key, _)| key);
    }
    let lines: Vec<Line> = lines.into_values().collect();
    let usd = lines.iter().map(|line| line.usd).sum();
    Ok(Bill { lines, usd, regions })
}

/// What the line of a row stands for.
fn group(by: By, arn: &str, begin: Time, span: Span) -> String {
    // No finer than the row is.
    let chars = match (by, span) {
        (By::Resource, _) => return arn.to_string(),
        (By::UsageType, _) => return String::new(),
        (By::Month, _) | (_, Span::Month) => "2026-11".len(),
        (By::Day, _) | (_, Span::Day) => "2026-11-22".len(),
        (By::Hour, Span::Hour) => return begin.to_string(),
    };
    begin.to_string()[..chars].to_string()
}

impl Month {
    /// What `units` more cost.
    fn usd(
        &mut self,
        prices: &Prices,
        region: &str,
        usage_type: &'static UsageType,
        units: f64,
        free_tier: bool,
    ) -> f64 {
        let UsageType { service, name, .. } = usage_type;
        let mut paid = units;
        if free_tier && let Some((allowance, monthly)) = prices.free(service, name) {
            let left = self.free.entry(allowance).or_insert(monthly);
            let taken = left.min(units);
            *left -= taken;
            paid -= taken;
        }
        let used = self.used.entry((region.to_string(), name)).or_default();
        let usd = prices.usd(service, name, *used, paid).unwrap_or_default();
        *used += paid;
        usd
    }
}
