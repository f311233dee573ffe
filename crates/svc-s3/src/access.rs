//! What callers need, and of which bucket.
//!
//! ARNs of S3 name no account: whose a bucket is, and its policy, stand in its row and go with every question.

use crate::model::public_policy;
use crate::tables::{BUCKETS, BucketRecord};
use crate::versions::{self, Which};
use crate::{S3, bucket_arn, errors, object_arn};
use ::seams::{AccessRequest, CallCx, Caller, ContextKey, Principal};
use base::{AccountId, Region};
use std::sync::Arc;
use wire::{Error, Internal};

/// A bucket and its name.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Its row.
    pub row: BucketRecord,
}

impl S3 {
    /// The bucket called `name`, wherever it is and whosever it is.
    pub fn bucket_anywhere(&self, name: &str) -> Result<Bucket, Error> {
        let row = self.store.get(&BUCKETS, &name.to_string()).internal("reading a bucket")?;
        let row = row.ok_or_else(|| errors::no_such_bucket(name))?;
        Ok(Bucket { name: name.to_string(), row })
    }

    /// The bucket called `name`, which must be where the request was sent and whose the request expects it to be.
    pub fn bucket(
        &self,
        cx: &CallCx,
        name: &str,
        expected_owner: Option<&str>,
    ) -> Result<Bucket, Error> {
        let bucket = self.bucket_anywhere(name)?;
        // A request without a signature is for no region.
        if cx.caller.principal != Principal::Anonymous && cx.region.as_str() != bucket.row.region {
            let region = Region::parse(&bucket.row.region).unwrap_or_default();
            return Err(errors::permanent_redirect(name, &region));
        }
        check_owner(&bucket, expected_owner)?;
        Ok(bucket)
    }

    /// The question whether the caller may do `action` to an object, whose tags count if it is there.
    pub fn on_object(
        &self,
        cx: &CallCx,
        action: &'static str,
        bucket: &Bucket,
        key: &str,
        which: &Which,
    ) -> Result<AccessRequest, Error> {
        let mut request = bucket.on_key(cx, action, key);
        let found = self.store.read(|view| versions::find(view, bucket.row.id, key, which));
        let object = found.internal("reading an object")?.and_then(|(_, record)| record.object);
        for (tag, value) in object.iter().flat_map(|object| &object.tags) {
            request = request.with(format!("s3:ExistingObjectTag/{tag}"), value);
        }
        Ok(match which {
            Which::Latest => request,
            Which::Null => request.with("s3:versionid", "null"),
            Which::Id(id, _) => request.with("s3:versionid", id),
        })
    }

    /// What is told of an object that is not there: that it is not to those who may list the bucket, and to others no more
    /// than that they may not.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
    pub async fn missing(&self, cx: &CallCx, bucket: &Bucket, error: Error) -> Error {
        let list = bucket.on_bucket(cx, "s3:ListBucket");
        match self.authorizer.authorize(cx, &list).await {
            Ok(()) => error,
            Err(denied) => errors::from_seam(denied),
        }
    }

    /// Whether the caller may do this.
    pub async fn check(&self, cx: &CallCx, request: &AccessRequest) -> Result<(), Error> {
        self.authorizer.authorize(cx, request).await.map_err(errors::from_seam)
    }
}

impl Bucket {
    /// The question whether the caller may do `action` to the bucket.
    pub fn on_bucket(&self, cx: &CallCx, action: &'static str) -> AccessRequest {
        self.request(cx, action, bucket_arn(&self.name))
    }

    /// The question whether the caller may do `action` to a key of the bucket.
    pub fn on_key(&self, cx: &CallCx, action: &'static str, key: &str) -> AccessRequest {
        self.request(cx, action, object_arn(&self.name, key))
    }

    fn request(&self, cx: &CallCx, action: &'static str, arn: String) -> AccessRequest {
        let owner = self.row.owner();
        let mut request = AccessRequest {
            owner: Some(owner),
            resource_policy: self.policy_for(&cx.caller, action),
            ..AccessRequest::new(action, arn)
        };
        request.context.push(ContextKey {
            name: "s3:ResourceAccount".into(),
            values: vec![owner.to_string()],
        });
        request
    }

    fn policy_for(&self, caller: &Caller, action: &str) -> Option<Arc<str>> {
        // Whatever the policy says, the root user of its account can put it right.
        // <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html>
        let is_root = caller.principal == Principal::Root && caller.account == self.row.owner();
        let is_of_policy =
            matches!(action, "s3:PutBucketPolicy" | "s3:GetBucketPolicy" | "s3:DeleteBucketPolicy");
        if is_root && is_of_policy {
            return None;
        }
        let policy = self.row.policy.as_deref()?;
        let block = self.row.public_access_block.unwrap_or_default();
        if block.restrict_public_buckets
            && public_policy::is_public(policy)
            && !is_own(caller, self.row.owner())
        {
            return None;
        }
        Some(policy.into())
    }
}

/// Whether a public policy counts for the caller where public buckets are restricted.
fn is_own(caller: &Caller, owner: AccountId) -> bool {
    match caller.principal {
        Principal::Anonymous => false,
        Principal::Service { .. } => true,
        _ => caller.account == owner,
    }
}

/// Recorded.
fn check_owner(bucket: &Bucket, expected: Option<&str>) -> Result<(), Error> {
    let Some(expected) = expected else { return Ok(()) };
    match AccountId::parse(expected) {
        None => Err(errors::invalid_bucket_owner(expected)),
        Some(account) if account != bucket.row.owner() => Err(errors::access_denied()),
        Some(_) => Ok(()),
    }
}
