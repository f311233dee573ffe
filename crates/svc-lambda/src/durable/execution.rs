//! One execution inside a transaction: its row, its operations, its history, what is due.

use crate::durable::dead_letter::DEAD_LETTER;
use crate::durable::metering::Metered;
use crate::durable::tables::{
    ChangeRecord, DURABLE_CHANGES, DURABLE_EVENTS, DURABLE_EXECUTIONS, DURABLE_OPERATIONS,
    DURABLE_PURGES, DURABLE_TIMERS, DURABLE_USAGE, DURABLE_WORK, ErrorRecord, EventOperationRecord,
    EventRecord, ExecutionRecord, OperationRecord, PurgeRecord, TextRecord, TimerRecord, What,
    WorkRecord,
};
use crate::limits;
use crate::ops::rows::TxResult;
use base::{AccountId, Region, RequestId, Time};
use std::time::Duration;
use store::Tx;
use wire_lambda as w;

/// The id under which timers and work of the execution itself stand.
pub const OWN: &str = "";

/// An execution that a transaction changes. [`ExecutionTx::close`] stores its row.
pub struct ExecutionTx<'a, 's> {
    /// The transaction.
    pub tx: &'a mut Tx<'s>,
    /// The execution's id.
    pub id: RequestId,
    /// Its row.
    pub record: ExecutionRecord,
    /// When the transaction was asked for.
    pub now: Time,
    /// For the bill.
    pub metered: Metered,
}

impl<'a, 's> ExecutionTx<'a, 's> {
    /// The execution, if there is one.
    pub fn open(tx: &'a mut Tx<'s>, id: RequestId, now: Time) -> TxResult<Option<Self>> {
        let record = tx.get(&DURABLE_EXECUTIONS, &id)?;
        Ok(record.map(|record| ExecutionTx::new(tx, id, record, now)))
    }

    /// An execution that has this row, or will have.
    pub fn new(tx: &'a mut Tx<'s>, id: RequestId, mut record: ExecutionRecord, now: Time) -> Self {
        let metered = Metered::kept_until(&mut record, now);
        ExecutionTx { tx, id, record, now, metered }
    }

    /// Stores the execution's row, and what it used on the bill.
    pub fn close(self) -> TxResult<()> {
        self.metered.bill(self.tx, &self.record, self.now)?;
        Ok(self.tx.put(&DURABLE_EXECUTIONS, &self.id, &self.record)?)
    }

    /// Whether it has not ended.
    pub fn is_running(&self) -> bool {
        self.record.status == w::ExecutionStatus::Running
    }

    /// Adds a line to the history; its number.
    pub fn event(
        &mut self,
        operation: Option<(&str, &OperationRecord)>,
        what: What,
    ) -> TxResult<u64> {
        self.record.events += 1;
        self.record.stored_bytes += what.bytes();
        self.metered.add(&what);
        let operation = operation.map(|(id, record)| EventOperationRecord {
            id: id.to_string(),
            name: record.name.clone(),
            sub_type: record.sub_type.clone(),
            parent: record.parent.clone(),
        });
        let number = self.record.events;
        let event = EventRecord { at_ms: self.now.unix_ms(), operation, what };
        self.tx.put(&DURABLE_EVENTS, &(self.id, number), &event)?;
        Ok(number)
    }

    /// An operation by its id.
    pub fn operation(&self, id: &str) -> TxResult<Option<OperationRecord>> {
        Ok(self.tx.get(&DURABLE_OPERATIONS, &(self.id, id.to_string()))?)
    }

    /// Stores an operation that was `before`, and counts whether it waits.
    pub fn put_operation(
        &mut self,
        id: &str,
        before: Option<&OperationRecord>,
        record: &OperationRecord,
    ) -> TxResult<()> {
        let pending = &mut self.record.pending;
        *pending -= u64::from(before.is_some_and(OperationRecord::is_pending)).min(*pending);
        *pending += u64::from(record.is_pending());
        Ok(self.tx.put(&DURABLE_OPERATIONS, &(self.id, id.to_string()), record)?)
    }

    /// Moves the operation's timer to `due`, or takes it away.
    pub fn set_timer(
        &mut self,
        id: &str,
        record: &mut OperationRecord,
        due: Option<Time>,
    ) -> TxResult<()> {
        if let Some(due_ns) = record.due_ns.take() {
            let row = (Time::from_unix_ns(due_ns), self.id, id.to_string());
            self.tx.delete(&DURABLE_TIMERS, &row)?;
        }
        if let Some(due) = due {
            record.due_ns = Some(due.unix_ns());
            self.tx.put(&DURABLE_TIMERS, &(due, self.id, id.to_string()), &TimerRecord {})?;
        }
        Ok(())
    }

