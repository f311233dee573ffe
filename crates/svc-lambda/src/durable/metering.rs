//! What durable executions put on the bill: operations, bytes written, and bytes kept.
//! <https://docs.aws.amazon.com/lambda/latest/dg/durable-execution-sdk.html#durable-sdk-operations-metering>
//!
//! It is added in the transaction that writes the history. Bytes that are kept are billed up to every change of the
//! execution and in the end up to its removal: of one that only waits the bill shows nothing new until it goes on.

use crate::Failure;
use crate::durable::identity::ExecutionName;
use crate::durable::tables::{ExecutionRecord, What};
use crate::model::name;
use base::Time;
use std::sync::Arc;
use store::Tx;
use usage::{Resource, usage_types as types};

const HOUR_MS: u128 = 3_600_000;

/// What a transaction puts on the bill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Metered {
    operations: u64,
    bytes_written: u64,
    byte_hours: u64,
}

impl Metered {
    /// What the execution has kept until `now` and was not billed for yet.
    pub fn kept_until(record: &mut ExecutionRecord, now: Time) -> Self {
        let now_ms = now.unix_ms();
        let since_ms =
            if record.kept_until_ms == 0 { record.started_ms } else { record.kept_until_ms };
        let kept_ms = u128::from(now_ms.saturating_sub(since_ms));
        let byte_ms = u128::from(record.stored_bytes) * kept_ms + u128::from(record.kept_byte_ms);
        record.kept_until_ms = now_ms.max(since_ms);
        // Both fit: the remainder is less than an hour, and years of the most that an execution may store are 2⁶⁰.
        record.kept_byte_ms = (byte_ms % HOUR_MS) as u64;
        let byte_hours = u64::try_from(byte_ms / HOUR_MS).unwrap_or(u64::MAX);
        Metered { byte_hours, ..Metered::default() }
    }

    /// Adds a line of the history.
    pub fn add(&mut self, what: &What) {
        self.operations += u64::from(is_operation(what));
        self.bytes_written += what.bytes();
    }

    /// Puts it on the bill.
    pub fn bill(self, tx: &mut Tx<'_>, record: &ExecutionRecord, now: Time) -> Result<(), Failure> {
        let used = [
            (&types::LAMBDA_DURABLE_OPERATION, self.operations),
            (&types::LAMBDA_DURABLE_BYTES_WRITTEN, self.bytes_written),
            (&types::LAMBDA_DURABLE_BYTES_KEPT, self.byte_hours),
        ];
        if used.iter().all(|(_, quantity)| *quantity == 0) {
            return Ok(());
        }
        let (account, region, function) = ExecutionName::function_of(record)?;
        let arn = name::function_arn(&(account, region.clone(), function));
        let resource = Arc::new(Resource { account, region, arn });
        for (usage_type, quantity) in used.into_iter().filter(|(_, quantity)| *quantity > 0) {
            usage::add(tx, now, &resource, usage_type, quantity)?;
        }
        Ok(())
    }
}

/// Whether a line of the history stands for an operation that is billed: what begins an execution, a wait, a callback or
/// a chained invoke, what ends a context or an attempt of a step, and an invocation that is tried again.
fn is_operation(what: &What) -> bool {
    matches!(
        what,
        What::ExecutionStarted { .. }
            | What::WaitStarted { .. }
            | What::CallbackStarted { .. }
            | What::ChainedInvokeStarted { .. }
            | What::StepSucceeded { .. }
            | What::StepFailed { .. }
            | What::ContextSucceeded { .. }
            | What::ContextFailed { .. }
            | What::InvocationCompleted { error: Some(_), .. }
    )
}
