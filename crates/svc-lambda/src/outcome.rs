//! What is told of an asynchronous event that was handled or given up: the record for its destination, and the event
//! itself for the function's dead-letter queue.
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>

use crate::invocation::Execution;
use crate::limits::ASYNC_PAYLOAD_BYTES_MAX;
use crate::model::event::Condition;
use crate::model::name::FunctionName;
use crate::ops::invoke::{AcceptedEvent, prepare};
use crate::tables::{
    AsyncEventRecord, AsyncEventRow, DeliveryRecord, EventInvokeConfigRecord, VersionRecord,
};
use crate::targets::{self, Message};
use crate::{Lambda, Result, errors};
use base::{Arn, Region, RequestId, Time};
use serde_json::{Value, json};

/// Rows that are stored when the event's own goes.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// For a function.
    pub event: Option<(AsyncEventRow, AsyncEventRecord)>,
    /// For other services.
    pub deliveries: Vec<DeliveryRow>,
}

/// A row of [`crate::tables::DELIVERIES`].
pub type DeliveryRow = ((Time, RequestId), DeliveryRecord);

/// An event that has come to its end.
pub struct Ended<'e> {
    /// The function as the caller named it.
    pub name: &'e FunctionName,
    /// The event's id.
    pub request_id: RequestId,
    /// Its row.
    pub record: &'e AsyncEventRecord,
    /// What the function was given.
    pub payload: &'e [u8],
    /// How it ended.
    pub condition: Condition,
    /// What the function answered last, if it ran.
    pub execution: Option<Execution>,
}

impl Ended<'_> {
    /// Whom to tell, and what. What cannot be told is logged.
    pub async fn told(&self, lambda: &Lambda, config: Option<&EventInvokeConfigRecord>) -> Told {
        let mut told = Told::default();
        let destination = config.and_then(|config| match self.condition {
            Condition::Success => config.on_success.as_deref(),
            _ => config.on_failure.as_deref(),
        });
        let function = &self.name.name;
        if let Some(arn) = destination
            && let Err(error) = self.tell_destination(lambda, arn, &mut told).await
        {
            tracing::warn!(%error, function, arn, "a destination was not told");
        }
        if self.condition != Condition::Success
            && let Err(error) = self.tell_dead_letter_queue(lambda, &mut told).await
        {
            tracing::warn!(%error, function, "an event did not get to its dead-letter queue");
        }
        told
    }

    async fn tell_destination(&self, lambda: &Lambda, arn: &str, told: &mut Told) -> Result<()> {
        let body = self.destination_record(lambda.deps.clock.now()).to_string();
        let role = version(lambda, self.name).await?.configuration.role;
        let Some(target) = function_target(arn) else {
            let outcome = if self.condition == Condition::Success { "Success" } else { "Failure" };
            let detail_type = format!("Lambda Function Invocation Result - {outcome}");
            let message = Message::new(body, detail_type);
            let key = self.name.key();
            told.deliveries.push(targets::prepare(lambda, &key, &role, arn, message).await?);
            return Ok(());
        };
        if body.len() > ASYNC_PAYLOAD_BYTES_MAX {
            let (bytes, max) = (body.len(), ASYNC_PAYLOAD_BYTES_MAX);
            return Err(errors::payload_too_large(bytes, "Event", max));
        }
        check_role_may_invoke(lambda, self.name, &role, &target).await?;
        // Who loops through destinations is found by the lineage, and may loop if he likes. What is told of loops that were
        // stopped may go round itself: that ends here.
        let stopped = self.condition == Condition::RecursiveInvocation;
        let event = AcceptedEvent {
            payload: body.into(),
            hops: self.record.hops.saturating_add(stopped.into()),
            tenant: None,
            trace: Some(
                crate::recursion::enter(lambda, self.record.trace.as_deref(), &target.key()).header,
            ),
        };
        let id = RequestId::new(&*lambda.deps.entropy);
        told.event = Some(prepare(lambda, &target, id, event).await?);
        Ok(())
    }

    async fn tell_dead_letter_queue(&self, lambda: &Lambda, told: &mut Told) -> Result<()> {
        let error = self.execution.as_ref().map(|execution| {
            let error: Value = serde_json::from_slice(&execution.payload).unwrap_or_default();
            error["errorMessage"].as_str().unwrap_or(self.condition.as_str()).to_string()
        });
        let (name, id) = (self.name, self.request_id);
        let letter = dead_letter(lambda, name, id, self.payload, error.as_deref()).await?;
        told.deliveries.extend(letter);
        Ok(())
    }

    fn destination_record(&self, now: Time) -> Value {
        let mut told = json!({
            "version": "1.0",
            "timestamp": now.to_string(),
            "requestContext": {
                "requestId": self.request_id.to_string(),
                "functionArn": self.name.qualified_arn(self.name.qualifier_or_latest()),
                "condition": self.condition.as_str(),
                "approximateInvokeCount": self.record.attempts,
            },
            "requestPayload": serde_json::from_slice::<Value>(self.payload).unwrap_or(Value::Null),
        });
        if let Some(execution) = &self.execution {
            let mut context = json!({ "statusCode": 200, "executedVersion": execution.version });
            if execution.error_type.is_some() {
                context["functionError"] = json!("Unhandled");
            }
            told["responseContext"] = context;
            told["responsePayload"] =
                serde_json::from_slice::<Value>(&execution.payload).unwrap_or(Value::Null);
        }
        told
    }
}

