//! Places that are told what became of events: destinations and dead-letter queues.

use crate::{CallCx, Error};
use base::{Arn, BoxFut};
use std::collections::BTreeMap;

/// What a target is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// A JSON document.
    pub body: String,
    /// Attributes of the message, where the target has such.
    pub attributes: BTreeMap<String, Attribute>,
    /// Tells the same delivery from others, if it is made twice: also the name of an object in a bucket.
    pub id: String,
    /// What happened, as `detail-type` of an event bus.
    pub detail_type: String,
    /// The resources that it happened to: `resources` of an event bus.
    pub resources: Vec<String>,
}

/// An attribute of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// A text.
    Text(String),
    /// A number, as it is written.
    Number(String),
}

/// A kind of target. Offered by the services that have them, used by those that send. The caller of `cx` is the role on
/// whose behalf is sent.
pub trait EventTarget: Send + Sync {
    /// As ARNs name the service: `sqs`, `sns`, `events`, `s3`.
    fn service(&self) -> &'static str;

    /// Ok if there is such a target and the caller may send to it. Errors: those of the service's own operations.
    fn check<'a>(&'a self, cx: &'a CallCx, target: &'a Arn) -> BoxFut<'a, Result<(), Error>>;

    /// Sends it. A failure that is the target's may pass, so that the same delivery is tried again.
    fn deliver<'a>(
        &'a self,
        cx: &'a CallCx,
        target: &'a Arn,
        delivery: &'a Delivery,
    ) -> BoxFut<'a, Result<(), Error>>;
}
