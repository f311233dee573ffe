//! Tells destinations and dead-letter queues what they have yet to be told.
//!
//! A row stays until its target took it or a long time has passed; so after a crash it is told again.

use crate::limits::{DELIVERIES_AT_ONCE, DELIVERY_AGE_MAX, DELIVERY_RETRY_MAX, DELIVERY_RETRY_MIN};
use crate::tables::{DELIVERIES, DeliveryRecord};
use crate::{Failure, Lambda, Result, bodies, errors, targets};
use base::{AccountId, Arn, Region, RequestId, Time};
use futures_util::future::join_all;
use seams::{Attribute, Delivery};
use std::sync::Arc;
use std::time::Duration;
use store::{Prefix, Tx};

/// After a failure of the store.
const RETRY: Duration = Duration::from_secs(1);
/// The longest sleep without looking.
const SLEEP_MAX: Duration = Duration::from_secs(3_600);

/// Makes what is due; then sleeps until there may be more.
pub(crate) async fn activate(lambda: Arc<Lambda>) {
    let (store, clock) = (&lambda.deps.store, &lambda.deps.clock);
    let seen = store.generation(&DELIVERIES);
    let now = clock.now();
    let first = store.view(|view| view.scan(&DELIVERIES, Prefix::all(), DELIVERIES_AT_ONCE)).await;
    let first: Vec<((Time, RequestId), DeliveryRecord)> = match first {
        Ok(first) => first,
        Err(error) => {
            let error: store::Error = error;
            tracing::error!(%error, "deliveries could not be read");
            return clock.sleep(RETRY).await;
        }
    };
    let next_due = first.iter().map(|(row, _)| row.0).find(|due| *due > now);
    let due: Vec<_> = first.into_iter().filter(|(row, _)| row.0 <= now).collect();
    if !due.is_empty() {
        let made = due.into_iter().map(|(row, record)| make(&lambda, row, record));
        if join_all(made).await.into_iter().any(|result| result.is_err()) {
            clock.sleep(RETRY).await;
        }
        return;
    }
    tokio::select! {
        _ = store.changed(&DELIVERIES, seen) => {}
        () = clock.sleep_until(next_due.unwrap_or(now + SLEEP_MAX)) => {}
    }
}

async fn make(lambda: &Lambda, row: (Time, RequestId), record: DeliveryRecord) -> Result<()> {
    let made = deliver(lambda, row.1, &record).await;
    let finished = settle(lambda, row, record, made).await;
    finished.inspect_err(|error| tracing::error!(?error, "a delivery could not be settled"))
}

async fn deliver(lambda: &Lambda, id: RequestId, record: &DeliveryRecord) -> Result<()> {
    let bad = || errors::internal("a delivery has a malformed row");
    let account = AccountId::parse(&record.account).ok_or_else(bad)?;
    let region = Region::parse(&record.region).ok_or_else(bad)?;
    let function = (account, region, record.function.clone());
    let target = Arn::parse(&record.target).ok_or_else(bad)?;
    let service = targets::service(lambda, &target);
    let service = service
        .ok_or_else(|| errors::targets::service_not_built(target.as_str(), target.service()))?;
    let cx = targets::role_context(lambda, &function, &record.role).await?;
    let body = bodies::load(lambda, id, &record.body).await?;
    let texts = record.texts.iter().map(|(k, v)| (k.clone(), Attribute::Text(v.clone())));
    let numbers = record.numbers.iter().map(|(k, v)| (k.clone(), Attribute::Number(v.clone())));
    let delivery = Delivery {
        body: String::from_utf8_lossy(&body).into_owned(),
        attributes: texts.chain(numbers).collect(),
        id: id.to_string(),
        detail_type: record.detail_type.clone(),
        resources: vec![crate::model::name::function_arn(&function), record.target.clone()],
    };
    service.deliver(&cx, &target, &delivery).await.map_err(crate::from_seam)
}

/// Removes the delivery, or stores when it is due again.
async fn settle(
    lambda: &Lambda,
    row: (Time, RequestId),
    mut record: DeliveryRecord,
    made: Result<()>,
) -> Result<()> {
    let now = lambda.deps.clock.now();
    let old = now.since(Time::from_unix_ms(record.since_ms)) >= DELIVERY_AGE_MAX;
    let (function, target) = (record.function.clone(), record.target.clone());
    match made {
        Err(error) if !old => {
            tracing::debug!(%error, function, target, "a target could not be told yet");
            let doubled = 1_u32 << record.attempts.min(16);
            record.attempts += 1;
            let due = now + (DELIVERY_RETRY_MIN * doubled).min(DELIVERY_RETRY_MAX);
            let postpone = move |tx: &mut Tx<'_>| {
                tx.delete(&DELIVERIES, &row)?;
                Ok::<_, Failure>(tx.put(&DELIVERIES, &(due, row.1), &record)?)
            };
            return Ok(lambda.deps.store.transact(postpone).await?);
        }
        Err(error) => tracing::warn!(%error, function, target, "a target was never told"),
        Ok(()) => {}
    }
    let remove = move |tx: &mut Tx<'_>| Ok::<_, Failure>(tx.delete(&DELIVERIES, &row)?);
    lambda.deps.store.transact(remove).await?;
    bodies::forget(lambda, &record.body).await
}
