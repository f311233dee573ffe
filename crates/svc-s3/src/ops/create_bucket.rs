//! `CreateBucket`: make an empty bucket.

use crate::model::{bucket_name, tags};
use crate::tables::{
    BUCKET_NAMES, BUCKETS, BucketNameRecord, BucketRecord, PublicAccessBlockRecord,
    VersioningRecord,
};
use crate::{S3, bucket_arn, errors, limits};
use base::Region;
use seams::CallCx;
use std::sync::Arc;
use store::Prefix;
use wire::Error;
use wire_s3::{CreateBucketOutput, CreateBucketRequest};

/// Names are unique in the whole cloud.
pub async fn create_bucket(
    s3: Arc<S3>,
    cx: Arc<CallCx>,
    input: CreateBucketRequest,
) -> Result<CreateBucketOutput, Error> {
    let name = input.bucket;
    if !bucket_name::is_valid(&name) {
        return Err(errors::invalid_bucket_name(&name));
    }
    let has_grants = [
        &input.grant_full_control,
        &input.grant_read,
        &input.grant_read_acp,
        &input.grant_write,
        &input.grant_write_acp,
    ];
    if input.acl.as_deref().is_some_and(|acl| acl != "private")
        || has_grants.iter().any(|grant| grant.is_some())
    {
        return Err(errors::bucket_acl_with_ownership());
    }
    match input.object_ownership.as_deref() {
        None | Some("BucketOwnerEnforced") => {}
        Some("BucketOwnerPreferred" | "ObjectWriter") => {
            return Err(errors::not_built("Object ownership with ACLs"));
        }
        Some(other) => return Err(errors::invalid_object_ownership(other)),
    }
    if input.object_lock_enabled_for_bucket == Some(true) {
        return Err(errors::not_built("Object Lock"));
    }
    let configuration = input.create_bucket_configuration.unwrap_or_default();
    if configuration.bucket.is_some() || configuration.location.is_some() {
        return Err(errors::not_built("A directory bucket"));
    }
    let region = region(&cx.region, configuration.location_constraint.as_deref())?;
    let tags = tags::from_wire(configuration.tags.unwrap_or_default(), limits::BUCKET_TAGS_MAX)?;
    let bucket = BucketRecord {
        id: s3.new_id(),
        account: cx.account.to_string(),
        region: region.to_string(),
        created_ms: s3.now_ms(),
        versioning: VersioningRecord::Never,
        policy: None,
        // Recorded: those of new buckets.
        public_access_block: Some(PublicAccessBlockRecord {
            block_public_acls: true,
            ignore_public_acls: true,
            block_public_policy: true,
            restrict_public_buckets: true,
        }),
        encryption: None,
        tags,
    };
    let output = CreateBucketOutput {
        location: Some(match region.as_str() {
            Region::DEFAULT => format!("/{name}"),
            _ => format!("http://{name}.s3.amazonaws.com/"),
        }),
        bucket_arn: Some(bucket_arn(&name)),
    };
    let account = cx.account;
    s3.write(move |tx| {
        if let Some(present) = tx.get(&BUCKETS, &name)? {
            return match present.owner() == account {
                // Recorded elsewhere; in the oldest region making a bucket again is no mistake.
                true if present.region == Region::DEFAULT && bucket.region == Region::DEFAULT => {
                    Ok(())
                }
                true => Err(errors::bucket_already_owned_by_you(&name).into()),
                false => Err(errors::bucket_already_exists(&name).into()),
            };
        }
        let own = tx.scan_keys(&BUCKET_NAMES, Prefix::of((account,)), limits::BUCKETS_MAX)?;
        if own.len() >= limits::BUCKETS_MAX {
            return Err(errors::too_many_buckets().into());
        }
        tx.put(&BUCKET_NAMES, &(account, name.clone()), &BucketNameRecord {})?;
        tx.put(&BUCKETS, &name, &bucket)?;
        Ok(())
    })
    .await?;
    Ok(output)
}

/// Where the bucket is to be. Recorded: the refusals.
fn region(endpoint: &Region, constraint: Option<&str>) -> Result<Region, Error> {
    let constraint = constraint.filter(|constraint| !constraint.is_empty());
    let is_default = endpoint.as_str() == Region::DEFAULT;
    match constraint {
        None if is_default => Ok(endpoint.clone()),
        None => Err(errors::illegal_location_constraint("unspecified")),
        Some("EU") if is_default || endpoint.as_str() == "eu-west-1" => {
            Ok(Region::parse("eu-west-1").unwrap_or_default())
        }
        Some(named) if is_default => match Region::parse(named).filter(is_like_a_region) {
            Some(region) if named != Region::DEFAULT => Ok(region),
            _ => Err(errors::invalid_location_constraint(named)),
        },
        Some(named) if named == endpoint.as_str() => Ok(endpoint.clone()),
        Some(named) => Err(errors::illegal_location_constraint(named)),
    }
}

/// Letters, dashes, and a digit at the end: `eu-west-1`, but neither `aws-global` nor `us-east-1-foo`.
fn is_like_a_region(region: &Region) -> bool {
    let mut parts = region.as_str().split('-');
    let is_last_number =
        parts.next_back().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
    is_last_number
        && parts.clone().count() >= 2
        && parts.all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions() {
        let of = |endpoint: &str, constraint| {
            let region = region(&Region::parse(endpoint).unwrap(), constraint);
            region.map(|region| region.to_string()).ok()
        };
        assert_eq!(of("us-east-1", None).as_deref(), Some("us-east-1"));
        assert_eq!(of("us-east-1", Some("eu-west-1")).as_deref(), Some("eu-west-1"));
        assert_eq!(of("us-east-1", Some("EU")).as_deref(), Some("eu-west-1"));
        assert_eq!(of("us-east-1", Some("us-east-1")), None);
        assert_eq!(of("us-east-1", Some("us-east-1-foo")), None);
        assert_eq!(of("us-east-1", Some("aws-global")), None);
        assert_eq!(of("eu-west-1", None), None);
        assert_eq!(of("eu-west-1", Some("eu-west-1")).as_deref(), Some("eu-west-1"));
        assert_eq!(of("eu-west-1", Some("eu-west-2")), None);
    }
}
