//! Who may do what to which resource.

use crate::{CallCx, Error};
use base::{AccountId, BoxFut, RequestId};
use std::borrow::Cow;
use std::sync::Arc;

/// One condition key of a request with its values, such as `lambda:FunctionArn`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextKey {
    /// The key; compared without regard to case.
    pub name: Cow<'static, str>,
    /// Its values: one for single-valued keys.
    pub values: Vec<String>,
}

/// A question to the [`Authorizer`].
#[derive(Clone, Debug)]
pub struct AccessRequest {
    /// `service:Action` as IAM names it, such as `lambda:InvokeFunction`.
    pub action: Cow<'static, str>,
    /// The ARN of the resource; `*` where the action has none.
    pub resource: String,
    /// Whose resource it is, where the ARN does not say: buckets and objects of S3. Without it, the call's own account.
    pub owner: Option<AccountId>,
    /// The resource's own policy as a JSON text, where it has one.
    pub resource_policy: Option<Arc<str>>,
    /// Whether nobody may pass without the consent of the resource's policy, not even in its own account: keys of KMS.
    pub consent_required: bool,
    /// Whether the resource consents by other means than its policy: a grant of KMS.
    pub granted: bool,
    /// Condition keys of the service; the global ones are filled in by the authorizer.
    pub context: Vec<ContextKey>,
}

impl AccessRequest {
    /// May the caller do `action` to `resource`, by identity policies alone?
    pub fn new(action: impl Into<Cow<'static, str>>, resource: impl Into<String>) -> Self {
        AccessRequest {
            action: action.into(),
            resource: resource.into(),
            owner: None,
            resource_policy: None,
            consent_required: false,
            granted: false,
            context: Vec::new(),
        }
    }

    /// Adds a condition key with one value.
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.context.push(ContextKey { name: name.into(), values: vec![value.into()] });
        self
    }

    /// Adds the tags that the request gives: `aws:RequestTag/…` and `aws:TagKeys`. None: neither key.
    pub fn with_request_tags<'t>(
        mut self,
        tags: impl IntoIterator<Item = (&'t String, &'t String)>,
    ) -> Self {
        let mut keys = Vec::new();
        for (key, value) in tags {
            keys.push(key);
            self = self.with(format!("aws:RequestTag/{key}"), value);
        }
        self.with_tag_keys(keys)
    }

    /// Adds the keys of the tags that the request takes away: `aws:TagKeys`.
    pub fn with_tag_keys<'t>(mut self, keys: impl IntoIterator<Item = &'t String>) -> Self {
        let values: Vec<String> = keys.into_iter().cloned().collect();
        if !values.is_empty() {
            self.context.push(ContextKey { name: "aws:TagKeys".into(), values });
        }
        self
    }

    /// Adds the tags that the resource has: `aws:ResourceTag/…`.
    pub fn with_resource_tags<'t>(
        self,
        tags: impl IntoIterator<Item = (&'t String, &'t String)>,
    ) -> Self {
        tags.into_iter().fold(self, |request, (key, value)| {
            request.with(format!("aws:ResourceTag/{key}"), value)
        })
    }
}

/// Seals what services write about denials, for those whose errors carry it in a form that only its account can read, by
/// `DecodeAuthorizationMessage`. Offered by STS.
pub trait DenialMessages: Send + Sync {
    /// `text` as `Encoded authorization failure message: …` shows it.
    fn seal(&self, account: AccountId, text: &str) -> String;
}

/// Decides every call. Offered by IAM.
pub trait Authorizer: Send + Sync {
    /// Ok if the caller of `cx` may; otherwise the error `AccessDenied` with AWS's sentence and status 403. The front end
    /// gives it the code that the service's protocol uses.
    fn authorize<'a>(
        &'a self,
        cx: &'a CallCx,
        request: &'a AccessRequest,
    ) -> BoxFut<'a, Result<(), Error>>;

    /// Why the call with this id was denied just now, as a JSON text: what every statement of every policy said, and what
    /// would have allowed it. Of several denials the last. None if it was not denied here, or is not remembered.
    fn explanation(&self, request_id: RequestId) -> Option<String> {
        let _ = request_id;
        None
    }
}
