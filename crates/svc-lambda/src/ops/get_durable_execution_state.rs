//! `GetDurableExecutionState`: the operations that did not fit into the invocation.

use crate::durable::checkpoint::current_token;
use crate::durable::identity::ExecutionName;
use crate::durable::tables::DURABLE_EXECUTIONS;
use crate::durable::{errors, state};
use crate::failure::Failure;
use crate::ops::get_durable_execution_history::{page_size, parse_marker};
use crate::{Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn get_durable_execution_state(
    lambda: Arc<Lambda>,
    _: Arc<CallCx>,
    input: w::GetDurableExecutionStateRequest,
) -> Result<w::GetDurableExecutionStateResponse> {
    let name = ExecutionName::parse(&input.durable_execution_arn);
    let name = name.ok_or_else(errors::checkpoint_token)?;
    let from = parse_marker(input.marker.as_deref())?.unwrap_or(0);
    let size = page_size(input.max_items);
    let page = lambda.deps.store.view(|view| {
        let record = view.get(&DURABLE_EXECUTIONS, &name.id)?;
        let record =
            record.filter(|record| name.is(record)).ok_or_else(errors::checkpoint_token)?;
        if current_token(&record, name.id).as_deref() != Some(&input.checkpoint_token) {
            return Err(Failure::from(errors::checkpoint_token()));
        }
        state::page(view, name.id, from, size)
    });
    let page = page.await?;
    let mut operations = Vec::with_capacity(page.operations.len());
    for shown in &page.operations {
        operations.push(shown.to_wire(&lambda).await?);
    }
    let next_marker = page.next.map(|next| next.to_string());
    Ok(w::GetDurableExecutionStateResponse { operations, next_marker })
}
