//! `CheckpointDurableExecution`: a function tells how far it is.

use crate::durable::checkpoint::{self, Chained, Checkpoint, Prepared};
use crate::durable::identity::{self, ExecutionName};
use crate::durable::invocation::keep_result;
use crate::durable::tables::{DURABLE_EXECUTIONS, ExecutionRecord, TextRecord};
use crate::durable::{chained, errors, text, validate};
use crate::failure::Failure;
use crate::{Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn checkpoint_durable_execution(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::CheckpointDurableExecutionRequest,
) -> Result<w::CheckpointDurableExecutionResponse> {
    let name = ExecutionName::parse(&input.durable_execution_arn);
    let name = name.ok_or_else(errors::checkpoint_token)?;
    let record = lambda.deps.store.get(&DURABLE_EXECUTIONS, &name.id).map_err(Failure::from)?;
    let record = record.filter(|record| name.is(record)).ok_or_else(errors::checkpoint_token)?;
    let updates = input.updates.unwrap_or_default();
    validate::batch(&updates, record.parent.is_some())?;
    let mut prepared = Vec::with_capacity(updates.len());
    let result = prepare_all(&lambda, &cx, &name, &record, updates, &mut prepared).await;
    let bodies = prepared.iter().flat_map(bodies).collect::<Vec<_>>();
    let applied = match result {
        Ok(()) => {
            let checkpoint = Checkpoint {
                id: name.id,
                token: input.checkpoint_token,
                client_token: input.client_token,
                updates: prepared,
                now: lambda.deps.clock.now(),
            };
            let apply = move |tx: &mut store::Tx<'_>| checkpoint::apply(tx, &checkpoint);
            lambda.deps.store.transact(apply).await.map_err(wire::Error::from)
        }
        Err(error) => Err(error),
    };
    if applied.as_ref().map_or(true, |applied| applied.repeated) {
        for body in &bodies {
            text::remove(&lambda, body).await?;
        }
    }
    let applied = applied?;
    lambda.durable_waiting.tell(name.id);
    let mut operations = Vec::with_capacity(applied.operations.len());
    for shown in &applied.operations {
        operations.push(shown.to_wire(&lambda).await?);
    }
    Ok(w::CheckpointDurableExecutionResponse {
        checkpoint_token: applied.token,
        new_execution_state: w::CheckpointUpdatedExecutionState {
            operations: Some(operations),
            next_marker: None,
        },
    })
}

/// What was kept for an update.
fn bodies(prepared: &Prepared) -> Vec<TextRecord> {
    let chained = match &prepared.chained {
        Some(Chained::Execution(new, _)) => Some(new.input.clone()),
        _ => None,
    };
    [prepared.text.clone(), prepared.for_parent.clone(), chained].into_iter().flatten().collect()
}

async fn prepare_all(
    lambda: &Arc<Lambda>,
    cx: &CallCx,
    name: &ExecutionName,
    record: &ExecutionRecord,
    updates: Vec<w::OperationUpdate>,
    prepared: &mut Vec<Prepared>,
) -> Result<()> {
    for update in updates {
        prepared.push(prepare(lambda, cx, name, record, update).await?);
    }
    Ok(())
}

async fn prepare(
    lambda: &Arc<Lambda>,
    cx: &CallCx,
    name: &ExecutionName,
    record: &ExecutionRecord,
    mut update: w::OperationUpdate,
) -> Result<Prepared> {
    let mut prepared = Prepared {
        update: w::OperationUpdate::default(),
        text: None,
        for_parent: None,
        callback_id: None,
        chained: None,
    };
    if update.r#type == w::OperationType::Callback {
        let nonce = lambda.deps.entropy.text(32, b"0123456789abcdef");
        prepared.callback_id = Some(identity::callback_id(name, &update.id, &nonce));
    }
    if let (w::OperationType::ChainedInvoke, Some(options)) =
        (update.r#type, &update.chained_invoke_options)
    {
        let target = chained::target(cx, name, &options.function_name)?;
        let found = chained::prepare(lambda, name, record, &update, &target).await?;
        prepared.chained = Some(found);
    }
    // Validation looks at whether there is a payload, so the update keeps an empty one.
    if let Some(payload) = update.payload.replace(String::new()) {
        (prepared.text, prepared.for_parent) = match update.r#type {
            w::OperationType::Execution => {
                keep_result(lambda, &payload, record.parent.is_some()).await?
            }
            _ => (Some(text::keep(lambda, payload).await?), None),
        };
    } else {
        update.payload = None;
    }
    prepared.update = update;
    Ok(prepared)
}
