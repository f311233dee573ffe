//! What becomes of an execution that nobody waits for and that did not succeed: its event goes to the dead-letter queue
//! of its version, if that has one. Durable functions have no destinations.
//! <https://docs.aws.amazon.com/lambda/latest/dg/durable-invoking.html>

use crate::durable::identity::ExecutionName;
use crate::durable::tables::{DURABLE_EVENTS, DURABLE_EXECUTIONS, DURABLE_WORK, What};
use crate::durable::text;
use crate::durable::timers::Row;
use crate::failure::Failure;
use crate::outcome;
use crate::tables::DELIVERIES;
use crate::{Lambda, Result};
use std::sync::Arc;
use store::Tx;

/// Stands for an operation in the row of this work; operations have no such ids.
pub const DEAD_LETTER: &str = "!dead-letter";
/// The first line of a history, which carries the input.
const BEGINNING: u64 = 1;

/// Does the work `row`: prepares the delivery, which another loop makes.
pub async fn run(lambda: &Arc<Lambda>, row: Row) -> Result<()> {
    let delivery = match prepare(lambda, &row).await {
        Ok(delivery) => delivery,
        Err(error) if error.internal_cause().is_some() => return Err(error),
        Err(error) => {
            tracing::warn!(%error, execution = %row.1, "an event did not get to its dead-letter queue");
            None
        }
    };
    let done = move |tx: &mut Tx<'_>| {
        tx.delete(&DURABLE_WORK, &row)?;
        if let Some((key, record)) = &delivery {
            tx.put(&DELIVERIES, key, record)?;
        }
        Ok::<_, Failure>(())
    };
    Ok(lambda.deps.store.transact(done).await?)
}

async fn prepare(lambda: &Lambda, row: &Row) -> Result<Option<outcome::DeliveryRow>> {
    let read = lambda.deps.store.view(|view| {
        let record = view.get(&DURABLE_EXECUTIONS, &row.1)?;
        let began = view.get(&DURABLE_EVENTS, &(row.1, BEGINNING))?;
        let ended = match record.as_ref().and_then(|record| record.outcome) {
            Some(number) => view.get(&DURABLE_EVENTS, &(row.1, number))?,
            None => None,
        };
        Ok::<_, Failure>((record, began, ended))
    });
    let (Some(record), Some(began), ended) = read.await? else { return Ok(None) };
    let input = text::load_some(lambda, began.what.text()).await?.unwrap_or_default();
    let error = ended.as_ref().and_then(|ended| What::error(&ended.what));
    let error = error.and_then(|error| error.message.as_deref());
    let name = ExecutionName::of(&record, row.1)?.target();
    outcome::dead_letter(lambda, &name, row.1, input.as_bytes(), Some(error.unwrap_or_default()))
        .await
}
