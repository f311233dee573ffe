//! Faults with AWS's codes and texts.
//!
//! Each says where its text comes from: `recorded` from AWS itself, `documented`, `reported` in public by users of AWS, or
//! `guess`. <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>

use crate::limits;
use base::Region;
use wire::{Common, Error, Protocol};

mod requests;

pub use requests::*;

/// Why a transaction failed: a fault for the caller, or the store.
#[derive(Debug)]
pub enum Failure {
    /// For the caller.
    Fault(Error),
    /// For the log.
    Store(store::Error),
}

impl From<Error> for Failure {
    fn from(fault: Error) -> Self {
        Failure::Fault(fault)
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        Failure::Store(error)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Fault(fault) => fault,
            Failure::Store(error) => Error::internal(error),
        }
    }
}

/// As another service sees it.
pub fn seam(error: &Error) -> seams::Error {
    if let Some(cause) = error.internal_cause() {
        return seams::Error::internal(cause.to_string());
    }
    let (service, protocol) = (&wire_s3::SERVICE, Protocol::RestXml);
    seams::Error::new(
        error.status(service, protocol),
        error.code(service, protocol),
        error.message(),
    )
}

/// What the authorizer or another service says, with the status of S3.
pub fn from_seam(error: seams::Error) -> Error {
    if error.is_internal() {
        return Error::internal(error);
    }
    if error.code == "AccessDenied" {
        return Error::common(Common::AccessDenied, error.message);
    }
    Error::other(error.status, error.code, error.message)
}

/// Recorded.
pub fn access_denied() -> Error {
    Error::common(Common::AccessDenied, "Access Denied")
}

/// Recorded.
pub fn no_such_bucket(name: &str) -> Error {
    Error::other(404, "NoSuchBucket", "The specified bucket does not exist")
        .with_detail("BucketName", name)
}

/// Recorded.
pub fn bucket_already_owned_by_you(name: &str) -> Error {
    let text = "Your previous request to create the named bucket succeeded and you already own it.";
    Error::other(409, "BucketAlreadyOwnedByYou", text).with_detail("BucketName", name)
}

/// Documented.
pub fn bucket_already_exists(name: &str) -> Error {
    let text = "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.";
    Error::other(409, "BucketAlreadyExists", text).with_detail("BucketName", name)
}

/// Documented.
pub fn bucket_not_empty(name: &str) -> Error {
    Error::other(409, "BucketNotEmpty", "The bucket you tried to delete is not empty")
        .with_detail("BucketName", name)
}

/// Reported.
pub fn invalid_bucket_name(name: &str) -> Error {
    Error::other(400, "InvalidBucketName", "The specified bucket is not valid.")
        .with_detail("BucketName", name)
}

/// Documented.
pub fn too_many_buckets() -> Error {
    let text = "You have attempted to create more buckets than allowed";
    Error::other(400, "TooManyBuckets", text)
}

/// Recorded.
pub fn invalid_location_constraint(constraint: &str) -> Error {
    Error::other(400, "InvalidLocationConstraint", "The specified location-constraint is not valid")
        .with_detail("LocationConstraint", constraint)
}

/// Recorded; `unspecified` where there was none.
pub fn illegal_location_constraint(constraint: &str) -> Error {
    Error::other(
        400,
        "IllegalLocationConstraintException",
        format!(
            "The {constraint} location constraint is incompatible for the region specific endpoint this request was sent to."
        ),
    )
}

/// Documented: the bucket is in another region than the request was made for.
pub fn permanent_redirect(name: &str, region: &Region) -> Error {
    let text = "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.";
    Error::other(301, "PermanentRedirect", text)
        .with_detail("Endpoint", format!("s3.{region}.amazonaws.com"))
        .with_detail("Bucket", name)
        .with_header("x-amz-bucket-region", region.as_str())
}

/// Recorded.
pub fn invalid_bucket_owner(owner: &str) -> Error {
    Error::other(
        400,
        "InvalidBucketOwnerAWSAccountID",
        format!(
            "The value of the expected bucket owner parameter must be an AWS Account ID... [{owner}]"
        ),
    )
}

/// Recorded.
pub fn no_such_key(key: &str) -> Error {
    Error::other(404, "NoSuchKey", "The specified key does not exist.").with_detail("Key", key)
}

/// Recorded.
pub fn no_such_version(key: &str, version_id: &str) -> Error {
    Error::other(404, "NoSuchVersion", "The specified version does not exist.")
        .with_detail("Key", key)
        .with_detail("VersionId", version_id)
}

/// Recorded.
pub fn invalid_version_id(version_id: &str) -> Error {
    invalid_argument("Invalid version id specified", "versionId", version_id)
}

