//! Loops: functions that invoke themselves, straight or through others, are stopped unless they may.
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html>

use crate::model::name::{self, FunctionKey};
use crate::model::trace::{self, Trace};
use crate::tables::RECURSION_CONFIGS;
use crate::{Failure, Lambda, Result, errors, limits};

/// The trace header of an invocation of `function` that was asked for with the header `incoming`.
pub fn enter(lambda: &Lambda, incoming: Option<&str>, function: &FunctionKey) -> Trace {
    trace::enter(incoming, &name::function_arn(function), || {
        let random = lambda.deps.entropy.text(40, b"0123456789abcdef");
        let (root, parent) = random.split_at(24);
        (format!("1-{:08x}-{root}", lambda.deps.clock.now().unix_s()), parent.to_string())
    })
}

/// Whether the invocation would continue a loop that has gone on for too long, and the function must not loop.
pub fn is_stopped(lambda: &Lambda, trace: &Trace, function: &FunctionKey) -> Result<bool> {
    if trace.earlier < limits::RECURSIVE_INVOCATIONS_MAX {
        return Ok(false);
    }
    let config = lambda.deps.store.get(&RECURSION_CONFIGS, function).map_err(Failure::from)?;
    Ok(!config.is_some_and(|config| config.allow))
}

/// As [`enter`], for who waits for the answer. Error: `RecursiveInvocationException`.
pub fn enter_or_refuse(
    lambda: &Lambda,
    incoming: Option<&str>,
    function: &FunctionKey,
) -> Result<Trace> {
    let trace = enter(lambda, incoming, function);
    if is_stopped(lambda, &trace, function)? {
        return Err(errors::recursive_loop());
    }
    Ok(trace)
}
