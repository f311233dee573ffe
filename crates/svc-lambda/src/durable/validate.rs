//! Which updates a checkpoint may carry.

use crate::durable::errors;
use crate::durable::tables::OperationRecord;
use crate::{Result, limits};
use w::OperationAction::{Cancel, Fail, Retry, Start, Succeed};
use w::OperationType::{Callback, ChainedInvoke, Context, Execution, Step, Wait};
use wire_lambda as w;

/// What can be said of all updates without knowing the execution. `has_parent` tells whether another execution waits
/// for its result.
pub fn batch(updates: &[w::OperationUpdate], has_parent: bool) -> Result<()> {
    let executions = updates.iter().filter(|update| update.r#type == Execution).count();
    if executions > 1 {
        return Err(errors::several_executions());
    }
    if executions == 1 && updates.last().is_some_and(|last| last.r#type != Execution) {
        return Err(errors::execution_not_last());
    }
    updates.iter().try_for_each(|update| sizes(update, has_parent))
}

/// The bytes of an error as the JSON object that it travels as.
pub fn error_bytes(error: &w::ErrorObject) -> usize {
    serde_json::to_vec(&crate::durable::history::error_json(error)).map_or(0, |json| json.len())
}

fn sizes(update: &w::OperationUpdate, has_parent: bool) -> Result<()> {
    if update.error.as_ref().map_or(0, error_bytes) > limits::DURABLE_ERROR_BYTES_MAX {
        return Err(errors::error_too_large());
    }
    let bytes = update.payload.as_ref().map_or(0, String::len);
    let (kind, direction, max) = match update.r#type {
        ChainedInvoke => ("CHAINED_INVOKE", "input", limits::DURABLE_CHAINED_BYTES_MAX),
        Execution if has_parent => ("Execution", "output", limits::DURABLE_CHAINED_BYTES_MAX),
        Execution => ("Execution", "output", limits::PAYLOAD_BYTES_MAX),
        kind => (kind.as_str(), "output", limits::DURABLE_RESULT_BYTES_MAX),
    };
    if bytes > max {
        return Err(errors::payload_too_large(kind, direction, max));
    }
    Ok(())
}

/// An update of an operation that is `current`; `before` is the last update of it in the same checkpoint. `parent` is
/// the operation that the update names as its parent, if it exists.
pub fn update(
    update: &w::OperationUpdate,
    current: Option<&OperationRecord>,
    before: Option<(w::OperationType, w::OperationAction)>,
    parent: Option<w::OperationType>,
) -> Result<()> {
    if let Some((kind, action)) = before {
        // A step or a context may begin and end in one checkpoint.
        let follows = action == Start && update.action != Start;
        if !(matches!(kind, Step | Context) && follows) {
            return Err(errors::several_of_one());
        }
    }
    if update.parent_id.is_some() && parent != Some(Context) {
        return Err(errors::parent());
    }
    if let Some(current) = current {
        same(update, current)?;
    }
    action(update)?;
    transition(update, current)
}

fn same(update: &w::OperationUpdate, current: &OperationRecord) -> Result<()> {
    let differs = |new: &Option<String>, old: &Option<String>| new.is_some() && new != old;
    if update.r#type != current.kind {
        Err(errors::other_type())
    } else if differs(&update.sub_type, &current.sub_type) {
        Err(errors::other_sub_type())
    } else if differs(&update.name, &current.name) {
        Err(errors::other_name())
    } else if differs(&update.parent_id, &current.parent) {
        Err(errors::other_parent())
    } else {
        Ok(())
    }
}

fn action(update: &w::OperationUpdate) -> Result<()> {
    let allowed = match update.r#type {
        Execution => matches!(update.action, Succeed | Fail),
        Context => matches!(update.action, Start | Succeed | Fail),
        Step => matches!(update.action, Start | Succeed | Fail | Retry),
        Wait => matches!(update.action, Start | Cancel),
        Callback | ChainedInvoke => update.action == Start,
    };
    if !allowed {
        return Err(errors::action());
    }
    match update.action {
        Fail if update.payload.is_some() => Err(errors::payload_of_failure()),
        Succeed if update.error.is_some() => Err(errors::error_of_success()),
        _ => Ok(()),
    }
}