/// Recorded.
pub fn delete_marker(method: &str) -> Error {
    let text = "The specified method is not allowed against this resource.";
    Error::other(405, "MethodNotAllowed", text)
        .with_detail("Method", method)
        .with_detail("ResourceType", "DeleteMarker")
        .with_header("x-amz-delete-marker", "true")
        .with_header("allow", "DELETE")
}

/// Documented.
pub fn key_too_long(bytes: usize) -> Error {
    Error::other(400, "KeyTooLongError", "Your key is too long")
        .with_detail("Size", bytes.to_string())
        .with_detail("MaxSizeAllowed", limits::KEY_BYTES_MAX.to_string())
}

/// Documented.
pub fn entity_too_large(bytes: u64, bytes_max: u64) -> Error {
    Error::other(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
        .with_detail("ProposedSize", bytes.to_string())
        .with_detail("MaxSizeAllowed", bytes_max.to_string())
}

/// Documented.
pub fn missing_content_length() -> Error {
    let text = "You must provide the Content-Length HTTP header.";
    Error::other(411, "MissingContentLength", text)
}

/// Documented.
pub fn incomplete_body() -> Error {
    let text =
        "You did not provide the number of bytes specified by the Content-Length HTTP header";
    Error::other(400, "IncompleteBody", text)
}

/// Recorded. `condition` is the header.
pub fn precondition_failed(condition: &'static str) -> Error {
    let text = "At least one of the pre-conditions you specified did not hold";
    Error::other(412, "PreconditionFailed", text).with_detail("Condition", condition)
}

/// Recorded: the answer has no body.
pub fn not_modified(etag: &str) -> Error {
    Error::other(304, "NotModified", "Not Modified").with_header("etag", format!("\"{etag}\""))
}

/// Recorded.
pub fn invalid_range(range: &str, size: u64) -> Error {
    Error::other(416, "InvalidRange", "The requested range is not satisfiable")
        .with_detail("RangeRequested", range)
        .with_detail("ActualObjectSize", size.to_string())
}

/// Recorded.
pub fn invalid_part_number(requested: i32, actual: u32) -> Error {
    Error::other(416, "InvalidPartNumber", "The requested partnumber is not satisfiable")
        .with_detail("PartNumberRequested", requested.to_string())
        .with_detail("ActualPartCount", actual.to_string())
}

/// Recorded. `given` is what the client sent, `found` the MD5 in base64.
pub fn bad_content_md5(given: &str, found: &str) -> Error {
    Error::other(400, "BadDigest", "The Content-MD5 you specified did not match what we received.")
        .with_detail("ExpectedDigest", given)
        .with_detail("CalculatedDigest", found)
}

/// Recorded.
pub fn invalid_content_md5(given: &str) -> Error {
    Error::other(400, "InvalidDigest", "The Content-MD5 you specified was invalid.")
        .with_detail("Content-MD5", given)
}

/// Recorded.
pub fn bad_checksum(algorithm: &str) -> Error {
    let text = format!("The {algorithm} you specified did not match the calculated checksum.");
    Error::other(400, "BadDigest", text)
}

/// Documented.
pub fn metadata_too_large(bytes: usize) -> Error {
    let text = "Your metadata headers exceed the maximum allowed metadata size";
    Error::other(400, "MetadataTooLarge", text)
        .with_detail("Size", bytes.to_string())
        .with_detail("MaxSizeAllowed", limits::METADATA_BYTES_MAX.to_string())
}

/// Recorded.
pub fn no_such_bucket_policy(name: &str) -> Error {
    Error::other(404, "NoSuchBucketPolicy", "The bucket policy does not exist")
        .with_detail("BucketName", name)
}

/// Recorded.
pub fn no_such_public_access_block(name: &str) -> Error {
    let text = "The public access block configuration was not found";
    Error::other(404, "NoSuchPublicAccessBlockConfiguration", text).with_detail("BucketName", name)
}

/// Recorded.
pub fn no_such_tag_set(name: &str) -> Error {
    Error::other(404, "NoSuchTagSet", "The TagSet does not exist").with_detail("BucketName", name)
}

/// Recorded.
pub fn no_such_upload(upload_id: &str) -> Error {
    let text = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.";
    Error::other(404, "NoSuchUpload", text).with_detail("UploadId", upload_id)
}

/// Reported.
pub fn malformed_policy(text: impl Into<String>) -> Error {
    Error::other(400, "MalformedPolicy", text)
}

/// Documented.
pub fn policy_too_large() -> Error {
    let text = "Policy exceeds the maximum allowed document size.";
    Error::other(400, "PolicyTooLarge", text)
}

/// Reported.
pub fn public_policy_blocked(caller_arn: &str, bucket_arn: &str) -> Error {
    Error::common(
        Common::AccessDenied,
        format!(
            "User: {caller_arn} is not authorized to perform: s3:PutBucketPolicy on resource: \"{bucket_arn}\" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access."
        ),
    )
}
