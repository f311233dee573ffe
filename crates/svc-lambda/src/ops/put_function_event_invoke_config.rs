//! `PutFunctionEventInvokeConfig`: replace what is to become of asynchronous events.

use crate::model::name::{FunctionName, LATEST, Qualifier};
use crate::ops::rows::{self, TxResult};
use crate::outcome::{check_role_may_invoke, function_target};
use crate::tables::{EVENT_INVOKE_CONFIGS, EventInvokeConfigRecord, FUNCTIONS};
use crate::{Failure, Lambda, Result, errors, targets};
use base::{AccountId, Arn, Region, Time};
use seams::CallCx;
use std::sync::Arc;
use store::{Tx, View};
use wire::Timestamp;
use wire_lambda as w;

pub async fn put_function_event_invoke_config(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::PutFunctionEventInvokeConfigRequest,
) -> Result<w::FunctionEventInvokeConfig> {
    let name = FunctionName::parse(&cx, &input.function_name, input.qualifier.as_deref())?;
    let change = Change {
        maximum_retry_attempts: input.maximum_retry_attempts,
        maximum_event_age_in_seconds: input.maximum_event_age_in_seconds,
        destinations: input.destination_config,
    };
    store(&lambda, name, change, Base::Nothing).await
}

/// What a request says.
pub struct Change {
    /// 0 to 2.
    pub maximum_retry_attempts: Option<i32>,
    /// 60 to 21,600.
    pub maximum_event_age_in_seconds: Option<i32>,
    /// Whom to tell.
    pub destinations: Option<w::DestinationConfig>,
}

/// What a change begins with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// Members that the request does not name are removed.
    Nothing,
    /// They stay; there must be a configuration.
    Stored,
}

/// Checks the change and stores it.
pub async fn store(
    lambda: &Lambda,
    name: FunctionName,
    change: Change,
    base: Base,
) -> Result<w::FunctionEventInvokeConfig> {
    let empty = change.maximum_retry_attempts.is_none()
        && change.maximum_event_age_in_seconds.is_none()
        && change.destinations.is_none();
    if base == Base::Nothing && empty {
        return Err(errors::event_config_empty());
    }
    let number = |value: Option<i32>| value.and_then(|value| u32::try_from(value).ok());
    let (on_success, on_failure) = destinations(&name, change.destinations.as_ref())?;
    check_may_tell(lambda, &name, [&on_success, &on_failure]).await?;
    let named = change.destinations.is_some();
    let now = lambda.deps.clock.now();
    let shown = name.clone();
    let put = move |tx: &mut Tx<'_>| {
        let row = key(&name);
        check_exists(tx, &name)?;
        if (on_success.is_some() || on_failure.is_some()) && is_durable(tx, &name)? {
            return Err(errors::durable_destinations().into());
        }
        let mut record = match base {
            Base::Nothing => EventInvokeConfigRecord::default(),
            Base::Stored => load(tx, &name)?,
        };
        for destination in [&on_success, &on_failure].into_iter().flatten() {
            check_function_exists(tx, destination)?;
        }
        let retries = number(change.maximum_retry_attempts);
        record.maximum_retry_attempts = retries.or(record.maximum_retry_attempts);
        let age = number(change.maximum_event_age_in_seconds);
        record.maximum_event_age_s = age.or(record.maximum_event_age_s);
        if named {
            record.on_success.clone_from(&on_success);
            record.on_failure.clone_from(&on_failure);
        }
        record.last_modified_ms = now.unix_ms();
        tx.put(&EVENT_INVOKE_CONFIGS, &row, &record)?;
        Ok::<_, Failure>(record)
    };
    let record = lambda.deps.store.transact(put).await?;
    Ok(to_wire(&shown, &record))
}

/// The row of a configuration.
pub fn key(name: &FunctionName) -> (AccountId, Region, String, String) {
    let (account, region, function) = name.key();
    (account, region, function, name.qualifier_or_latest().to_string())
}

/// The configuration. Error: 404 as AWS words it, whether or not there is such a function (recorded).
pub fn load(view: &View<'_>, name: &FunctionName) -> TxResult<EventInvokeConfigRecord> {
    let record = view.get(&EVENT_INVOKE_CONFIGS, &key(name))?;
    let missing =
        || errors::event_config_not_found(&name.qualified_arn(name.qualifier_or_latest()));
    Ok(record.ok_or_else(missing)?)
}

