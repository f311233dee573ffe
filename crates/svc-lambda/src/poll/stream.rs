//! Reading a stream: each shard in order, one batch after another; a batch that fails holds up its shard until it
//! succeeds or is given up.
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-errors.html>

use crate::invocation::Execution;
use crate::limits;
use crate::model::batch::{After, RetryRule, Verdict, split_by_size, verdict};
use crate::model::event_source::Source;
use crate::poll::Mapping;
use crate::tables::{CHECKPOINTS, CheckpointRecord, DELIVERIES, DeliveryRecord, StreamRecord};
use crate::targets::{self, Message};
use crate::{Failure, Result};
use base::{AccountId, Region, RequestId, Time};
use parking_lot::Mutex;
use seams::{Position, SourceRecord};
use serde_json::json;
use std::collections::HashSet;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Reads all shards until it is told to stop, and ends when the last reader of a shard has ended.
pub async fn read(mapping: Arc<Mapping>) {
    let reading: Arc<Mutex<HashSet<String>>> = Arc::default();
    let ended = Arc::new(Semaphore::new(0));
    let mut started = 0;
    while !mapping.is_stopping() {
        match next_shards(&mapping, &reading).await {
            Ok(shards) => {
                for shard in shards {
                    started += 1;
                    reading.lock().insert(shard.clone());
                    let (each, ended, reading) = (mapping.clone(), ended.clone(), reading.clone());
                    mapping.lambda.deps.tasks.spawn("lambda.shard", async move {
                        read_shard(&each, &shard).await;
                        reading.lock().remove(&shard);
                        ended.add_permits(1);
                    });
                }
                mapping.pause(limits::SHARDS_PERIOD).await;
            }
            Err(error) => mapping.unreadable(&error).await,
        }
    }
    let _ = ended.acquire_many(started).await;
}

/// Shards that nobody reads yet, that are not at their ends, and whose parents are.
async fn next_shards(mapping: &Mapping, reading: &Mutex<HashSet<String>>) -> Result<Vec<String>> {
    let cx = mapping.context().await?;
    let shards = mapping.source.shards(&cx, &mapping.arn).await.map_err(crate::from_seam)?;
    let here: HashSet<String> = shards.iter().map(|shard| shard.id.clone()).collect();
    let mut ended = HashSet::new();
    for shard in &shards {
        if checkpoint(mapping, &shard.id)? == Some(CheckpointRecord::Ended) {
            ended.insert(shard.id.as_str());
        }
    }
    let ready = shards.iter().filter(|shard| {
        let free = !ended.contains(shard.id.as_str()) && !reading.lock().contains(&shard.id);
        free && shard.parents.iter().all(|id| ended.contains(id.as_str()) || !here.contains(id))
    });
    Ok(ready.map(|shard| shard.id.clone()).collect())
}

type CheckpointKey = (AccountId, Region, String, String);

fn checkpoint_key(mapping: &Mapping, shard: &str) -> CheckpointKey {
    let (account, region, uuid) = mapping.key.clone();
    (account, region, uuid, shard.to_string())
}

fn checkpoint(mapping: &Mapping, shard: &str) -> Result<Option<CheckpointRecord>> {
    let key = checkpoint_key(mapping, shard);
    Ok(mapping.lambda.deps.store.get(&CHECKPOINTS, &key).map_err(Failure::from)?)
}

/// Stores how far the shard was read and, in the same transaction, whom to tell what.
async fn store(
    mapping: &Mapping,
    shard: &str,
    position: CheckpointRecord,
    told: Option<((Time, RequestId), DeliveryRecord)>,
) -> Result<()> {
    let key = checkpoint_key(mapping, shard);
    let store = move |tx: &mut store::Tx<'_>| {
        if let Some((row, record)) = &told {
            tx.put(&DELIVERIES, row, record)?;
        }
        Ok::<_, Failure>(tx.put(&CHECKPOINTS, &key, &position)?)
    };
    Ok(mapping.lambda.deps.store.transact(store).await?)
}

async fn read_shard(mapping: &Mapping, shard: &str) {
    let Some(rules) = &mapping.record.stream else { return };
    while !mapping.is_stopping() {
        let step = match checkpoint(mapping, shard) {
            Ok(Some(CheckpointRecord::Ended)) => return,
            Ok(found) => read_batch(mapping, shard, rules, &begin(rules, found)).await,
            Err(error) => Err(error),
        };
        if let Err(error) = step {
            mapping.unreadable(&error).await;
        }
    }
}

fn begin(rules: &StreamRecord, found: Option<CheckpointRecord>) -> Position {
    match (found, rules.starting_position.as_str()) {
        (Some(CheckpointRecord::After(id)), _) => Position::After(id),
        (Some(CheckpointRecord::At(at)), _) => Position::At(at),
        (_, "TRIM_HORIZON") => Position::TrimHorizon,
        (_, "AT_TIMESTAMP") => {
            Position::AtTimestamp(Time::from_unix_ms(rules.starting_timestamp_ms.unwrap_or(0)))
        }
        _ => Position::Latest,
    }
}