    /// What an operation waited for has happened: it gets a new status, `what` stands in the history, and the function
    /// is to hear of it. False if it had ended already.
    pub fn settle(&mut self, id: &str, status: w::OperationStatus, what: What) -> TxResult<bool> {
        let Some(before) = self.operation(id)? else { return Ok(false) };
        if !self.is_running() || !before.is_pending() {
            return Ok(false);
        }
        let mut record = before.clone();
        self.set_timer(id, &mut record, None)?;
        record.status = status;
        record.ended_ms = Some(self.now.unix_ms());
        record.outcome = Some(self.event(Some((id, &record)), what)?);
        self.put_operation(id, Some(&before), &record)?;
        self.changed(id)?;
        Ok(true)
    }

    /// The function is to hear of a change of the operation: now, or by its next checkpoint if it runs.
    pub fn changed(&mut self, id: &str) -> TxResult<()> {
        self.tx.put(&DURABLE_CHANGES, &(self.id, id.to_string()), &ChangeRecord {})?;
        if self.record.work_ns.is_none() {
            self.set_work(Some(self.now))?;
        }
        Ok(())
    }

    /// Moves the next invocation to `due`, or takes it away.
    pub fn set_work(&mut self, due: Option<Time>) -> TxResult<()> {
        if let Some(work_ns) = self.record.work_ns.take() {
            let row = (Time::from_unix_ns(work_ns), self.id, OWN.to_string());
            self.tx.delete(&DURABLE_WORK, &row)?;
        }
        if let Some(due) = due {
            self.record.work_ns = Some(due.unix_ns());
            self.tx.put(
                &DURABLE_WORK,
                &(due, self.id, OWN.to_string()),
                &WorkRecord { throttles: 0 },
            )?;
        }
        Ok(())
    }

    /// When the execution's timeout is.
    pub fn deadline(&self) -> Time {
        Time::from_unix_ms(self.record.started_ms) + Duration::from_secs(self.record.timeout_s)
    }

    /// The execution ends. `what` is the last line of its history; `for_parent` its result once more, for the execution
    /// that waits for it.
    pub fn end(&mut self, what: What, for_parent: Option<TextRecord>) -> TxResult<()> {
        let (status, operation_status) = what.ends();
        let own = (OWN_OPERATION.to_string(), self.operation(OWN_OPERATION)?);
        let outcome = match &own.1 {
            Some(record) => self.event(Some((&self.id.to_string(), record)), what.clone())?,
            None => self.event(None, what.clone())?,
        };
        if let (id, Some(before)) = own {
            let ended_ms = Some(self.now.unix_ms());
            let record = OperationRecord { status: operation_status, ended_ms, ..before.clone() };
            self.put_operation(&id, Some(&before), &record)?;
        }
        self.tx.delete(&DURABLE_TIMERS, &(self.deadline(), self.id, OWN.to_string()))?;
        self.set_work(None)?;
        let kept = Duration::from_secs(self.record.retention_days * limits::DAY_S);
        self.tx.put(&DURABLE_PURGES, &(self.now + kept, self.id), &PurgeRecord {})?;
        self.record.status = status;
        self.record.ended_ms = Some(self.now.unix_ms());
        self.record.outcome = Some(outcome);
        self.record.invocation = None;
        self.count_running(-1)?;
        if self.record.asynchronous && status != w::ExecutionStatus::Succeeded {
            let row = (self.now, self.id, DEAD_LETTER.to_string());
            self.tx.put(&DURABLE_WORK, &row, &WorkRecord { throttles: 0 })?;
        }
        self.tell_parent(status, what, for_parent)
    }

    /// Counts what the account runs.
    fn count_running(&mut self, by: i64) -> TxResult<()> {
        let place = AccountId::parse(&self.record.account).zip(Region::parse(&self.record.region));
        let Some(place) = place else { return Ok(()) };
        let mut usage = self.tx.get(&DURABLE_USAGE, &place)?.unwrap_or_default();
        usage.running = usage.running.saturating_add_signed(by);
        Ok(self.tx.put(&DURABLE_USAGE, &place, &usage)?)
    }