fn check_exists(view: &View<'_>, name: &FunctionName) -> TxResult<()> {
    let exists = match Qualifier::of(name.qualifier_or_latest()) {
        Qualifier::Latest => view.contains(&FUNCTIONS, &name.key())?,
        Qualifier::Version(number) => rows::version(view, &name.key(), number)?.is_some(),
        Qualifier::Alias(alias) => rows::alias(view, &name.key(), alias)?.is_some(),
    };
    if exists { Ok(()) } else { Err(errors::event_config_function_missing().into()) }
}

/// A function is durable with all of its versions, or none is.
fn is_durable(view: &View<'_>, name: &FunctionName) -> TxResult<bool> {
    let function = view.get(&FUNCTIONS, &name.key())?;
    Ok(function.is_some_and(|function| function.latest.configuration.durable.is_some()))
}

type Destinations = (Option<String>, Option<String>);

fn destinations(
    name: &FunctionName,
    config: Option<&w::DestinationConfig>,
) -> Result<Destinations> {
    let given = |arn: Option<&String>| arn.filter(|arn| !arn.is_empty()).cloned();
    let success = config.and_then(|config| config.on_success.as_ref());
    let success = given(success.and_then(|on| on.destination.as_ref()));
    let failure = config.and_then(|config| config.on_failure.as_ref());
    let failure = given(failure.and_then(|on| on.destination.as_ref()));
    for arn in [&success, &failure].into_iter().flatten() {
        let service = Arn::parse(arn).map(|arn| arn.service().to_string());
        match service.as_deref() {
            Some("lambda") if *arn == name.function_arn() => return Err(errors::destination_self()),
            Some("lambda" | "sqs" | "sns" | "events") => {}
            // Buckets are told of failures alone.
            // <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>
            Some("s3") if success.as_ref() != Some(arn) => {}
            _ => return Err(errors::destination_invalid(success.as_deref(), failure.as_deref())),
        }
    }
    Ok((success, failure))
}

/// Ok if the function's role may tell each destination.
async fn check_may_tell(
    lambda: &Lambda,
    name: &FunctionName,
    destinations: [&Option<String>; 2],
) -> Result<()> {
    if destinations.iter().all(|destination| destination.is_none()) {
        return Ok(());
    }
    let read = lambda.deps.store.view(|view| {
        check_exists(view, name)?;
        for destination in destinations.into_iter().flatten() {
            check_function_exists(view, destination)?;
        }
        rows::qualified_version(view, name)
    });
    let role = read.await?.0.configuration.role;
    for text in destinations.into_iter().flatten() {
        if let Some(target) = function_target(text) {
            let may = check_role_may_invoke(lambda, name, &role, &target).await;
            may.map_err(|error| match error.internal_cause() {
                Some(_) => error,
                None => errors::targets::role_may_not("InvokeFunction", text),
            })?;
        } else if let Some(target) = Arn::parse(text) {
            let purpose = targets::Use::Destination;
            targets::check(lambda, &name.key(), &role, &target, purpose).await?;
        }
    }
    Ok(())
}

/// Ok if the ARN is not that of a function, or there is the function.
fn check_function_exists(view: &View<'_>, arn: &str) -> TxResult<()> {
    if Arn::parse(arn).is_some_and(|arn| arn.service() != "lambda") {
        return Ok(());
    }
    match function_target(arn) {
        Some(target) if view.contains(&FUNCTIONS, &target.key())? => Ok(()),
        _ => Err(errors::destination_function_missing(arn).into()),
    }
}

/// As the API shows a configuration. Recorded: both destinations are there even if empty.
pub fn to_wire(
    name: &FunctionName,
    record: &EventInvokeConfigRecord,
) -> w::FunctionEventInvokeConfig {
    let number = |value: Option<u32>| value.and_then(|value| i32::try_from(value).ok());
    let modified = Time::from_unix_ms(record.last_modified_ms).unix_s();
    w::FunctionEventInvokeConfig {
        last_modified: i64::try_from(modified).ok().and_then(|s| Timestamp::new(s, 0)),
        function_arn: Some(name.qualified_arn(name.qualifier.as_deref().unwrap_or(LATEST))),
        maximum_retry_attempts: number(record.maximum_retry_attempts),
        maximum_event_age_in_seconds: number(record.maximum_event_age_s),
        destination_config: Some(w::DestinationConfig {
            on_success: Some(w::OnSuccess { destination: record.on_success.clone() }),
            on_failure: Some(w::OnFailure { destination: record.on_failure.clone() }),
        }),
    }
}