async fn read_batch(
    mapping: &Mapping,
    shard: &str,
    rules: &StreamRecord,
    position: &Position,
) -> Result<()> {
    let gathered = mapping.gather(shard, position).await?;
    // Records that no filter wants are passed over; the batch's end counts for them too.
    let wanted = gathered.records.iter().filter(|record| mapping.wants(record)).cloned().collect();
    for part in split_by_size(wanted) {
        if !handle(mapping, shard, rules, part).await? {
            // Told to stop: what is left is read again later.
            return Ok(());
        }
    }
    match (gathered.next, gathered.records.last()) {
        (Some(at), _) => store(mapping, shard, CheckpointRecord::At(at), None).await,
        (None, _) if mapping.is_stopping() => Ok(()),
        (None, _) => store(mapping, shard, CheckpointRecord::Ended, None).await,
    }
}

/// Calls the function until all records are done with or given up. False if reading was told to stop before.
async fn handle(
    mapping: &Mapping,
    shard: &str,
    rules: &StreamRecord,
    records: Vec<SourceRecord>,
) -> Result<bool> {
    let rule = RetryRule {
        retries_max: rules.retries_max,
        record_age_s_max: rules.record_age_s_max,
        bisect: rules.bisect,
    };
    // What is still to be done, the first last.
    let mut parts = vec![records];
    while let Some(mut part) = parts.pop() {
        let (mut attempts, request_id) = (0, mapping.new_id());
        let mut last: Option<Execution> = None;
        loop {
            if mapping.is_stopping() {
                return Ok(false);
            }
            let now = mapping.now();
            let old = part.iter().take_while(|r| rule.is_expired(r.arrived_at, now)).count();
            if old > 0 {
                let expired: Vec<_> = part.drain(..old).collect();
                let given_up = GivenUp {
                    condition: "RecordAgeExceeded",
                    attempts,
                    request_id,
                    last: last.as_ref(),
                };
                give_up(mapping, shard, rules, &expired, given_up).await?;
            }
            let Some(end) = part.last() else { break };
            attempts += 1;
            let end = end.id.clone();
            let result = mapping.invoke(request_id, &part).await;
            match judge(mapping, &part, &result) {
                None => {
                    store(mapping, shard, CheckpointRecord::After(end), None).await?;
                    mapping.report("OK").await;
                    break;
                }
                Some(first) => {
                    if first > 0 {
                        // Those before the first that failed are done with, and the rest begins anew.
                        let done = CheckpointRecord::After(part[first - 1].id.clone());
                        store(mapping, shard, done, None).await?;
                        part.drain(..first);
                    }
                }
            }
            mapping.report("PROBLEM: Function call failed").await;
            last = result.ok().or(last);
            match rule.after_failure(attempts, part.len()) {
                After::Retry(delay) => mapping.pause(delay).await,
                After::Halve => {
                    let second = part.split_off(part.len().div_ceil(2));
                    parts.push(second);
                    parts.push(part);
                    break;
                }
                After::GiveUp => {
                    let condition = "RetryAttemptsExhausted";
                    let given_up = GivenUp { condition, attempts, request_id, last: last.as_ref() };
                    give_up(mapping, shard, rules, &part, given_up).await?;
                    break;
                }
            }
        }
    }
    Ok(true)
}

/// None if all was handled, otherwise the index of the first record that was not.
fn judge(mapping: &Mapping, records: &[SourceRecord], result: &Result<Execution>) -> Option<usize> {
    let execution = match result {
        Ok(execution) if execution.error_type.is_none() => execution,
        _ => return Some(0),
    };
    if !mapping.record.reports_item_failures {
        return None;
    }
    match verdict(&execution.payload, records) {
        Verdict::Success => None,
        Verdict::Failure => Some(0),
        Verdict::Items(items) => records.iter().position(|record| items.contains(&record.item)),
    }
}

/// Why records are given up.
struct GivenUp<'g> {
    condition: &'static str,
    attempts: u32,
    request_id: RequestId,
    last: Option<&'g Execution>,
}

/// Passes over the records, and tells the destination.
async fn give_up(
    mapping: &Mapping,
    shard: &str,
    rules: &StreamRecord,
    records: &[SourceRecord],
    why: GivenUp<'_>,
) -> Result<()> {
    let (Some(first), Some(end)) = (records.first(), records.last()) else { return Ok(()) };
    let position = CheckpointRecord::After(end.id.clone());
    let Some(target) = &rules.on_failure else {
        return store(mapping, shard, position, None).await;
    };
    let name = mapping.function();
    let batch = match mapping.kind {
        Source::DynamoDb => "DDBStreamBatchInfo",
        _ => "KinesisBatchInfo",
    };
    let mut told = json!({
        "requestContext": {
            "requestId": why.request_id.to_string(),
            "functionArn": name.arn(),
            "condition": why.condition,
            "approximateInvokeCount": why.attempts,
        },
        "version": "1.0",
        "timestamp": mapping.now().to_string(),
        batch: {
            "shardId": shard,
            "startSequenceNumber": first.item,
            "endSequenceNumber": end.item,
            "approximateArrivalOfFirstRecord": first.arrived_at.to_string(),
            "approximateArrivalOfLastRecord": end.arrived_at.to_string(),
            "batchSize": records.len(),
            "streamArn": mapping.record.source,
        },
    });
    if let Some(execution) = why.last {
        told["responseContext"] = json!({
            "statusCode": 200,
            "executedVersion": execution.version,
            "functionError": execution.error_type.as_ref().map(|_| "Unhandled"),
        });
    }
    let message = Message::new(told.to_string(), "Lambda Function Invocation Result - Failure");
    let role = mapping.role().await?;
    let row = targets::prepare(&mapping.lambda, &name.key(), &role, target, message).await?;
    store(mapping, shard, position, Some(row)).await
}