fn transition(update: &w::OperationUpdate, current: Option<&OperationRecord>) -> Result<()> {
    let status = current.map(|current| current.status);
    let is = |allowed: &[w::OperationStatus]| status.is_none_or(|status| allowed.contains(&status));
    let open = [w::OperationStatus::Started, w::OperationStatus::Ready];
    let check = |good: bool, error: fn() -> wire::Error| if good { Ok(()) } else { Err(error()) };
    match (update.r#type, update.action) {
        (Step, Start) => check(is(&open[1..]), errors::step_start),
        (Step, Retry) => {
            check(is(&open), errors::step_retry)?;
            check(update.step_options.is_some(), errors::step_options)?;
            let both = update.error.is_some() && update.payload.is_some();
            check(!both, errors::step_retry_both)
        }
        (Step, _) => check(is(&open), errors::step_close),
        (Context, Start) => check(status.is_none(), errors::context_start),
        (Context, _) => check(is(&open[..1]), errors::context_close),
        (Wait, Start) => {
            check(status.is_none(), errors::wait_start)?;
            let seconds = update.wait_options.as_ref().and_then(|options| options.wait_seconds);
            check(seconds.is_some(), errors::wait_options)
        }
        (Wait, _) => check(status == Some(w::OperationStatus::Started), errors::wait_cancel),
        (Callback, _) => check(status.is_none(), errors::callback_start),
        (ChainedInvoke, _) => {
            check(status.is_none(), errors::chained_start)?;
            check(update.chained_invoke_options.is_some(), errors::chained_options)
        }
        (Execution, _) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: w::OperationType, action: w::OperationAction) -> w::OperationUpdate {
        w::OperationUpdate { id: "a".into(), r#type: kind, action, ..Default::default() }
    }

    fn record(kind: w::OperationType, status: w::OperationStatus) -> OperationRecord {
        OperationRecord {
            sequence: 1,
            parent: None,
            name: Some("n".into()),
            kind,
            sub_type: None,
            status,
            started_ms: 0,
            ended_ms: None,
            attempt: 0,
            due_ns: None,
            outcome: None,
            replay_children: false,
            callback: None,
        }
    }

    fn refused(update_: &w::OperationUpdate, current: Option<&OperationRecord>) -> String {
        update(update_, current, None, None).unwrap_err().message().to_string()
    }

    #[test]
    fn one_execution_at_the_end() {
        let (step, execution) = (of(Step, Start), of(Execution, Succeed));
        assert!(batch(&[step.clone(), execution.clone()], false).is_ok());
        assert!(batch(&[execution.clone(), step], false).is_err());
        assert!(batch(&[execution.clone(), execution], false).is_err());
    }

    #[test]
    fn sizes_of_payloads() {
        let with = |kind, bytes: usize| w::OperationUpdate {
            payload: Some("x".repeat(bytes)),
            ..of(kind, Succeed)
        };
        assert!(batch(&[with(Step, 262_144)], false).is_ok());
        let error = batch(&[with(Step, 262_145)], false).unwrap_err();
        assert_eq!(
            error.message(),
            "STEP output payload size must be less than or equal to 262144 bytes."
        );
        assert!(batch(&[with(Execution, 1_048_577)], false).is_ok());
        assert!(batch(&[with(Execution, 1_048_577)], true).is_err());
        let error = w::ErrorObject { error_data: Some("x".repeat(32_768)), ..Default::default() };
        let failed = w::OperationUpdate { error: Some(error), ..of(Step, Fail) };
        assert!(batch(&[failed], false).is_err());
    }

    #[test]
    fn steps_begin_end_and_are_tried_again() {
        use w::OperationStatus::{Pending, Ready, Started, Succeeded};
        let step = |status| record(Step, status);
        let ok =
            |action, status| update(&of(Step, action), Some(&step(status)), None, None).is_ok();
        assert!(update(&of(Step, Succeed), None, None, None).is_ok());
        assert!(ok(Start, Ready) && !ok(Start, Started) && !ok(Start, Pending));
        assert!(ok(Succeed, Started) && ok(Fail, Ready) && !ok(Succeed, Succeeded));
        assert_eq!(
            refused(&of(Step, Retry), Some(&step(Started))),
            errors::step_options().message()
        );
        assert_eq!(refused(&of(Step, Cancel), None), errors::action().message());
    }

    #[test]
    fn what_an_operation_is_does_not_change() {
        let current = record(Step, w::OperationStatus::Started);
        assert_eq!(refused(&of(Context, Succeed), Some(&current)), errors::other_type().message());
        let renamed = w::OperationUpdate { name: Some("m".into()), ..of(Step, Succeed) };
        assert_eq!(refused(&renamed, Some(&current)), errors::other_name().message());
    }

    #[test]
    fn one_update_for_each_operation_but_for_steps_and_contexts() {
        let step = record(Step, w::OperationStatus::Started);
        assert!(update(&of(Step, Succeed), Some(&step), Some((Step, Start)), None).is_ok());
        assert!(update(&of(Step, Succeed), Some(&step), Some((Step, Succeed)), None).is_err());
        let wait = record(Wait, w::OperationStatus::Started);
        assert!(update(&of(Wait, Cancel), Some(&wait), Some((Wait, Start)), None).is_err());
        assert!(update(&of(Wait, Cancel), Some(&wait), None, None).is_ok());
        assert!(update(&of(Wait, Start), None, None, None).is_err(), "no options");
    }

    #[test]
    fn parents_are_contexts() {
        let child = w::OperationUpdate { parent_id: Some("p".into()), ..of(Step, Start) };
        assert!(update(&child, None, None, Some(Context)).is_ok());
        assert!(update(&child, None, None, Some(Step)).is_err());
        assert!(update(&child, None, None, None).is_err());
    }
}
