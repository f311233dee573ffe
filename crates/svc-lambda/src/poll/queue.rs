//! Reading a queue: messages that were handled are deleted, the others come again when the queue shows them again.
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>

use crate::limits;
use crate::model::batch::{Verdict, split_by_size, verdict};
use crate::poll::Mapping;
use seams::{Position, SourceRecord};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Reads until it is told to stop, and ends when its last invocation has ended.
pub async fn read(mapping: Arc<Mapping>) {
    let at_once = mapping.record.concurrency_max.unwrap_or(limits::QUEUE_CONCURRENCY_DEFAULT);
    let room = Arc::new(Semaphore::new(at_once as usize));
    while !mapping.is_stopping() {
        let Ok(permit) = room.clone().acquire_owned().await else { break };
        let records = match mapping.gather("", &Position::TrimHorizon).await {
            Ok(gathered) => gathered.records,
            Err(error) => {
                drop(permit);
                mapping.unreadable(&error).await;
                continue;
            }
        };
        if records.is_empty() {
            continue;
        }
        let each = mapping.clone();
        mapping.lambda.deps.tasks.spawn("lambda.queue_batch", async move {
            handle(&each, records).await;
            drop(permit);
        });
    }
    // All permits are back when all invocations have ended.
    let _ = room.acquire_many(at_once).await;
}

async fn handle(mapping: &Mapping, records: Vec<SourceRecord>) {
    let (wanted, unwanted): (Vec<_>, Vec<_>) =
        records.into_iter().partition(|record| mapping.wants(record));
    let mut done: Vec<String> = unwanted.into_iter().map(|record| record.id).collect();
    for part in split_by_size(wanted) {
        done.extend(handled(mapping, part).await);
    }
    if done.is_empty() {
        return;
    }
    let acknowledged = match mapping.context().await {
        Ok(cx) => {
            mapping.source.acknowledge(&cx, &mapping.arn, &done).await.map_err(crate::from_seam)
        }
        Err(error) => Err(error),
    };
    if let Err(error) = acknowledged {
        tracing::warn!(%error, source = mapping.record.source, "messages could not be deleted");
    }
}

/// Calls the function; the ids of the records that it has handled.
async fn handled(mapping: &Mapping, records: Vec<SourceRecord>) -> Vec<String> {
    let execution = match mapping.invoke(mapping.new_id(), &records).await {
        Ok(execution) if execution.error_type.is_none() => execution,
        Ok(_) => return Vec::new(),
        Err(error) => {
            tracing::debug!(%error, source = mapping.record.source, "a batch of messages waits");
            return Vec::new();
        }
    };
    let failed = match mapping.record.reports_item_failures {
        true => verdict(&execution.payload, &records),
        false => Verdict::Success,
    };
    let is_done = |record: &SourceRecord| match &failed {
        Verdict::Success => true,
        Verdict::Failure => false,
        Verdict::Items(items) => !items.contains(&record.item),
    };
    records.into_iter().filter(is_done).map(|record| record.id).collect()
}
