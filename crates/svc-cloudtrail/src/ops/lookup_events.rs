//! `LookupEvents`: events of the caller's account in the region of the request, the newest first.

use crate::tables::{EVENTS, EventRecord};
use crate::{CloudTrail, errors, limits};
use base::{AccountId, Region, Time};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use seams::CallCx;
use std::sync::Arc;
use store::Prefix;
use wire_cloudtrail::{
    Event, LookupAttributeKey, LookupEventsRequest, LookupEventsResponse, Resource,
};

type Key = (AccountId, Region, Time, String);

/// What is looked for.
struct Query {
    attribute: Option<(LookupAttributeKey, String)>,
    from: Time,
    /// Exclusive.
    below: Time,
    count: usize,
}

/// See the module.
pub async fn lookup_events(
    cloudtrail: Arc<CloudTrail>,
    cx: Arc<CallCx>,
    input: LookupEventsRequest,
) -> Result<LookupEventsResponse, wire::Error> {
    let query = parse(&cloudtrail, &input)?;
    let after = match &input.next_token {
        Some(token) => {
            Some(read_token(token, cx.account, &cx.region).ok_or_else(errors::invalid_next_token)?)
        }
        None => None,
    };
    cloudtrail.write_all().await.map_err(wire::Error::internal)?;
    let (found, last) =
        search(&cloudtrail, &cx, &query, after).await.map_err(wire::Error::internal)?;
    let next_token =
        last.map(|(_, _, time, id)| URL_SAFE_NO_PAD.encode(format!("{} {id}", time.unix_ns())));
    Ok(LookupEventsResponse { events: Some(found), next_token })
}

fn parse(cloudtrail: &CloudTrail, input: &LookupEventsRequest) -> Result<Query, wire::Error> {
    if input.event_category.is_some() {
        return Err(errors::insights_not_implemented());
    }
    let attributes = input.lookup_attributes.as_deref().unwrap_or_default();
    if attributes.len() > 1 {
        return Err(errors::too_many_attributes());
    }
    let attribute = attributes.first();
    let attribute = attribute.map(|a| (a.attribute_key, a.attribute_value.clone()));
    if let Some((LookupAttributeKey::ReadOnly, value)) = &attribute
        && !matches!(value.as_str(), "true" | "false")
    {
        return Err(errors::invalid_attribute(value));
    }
    let count = match input.max_results {
        None => limits::PAGE_MAX,
        Some(count) => usize::try_from(count)
            .ok()
            .filter(|count| (1..=limits::PAGE_MAX).contains(count))
            .ok_or_else(errors::invalid_max_results)?,
    };
    let seconds = |time: wire::Timestamp| {
        Time::from_unix_s(u64::try_from(time.seconds()).unwrap_or_default())
    };
    let now = cloudtrail.clock.now();
    let from = input.start_time.map_or(now - limits::EVENTS_KEPT, seconds);
    let end = input.end_time.map_or(now, seconds);
    if from > end {
        return Err(errors::invalid_time_range());
    }
    // The second that is named belongs to the range.
    let below = end + std::time::Duration::from_secs(1);
    Ok(Query { attribute, from, below, count })
}

fn read_token(token: &str, account: AccountId, region: &Region) -> Option<Key> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let (time, id) = text.split_once(' ')?;
    base::RequestId::parse(id)?;
    Some((account, region.clone(), Time::from_unix_ns(time.parse().ok()?), id.to_string()))
}

/// The events, and the last row that was looked at if there may be more.
async fn search(
    cloudtrail: &CloudTrail,
    cx: &CallCx,
    query: &Query,
    mut after: Option<Key>,
) -> Result<(Vec<Event>, Option<Key>), store::Error> {
    let (mut found, mut scanned) = (Vec::new(), 0);
    while scanned < limits::SCANNED_MAX {
        let owner = (cx.account, cx.region.clone());
        let range = Prefix::of(owner.clone())
            .from((owner.0, owner.1.clone(), query.from))
            .below((owner.0, owner.1, query.below))
            .reverse();
        let range = match &after {
            Some(after) => range.after(after),
            None => range,
        };
        let rows = cloudtrail.store.view(|view| view.scan(&EVENTS, range, limits::SCANNED)).await?;
        let is_last = rows.len() < limits::SCANNED;
        scanned += rows.len();
        for (key, row) in rows {
            if !row.is_data && fits(query, &key, &row) {
                found.push(shown(&key, row));
            }
            after = Some(key);
            if found.len() == query.count {
                return Ok((found, after));
            }
        }
        if is_last {
            return Ok((found, None));
        }
    }
    Ok((found, after))
}

fn fits(query: &Query, key: &Key, row: &EventRecord) -> bool {
    let Some((attribute, value)) = &query.attribute else { return true };
    match attribute {
        LookupAttributeKey::EventId => key.3 == *value,
        LookupAttributeKey::EventName => row.name == *value,
        LookupAttributeKey::ReadOnly => row.read_only.to_string() == *value,
        LookupAttributeKey::Username => row.username.as_ref() == Some(value),
        LookupAttributeKey::ResourceType => {
            row.resources.iter().any(|(kind, _)| kind.as_ref() == Some(value))
        }
        LookupAttributeKey::ResourceName => row.resources.iter().any(|(_, name)| name == value),
        LookupAttributeKey::EventSource => row.source == *value,
        LookupAttributeKey::AccessKeyId => row.access_key_id.as_ref() == Some(value),
    }
}

fn shown((_, _, time, event_id): &Key, row: EventRecord) -> Event {
    let resource = |(kind, name): (Option<String>, String)| Resource {
        resource_type: kind,
        resource_name: Some(name),
    };
    Event {
        event_id: Some(event_id.clone()),
        event_name: Some(row.name),
        read_only: Some(row.read_only.to_string()),
        access_key_id: row.access_key_id,
        event_time: Some(Time::from_unix_s(time.unix_s()).into()),
        event_source: Some(row.source),
        username: row.username,
        resources: Some(row.resources.into_iter().map(resource).collect()),
        cloud_trail_event: Some(row.event),
    }
}
