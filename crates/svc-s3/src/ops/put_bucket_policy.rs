//! `PutBucketPolicy`: say who may do what with a bucket and its objects.

use crate::model::public_policy;
use crate::{S3, bucket_arn, errors, limits};
use policy::{Kind, Policy};
use seams::CallCx;
use serde_json::Value;
use std::sync::Arc;
use wire::{Error, Unit};
use wire_s3::PutBucketPolicyRequest;

/// In place of the policy that is there.
pub async fn put_bucket_policy(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: PutBucketPolicyRequest,
) -> Result<Unit, Error> {
    let bucket = s3.bucket(&cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
    let policy = input.policy;
    check(&policy, &bucket.name)?;
    let is_public = public_policy::is_public(&policy);
    let (caller, arn) = (cx.caller.arn.clone(), bucket_arn(&bucket.name));
    s3.change(bucket, move |row| {
        let block = row.public_access_block.unwrap_or_default();
        if is_public && block.block_public_policy {
            return Err(errors::public_policy_blocked(&caller, &arn));
        }
        row.policy = Some(policy.clone());
        Ok(())
    })
    .await?;
    Ok(Unit)
}

/// Reported: the texts.
fn check(text: &str, bucket: &str) -> Result<(), Error> {
    if text.len() > limits::POLICY_BYTES_MAX {
        return Err(errors::policy_too_large());
    }
    if !text.trim_start().starts_with('{') {
        return Err(errors::malformed_policy(
            "Policies must be valid JSON and the first byte must be '{'",
        ));
    }
    let document: Value = serde_json::from_str(text)
        .map_err(|_| errors::malformed_policy("This policy contains invalid Json"))?;
    Policy::parse(text, Kind::Resource)
        .map_err(|malformed| errors::malformed_policy(malformed.0))?;
    for statement in list(&document["Statement"]) {
        for name in ["Action", "NotAction"] {
            let is_of_s3 =
                |action: &str| action == "*" || action.to_ascii_lowercase().starts_with("s3:");
            if !texts(&statement[name]).all(is_of_s3) {
                return Err(errors::malformed_policy("Policy has invalid action"));
            }
        }
        for name in ["Resource", "NotResource"] {
            if !texts(&statement[name]).all(|resource| is_of(resource, bucket)) {
                return Err(errors::malformed_policy("Policy has invalid resource"));
            }
        }
    }
    Ok(())
}

/// The bucket itself, or keys in it.
fn is_of(resource: &str, bucket: &str) -> bool {
    let name = resource.strip_prefix("arn:").and_then(|rest| rest.splitn(5, ':').nth(4));
    let name = name.filter(|_| resource.split(':').nth(2) == Some("s3"));
    let rest = name.and_then(|name| name.strip_prefix(bucket));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '*']))
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::Array(values) => values.iter(),
        Value::Null => [].iter(),
        value => std::slice::from_ref(value).iter(),
    }
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    list(value).filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies() {
        let policy = |action: &str, resource: &str| {
            format!(
                r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":"*","Action":"{action}","Resource":"{resource}"}}}}"#
            )
        };
        let said = |text: &str| check(text, "b").err().map(|error| error.message().to_string());
        assert_eq!(said(&policy("s3:GetObject", "arn:aws:s3:::b/*")), None);
        assert_eq!(said(&policy("s3:*", "arn:aws:s3:::b")), None);
        assert_eq!(said(&policy("*", "arn:aws:s3:::b*")), None);
        for resource in ["arn:aws:s3:::other/*", "*", "arn:aws:sqs:::b", "arn:aws:s3:::bc/*"] {
            let text = said(&policy("s3:*", resource));
            assert_eq!(text.as_deref(), Some("Policy has invalid resource"), "{resource}");
        }
        let text = said(&policy("sqs:SendMessage", "arn:aws:s3:::b/*"));
        assert_eq!(text.as_deref(), Some("Policy has invalid action"));
        assert!(said("x").unwrap().contains("first byte"));
        assert!(said("{").unwrap().contains("invalid Json"));
        assert!(said("{}").is_some());
    }
}
