//! `GET /_nuage/usage`: the bill of the caller's account, for whoever may call `ce:GetCostAndUsage`.
//!
//! Query: `by` (`function`, `usage-type`, `hour`, `day` or `month`), `since_ms` (milliseconds since the epoch),
//! `function` (an ARN, or a name in the region of the request), `free_tier` (`true`).

use base::{Region, Time};
use front::Report;
use percent_encoding::percent_decode_str;
use seams::CallCx;
use serde_json::{Value, json};
use std::sync::Arc;
use store::Store;
use usage::{Bill, By, Meter, Prices, Query};

/// Where it is.
pub const PATH: &str = "/_nuage/usage";

/// For the front end.
pub fn report(store: &Store, meter: &Arc<Meter>) -> Report {
    let (store, meter) = (store.clone(), meter.clone());
    Report {
        path: PATH,
        action: "ce:GetCostAndUsage",
        words: &wire_lambda::SERVICE,
        get: Arc::new(move |cx: Arc<CallCx>, query: String| {
            let (store, meter) = (store.clone(), meter.clone());
            Box::pin(async move {
                let query = parse(&cx, &query)?;
                meter.flush().await.map_err(|error| error.to_string())?;
                usage::bill(&store, &query).map(|bill| render(&query, &bill))
            })
        }),
    }
}

fn parse(cx: &CallCx, query: &str) -> Result<Query, String> {
    let mut parsed = Query {
        account: cx.account,
        since: Time::default(),
        by: By::Resource,
        resource: None,
        free_tier: false,
    };
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let value = percent_decode_str(value).decode_utf8_lossy().into_owned();
        let wrong = || format!("'{value}' is no value of '{name}'.");
        match name {
            "by" => {
                parsed.by = match value.as_str() {
                    "function" => By::Resource,
                    "usage-type" => By::UsageType,
                    "hour" => By::Hour,
                    "day" => By::Day,
                    "month" => By::Month,
                    _ => return Err(wrong()),
                }
            }
            "since_ms" => parsed.since = Time::from_unix_ms(value.parse().map_err(|_| wrong())?),
            "free_tier" => parsed.free_tier = value.parse().map_err(|_| wrong())?,
            "function" if value.starts_with("arn:") => parsed.resource = Some(value),
            "function" => {
                let arn = format!("arn:aws:lambda:{}:{}:function:{value}", cx.region, cx.account);
                parsed.resource = Some(arn);
            }
            // Signatures may stand in the query.
            _ if name.starts_with("X-Amz-") => {}
            _ => return Err(format!("There is no parameter '{name}'.")),
        }
    }
    Ok(parsed)
}

fn render(query: &Query, bill: &Bill) -> Value {
    let prices = Prices::us_east_1();
    let others = bill.regions.iter().map(Region::as_str).filter(|region| *region != prices.region);
    let lines = bill.lines.iter().map(|line| {
        json!({
            "group": line.group,
            "service": line.usage_type.service,
            "usage_type": line.usage_type.name,
            "quantity": line.units(),
            "unit": line.usage_type.unit.name(),
            "usd": line.usd,
        })
    });
    json!({
        "since": query.since.to_string(),
        "lines": lines.collect::<Vec<_>>(),
        "usd": bill.usd,
        "free_tier": query.free_tier,
        "prices": {
            "region": prices.region,
            "as_of": prices.as_of,
            "source": prices.source,
            "used_for_other_regions": others.collect::<Vec<_>>(),
        },
    })
}
