//! Whom functions' events are told to: destinations and dead-letter queues in other services.
//!
//! What is to be told is a row, written with the change that it tells of; a loop delivers it.

use crate::environments::start::assume_role;
use crate::model::name::{FunctionKey, parsed_arn};
use crate::tables::{Configuration, DeliveryRecord};
use crate::{Lambda, Result, bodies, errors, limits};
use base::{Arn, RequestId, Time};
use bytes::Bytes;
use seams::{CallCx, EventTarget, ServiceSession};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The context of calls that the function's execution role makes.
pub async fn role_context(lambda: &Lambda, function: &FunctionKey, role: &str) -> Result<CallCx> {
    let duration = limits::SOURCE_CREDENTIALS_LIFETIME;
    let session = ServiceSession { name: &function.2, duration, source_function_arn: None };
    let session = assume_role(lambda, function, role, session).await?;
    let (now, id) = (lambda.deps.clock.now(), RequestId::new(&*lambda.deps.entropy));
    Ok(CallCx::internal(session.caller, function.1.clone(), id, now, parsed_arn(function)))
}

/// The service of this cloud that has such targets.
pub fn service<'l>(lambda: &'l Lambda, target: &Arn) -> Option<&'l Arc<dyn EventTarget>> {
    lambda.deps.event_targets.iter().find(|one| one.service() == target.service())
}

/// What the role does to a target of the service.
fn action(service: &str) -> &'static str {
    match service {
        "sqs" => "SendMessage",
        "sns" => "Publish",
        "events" => "PutEvents",
        "s3" => "PutObject",
        _ => "InvokeFunction",
    }
}

/// What a target is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Told of every outcome.
    Destination,
    /// Given the events that could not be handled.
    DeadLetterQueue,
}

/// Ok if there is the target and the role may send to it. Error: 501 if its service is not part of this cloud.
pub async fn check(
    lambda: &Lambda,
    function: &FunctionKey,
    role: &str,
    target: &Arn,
    purpose: Use,
) -> Result<()> {
    let Some(service) = service(lambda, target) else {
        return Err(errors::targets::service_not_built(target.as_str(), target.service()));
    };
    let cx = role_context(lambda, function, role).await?;
    service.check(&cx, target).await.map_err(|error| {
        let action = action(target.service());
        match (purpose, error.status) {
            (_, 500..) => errors::internal(error),
            (Use::Destination, 403) => errors::targets::role_may_not(action, target.as_str()),
            (Use::DeadLetterQueue, 403) => {
                errors::targets::dead_letter_role_may_not(action, &target.service().to_uppercase())
            }
            _ => errors::targets::missing(target.as_str()),
        }
    })
}

/// Ok if the function's dead-letter queue, if it has one, is a queue or a topic that its role may send to.
pub async fn check_dead_letter_queue(
    lambda: &Lambda,
    function: &FunctionKey,
    configuration: &Configuration,
) -> Result<()> {
    let Some(text) = &configuration.dead_letter else { return Ok(()) };
    let target = Arn::parse(text).filter(|arn| matches!(arn.service(), "sqs" | "sns"));
    let target = target.ok_or_else(|| errors::targets::dead_letter_unsupported(text))?;
    check(lambda, function, &configuration.role, &target, Use::DeadLetterQueue).await
}

/// Something to be told.
pub struct Message {
    /// A JSON text.
    pub body: String,
    /// Attributes that are texts.
    pub texts: BTreeMap<String, String>,
    /// Attributes that are numbers.
    pub numbers: BTreeMap<String, String>,
    /// `detail-type` of an event bus.
    pub detail_type: String,
}

impl Message {
    /// Without attributes.
    pub fn new(body: String, detail_type: impl Into<String>) -> Self {
        let (texts, numbers) = (BTreeMap::new(), BTreeMap::new());
        Message { body, texts, numbers, detail_type: detail_type.into() }
    }
}

/// The row of a delivery that is due at once.
pub async fn prepare(
    lambda: &Lambda,
    function: &FunctionKey,
    role: &str,
    target: &str,
    message: Message,
) -> Result<((Time, RequestId), DeliveryRecord)> {
    let (now, id) = (lambda.deps.clock.now(), RequestId::new(&*lambda.deps.entropy));
    let record = DeliveryRecord {
        account: function.0.to_string(),
        region: function.1.to_string(),
        function: function.2.clone(),
        role: role.to_string(),
        target: target.to_string(),
        body: bodies::keep(lambda, id, Bytes::from(message.body)).await?,
        texts: message.texts,
        numbers: message.numbers,
        detail_type: message.detail_type,
        since_ms: now.unix_ms(),
        attempts: 0,
    };
    Ok(((now, id), record))
}
