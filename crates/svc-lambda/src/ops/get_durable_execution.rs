//! `GetDurableExecution`: how an execution stands, with its input and its result.

use crate::durable::tables::{DURABLE_EVENTS, DURABLE_EXECUTIONS, EventRecord, ExecutionRecord};
use crate::durable::{errors, history, identity::ExecutionName, text};
use crate::failure::Failure;
use crate::{Lambda, Result};
use base::Time;
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn get_durable_execution(
    lambda: Arc<Lambda>,
    _: Arc<CallCx>,
    input: w::GetDurableExecutionRequest,
) -> Result<w::GetDurableExecutionResponse> {
    let name = find(&lambda, &input.durable_execution_arn)?;
    let read = lambda.deps.store.view(|view| {
        let record = view.get(&DURABLE_EXECUTIONS, &name.id)?;
        let event = |number| view.get(&DURABLE_EVENTS, &(name.id, number));
        let start = event(1)?;
        let end = match record.as_ref().and_then(|record| record.outcome) {
            Some(number) => event(number)?,
            None => None,
        };
        Ok::<_, Failure>((record, start, end))
    });
    let (record, start, end): (Option<ExecutionRecord>, Option<EventRecord>, Option<EventRecord>) =
        read.await?;
    let record = record.ok_or_else(errors::execution_not_found)?;
    let text_of = |event: &Option<EventRecord>| event.as_ref().and_then(|e| e.what.text().cloned());
    let error = end.as_ref().and_then(|event| event.what.error());
    Ok(w::GetDurableExecutionResponse {
        durable_execution_arn: name.arn(),
        durable_execution_name: record.name.clone(),
        function_arn: name.function_arn(),
        input_payload: text::load_some(&lambda, text_of(&start).as_ref()).await?,
        result: text::load_some(&lambda, text_of(&end).as_ref()).await?,
        error: error.map(history::error_to_wire),
        start_timestamp: Time::from_unix_ms(record.started_ms).into(),
        status: record.status,
        end_timestamp: record.ended_ms.map(|ms| Time::from_unix_ms(ms).into()),
        version: Some(record.version),
        trace_header: None,
    })
}

/// The execution that `arn` names. Error: there is none.
pub fn find(lambda: &Lambda, arn: &str) -> Result<ExecutionName> {
    let name = ExecutionName::parse(arn).ok_or_else(errors::execution_not_found)?;
    let record = lambda.deps.store.get(&DURABLE_EXECUTIONS, &name.id).map_err(Failure::from)?;
    match record {
        Some(record) if name.is(&record) => Ok(name),
        _ => Err(errors::execution_not_found()),
    }
}