    fn tell_parent(
        &mut self,
        status: w::ExecutionStatus,
        what: What,
        result: Option<TextRecord>,
    ) -> TxResult<()> {
        let Some(parent) = self.record.parent.clone() else { return Ok(()) };
        let Some(parent_id) = RequestId::parse(&parent.execution) else { return Ok(()) };
        let error = what.error().cloned().unwrap_or_default();
        let (operation_status, what) = match status {
            w::ExecutionStatus::Succeeded => {
                (w::OperationStatus::Succeeded, What::ChainedInvokeSucceeded { result })
            }
            w::ExecutionStatus::TimedOut => {
                let error = chained_timeout(self.record.timeout_s);
                (w::OperationStatus::TimedOut, What::ChainedInvokeTimedOut { error })
            }
            w::ExecutionStatus::Stopped => {
                (w::OperationStatus::Stopped, What::ChainedInvokeStopped { error })
            }
            _ => (w::OperationStatus::Failed, What::ChainedInvokeFailed { error }),
        };
        let Some(mut parent_tx) = ExecutionTx::open(self.tx, parent_id, self.now)? else {
            return Ok(());
        };
        parent_tx.settle(&parent.operation, operation_status, what)?;
        parent_tx.close()
    }
}

/// The key of the operation that is the execution itself; the API shows the execution's id for it. Operations of the
/// function have names of 1 to 64 characters.
pub const OWN_OPERATION: &str = OWN;

/// As the service reports a child that took too long.
/// <https://github.com/aws/aws-durable-execution-sdk-python-testing>
pub fn chained_timeout(timeout_s: u64) -> ErrorRecord {
    ErrorRecord {
        message: Some(format!("CHAINED_INVOKE timed out after {timeout_s} seconds.")),
        kind: Some("ChainedInvoke.Timeout".to_string()),
        ..ErrorRecord::default()
    }
}

impl ErrorRecord {
    /// An error of the platform's own.
    pub fn of(kind: &str, message: impl Into<String>) -> Self {
        let (kind, message) = (Some(kind.to_string()), Some(message.into()));
        ErrorRecord { kind, message, ..ErrorRecord::default() }
    }

    /// Bytes of its texts.
    pub fn bytes(&self) -> u64 {
        let of = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let stack = self.stack.iter().flatten().map(String::len).sum::<usize>();
        (of(&self.message) + of(&self.kind) + of(&self.data) + stack) as u64
    }
}

impl OperationRecord {
    /// Whether it waits for something outside the function: an execution may pause for it.
    pub fn is_pending(&self) -> bool {
        use w::OperationType::{Callback, ChainedInvoke, Step, Wait};
        match self.kind {
            Step => self.status == w::OperationStatus::Pending,
            Wait | Callback | ChainedInvoke => self.status == w::OperationStatus::Started,
            _ => false,
        }
    }

    /// Whether nothing will change it any more.
    pub fn has_ended(&self) -> bool {
        self.ended_ms.is_some()
    }
}

impl What {
    /// Its payload.
    pub fn text(&self) -> Option<&TextRecord> {
        match self {
            What::ExecutionStarted { input, .. } => Some(input),
            What::ChainedInvokeStarted { input, .. } => input.as_ref(),
            What::ExecutionSucceeded { result }
            | What::ContextSucceeded { result }
            | What::StepSucceeded { result, .. }
            | What::ChainedInvokeSucceeded { result }
            | What::CallbackSucceeded { result } => result.as_ref(),
            _ => None,
        }
    }

    /// Its error.
    pub fn error(&self) -> Option<&ErrorRecord> {
        match self {
            What::ExecutionFailed { error }
            | What::ExecutionTimedOut { error }
            | What::ExecutionStopped { error }
            | What::ContextFailed { error }
            | What::StepFailed { error, .. }
            | What::ChainedInvokeFailed { error }
            | What::ChainedInvokeTimedOut { error }
            | What::ChainedInvokeStopped { error }
            | What::CallbackFailed { error }
            | What::CallbackTimedOut { error } => Some(error),
            What::InvocationCompleted { error, .. } => error.as_ref(),
            _ => None,
        }
    }

    /// Bytes of its texts.
    pub fn bytes(&self) -> u64 {
        self.text().map_or(0, TextRecord::bytes) + self.error().map_or(0, ErrorRecord::bytes)
    }

    /// How an execution has ended by it.
    fn ends(&self) -> (w::ExecutionStatus, w::OperationStatus) {
        match self {
            What::ExecutionSucceeded { .. } => {
                (w::ExecutionStatus::Succeeded, w::OperationStatus::Succeeded)
            }
            What::ExecutionTimedOut { .. } => {
                (w::ExecutionStatus::TimedOut, w::OperationStatus::TimedOut)
            }
            What::ExecutionStopped { .. } => {
                (w::ExecutionStatus::Stopped, w::OperationStatus::Stopped)
            }
            _ => (w::ExecutionStatus::Failed, w::OperationStatus::Failed),
        }
    }
}
