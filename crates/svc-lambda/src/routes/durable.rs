//! Operations on durable executions. Their resource is the execution, whose ARN begins with that of the version that
//! runs: a policy for `function:name:*` holds for its executions too.

use crate::durable::{callbacks, errors, identity::ExecutionName};
use crate::{Lambda, Result, ops as run};
use rt::{Access, Routes};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda::ops as on;

/// `action` on the execution. Error: the ARN, which has the right form, is not of an execution of this region.
fn to(
    cx: &CallCx,
    action: &'static str,
    arn: &str,
    missing: fn() -> wire::Error,
) -> Result<Access> {
    let name = ExecutionName::parse(arn).filter(|name| name.region == cx.region);
    Ok(Access::to(action, name.ok_or_else(missing)?.arn()))
}

/// `action` on the execution of the callback. Error: the id is not of a callback of this region.
fn to_callback(cx: &CallCx, action: &'static str, id: &str) -> Result<Access> {
    let execution = callbacks::parse(id)?.execution;
    match execution.region == cx.region {
        true => Ok(Access::to(action, execution.arn())),
        false => Err(errors::callback_id()),
    }
}

/// Adds an operation whose resource is the execution that it names.
macro_rules! route {
    ($routes:expr, $lambda:expr, $operation:ident, $action:literal, $missing:path, $run:path) => {
        $routes.on(
            on::$operation,
            $lambda,
            |_, cx, input| to(cx, $action, &input.durable_execution_arn, $missing),
            $run,
        )
    };
}

/// All of them.
pub fn durable(r: Routes, l: &Arc<Lambda>) -> Routes {
    let r = answers(r, l);
    let r = route!(
        r,
        l,
        CheckpointDurableExecution,
        "lambda:CheckpointDurableExecution",
        errors::checkpoint_token,
        run::checkpoint_durable_execution::checkpoint_durable_execution
    );
    let r = route!(
        r,
        l,
        GetDurableExecutionState,
        "lambda:GetDurableExecutionState",
        errors::checkpoint_token,
        run::get_durable_execution_state::get_durable_execution_state
    );
    let r = route!(
        r,
        l,
        GetDurableExecution,
        "lambda:GetDurableExecution",
        errors::execution_not_found,
        run::get_durable_execution::get_durable_execution
    );
    let r = route!(
        r,
        l,
        GetDurableExecutionHistory,
        "lambda:GetDurableExecutionHistory",
        errors::execution_not_found,
        run::get_durable_execution_history::get_durable_execution_history
    );
    let r = route!(
        r,
        l,
        StopDurableExecution,
        "lambda:StopDurableExecution",
        errors::execution_not_found,
        run::stop_durable_execution::stop_durable_execution
    );
    r.on(
        on::ListDurableExecutionsByFunction,
        l,
        |lambda, cx, input| {
            let (action, qualifier) =
                ("lambda:ListDurableExecutionsByFunction", input.qualifier.as_deref());
            super::to(lambda, cx, action, &input.function_name, qualifier)
        },
        run::list_durable_executions_by_function::list_durable_executions_by_function,
    )
}

fn answers(r: Routes, l: &Arc<Lambda>) -> Routes {
    let r = r.on(
        on::SendDurableExecutionCallbackSuccess,
        l,
        |_, cx, input| {
            to_callback(cx, "lambda:SendDurableExecutionCallbackSuccess", &input.callback_id)
        },
        run::send_durable_execution_callback_success::send_durable_execution_callback_success,
    );
    let r = r.on(
        on::SendDurableExecutionCallbackFailure,
        l,
        |_, cx, input| {
            to_callback(cx, "lambda:SendDurableExecutionCallbackFailure", &input.callback_id)
        },
        run::send_durable_execution_callback_failure::send_durable_execution_callback_failure,
    );
    r.on(
        on::SendDurableExecutionCallbackHeartbeat,
        l,
        |_, cx, input| {
            to_callback(cx, "lambda:SendDurableExecutionCallbackHeartbeat", &input.callback_id)
        },
        run::send_durable_execution_callback_heartbeat::send_durable_execution_callback_heartbeat,
    )
}