/// The version whose configuration counts.
async fn version(lambda: &Lambda, name: &FunctionName) -> Result<VersionRecord> {
    let resolved = lambda.resolver.resolve(name).await?;
    Ok(resolved.choose(&*lambda.deps.entropy)?.record.clone())
}

/// What the dead-letter queue of the function `name` is told, if it has one. Recorded: the event as it was, with three
/// attributes; without `error`, the function's error message, if it never ran.
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq>
pub async fn dead_letter(
    lambda: &Lambda,
    name: &FunctionName,
    request_id: RequestId,
    payload: &[u8],
    error: Option<&str>,
) -> Result<Option<DeliveryRow>> {
    let configuration = version(lambda, name).await?.configuration;
    let Some(arn) = configuration.dead_letter else { return Ok(None) };
    let mut message = Message::new(String::from_utf8_lossy(payload).into_owned(), "");
    message.texts.insert("RequestID".into(), request_id.to_string());
    if let Some(error) = error {
        let text: String = error.chars().take(ERROR_MESSAGE_CHARS_MAX).collect();
        message.texts.insert("ErrorMessage".into(), text);
        message.numbers.insert("ErrorCode".into(), "200".into());
    }
    let key = name.key();
    let row = targets::prepare(lambda, &key, &configuration.role, &arn, message).await?;
    Ok(Some(row))
}

/// Characters of the attribute `ErrorMessage`.
const ERROR_MESSAGE_CHARS_MAX: usize = 1_000;

/// The function that a destination's ARN names, if it names one.
pub fn function_target(arn: &str) -> Option<FunctionName> {
    let arn = Arn::parse(arn).filter(|arn| arn.service() == "lambda")?;
    let resource = arn.resource().strip_prefix("function:")?;
    let (name, qualifier) = match resource.split_once(':') {
        Some((name, qualifier)) => (name, Some(qualifier.to_string())),
        None => (resource, None),
    };
    Some(FunctionName {
        account: arn.account_id()?,
        region: Region::parse(arn.region())?,
        name: name.to_string(),
        qualifier,
    })
}

/// Ok if the execution role of `function` may invoke `target`, which must be as for anybody else.
pub async fn check_role_may_invoke(
    lambda: &Lambda,
    function: &FunctionName,
    role: &str,
    target: &FunctionName,
) -> Result<()> {
    let mut cx = targets::role_context(lambda, &function.key(), role).await?;
    cx.region = target.region.clone();
    let request = lambda.resolver.guard(target)?.request("lambda:InvokeFunction", target.arn());
    lambda.deps.authorizer.authorize(&cx, &request).await.map_err(crate::from_seam)
}
