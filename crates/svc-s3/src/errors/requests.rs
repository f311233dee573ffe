//! What is wrong with a request by itself.

use crate::limits;
use wire::{Common, Error};

/// Recorded: the shape of them all.
pub fn invalid_argument(text: impl Into<String>, name: &'static str, value: &str) -> Error {
    Error::other(400, "InvalidArgument", text)
        .with_detail("ArgumentName", name)
        .with_detail("ArgumentValue", value)
}

/// `InvalidRequest` with a text of its own.
pub fn invalid_request(text: impl Into<String>) -> Error {
    Error::other(400, "InvalidRequest", text)
}

/// Recorded.
pub fn malformed_xml() -> Error {
    let text =
        "The XML you provided was not well-formed or did not validate against our published schema";
    Error::common(Common::Serialization, text)
}

/// Recorded.
pub fn versioning_element_missing() -> Error {
    let text = "The Versioning element must be specified";
    Error::other(400, "IllegalVersioningConfigurationException", text)
}

/// Recorded.
pub fn invalid_encoding_type(value: &str) -> Error {
    invalid_argument("Invalid Encoding Method specified in Request", "encoding-type", value)
}

/// Recorded.
pub fn invalid_continuation_token() -> Error {
    Error::other(400, "InvalidArgument", "The continuation token provided is incorrect")
        .with_detail("ArgumentName", "continuation-token")
}

/// Recorded.
pub fn version_marker_without_key(version_id: &str) -> Error {
    let text = "A version-id marker cannot be specified without a key marker.";
    invalid_argument(text, "version-id-marker", version_id)
}

/// Reported.
pub fn invalid_max_keys(name: &'static str, value: i32) -> Error {
    let text = format!("Argument {name} must be an integer between 0 and 2147483647");
    invalid_argument(text, name, &value.to_string())
}

/// Recorded: a header that AWS has for other kinds of buckets alone.
pub fn header_not_implemented(header: &'static str) -> Error {
    let text = "A header you provided implies functionality that is not implemented";
    Error::other(501, "NotImplemented", text).with_detail("Header", header)
}

/// Recorded: a condition that AWS does not take for this operation.
pub fn condition_not_accepted(header: &'static str) -> Error {
    let text = format!("We don't accept the provided value of {header} header for this API");
    header_not_implemented(header).with_detail("additionalMessage", text)
}

/// Recorded.
pub fn many_conditions() -> Error {
    header_not_implemented("If-Match,If-None-Match").with_detail(
        "additionalMessage",
        "Multiple conditional request headers present in the request",
    )
}

/// Ours: what AWS has and this cloud lacks, below AWS's code.
pub fn not_built(what: &str) -> Error {
    let text = format!("{what} is not implemented; docs/coverage.md lists what is.");
    Error::common(Common::NotImplemented, text)
}

/// Recorded.
pub fn invalid_storage_class(class: &str) -> Error {
    Error::other(400, "InvalidStorageClass", "The storage class you specified is not valid")
        .with_detail("StorageClassRequested", class)
}

/// Documented.
pub fn acl_not_supported() -> Error {
    Error::other(400, "AccessControlListNotSupported", "The bucket does not allow ACLs")
}

/// Documented.
pub fn bucket_acl_with_ownership() -> Error {
    let text = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting";
    Error::other(400, "InvalidBucketAclWithObjectOwnership", text)
}

/// Recorded.
pub fn invalid_object_ownership(value: &str) -> Error {
    let text = format!("Invalid x-amz-object-ownership header: {value}");
    Error::other(400, "InvalidArgument", text).with_detail("ArgumentName", "x-amz-object-ownership")
}

/// Reported.
pub fn object_lock_missing() -> Error {
    invalid_request("Bucket is missing Object Lock Configuration")
}

/// Recorded. `header` is the whole name.
pub fn invalid_checksum_header(header: &str) -> Error {
    invalid_request(format!("Value for {header} header is invalid."))
}

/// Reported.
pub fn many_checksums() -> Error {
    invalid_request(
        "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
    )
}

/// Reported.
pub fn unknown_checksum_algorithm() -> Error {
    invalid_request(
        "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
    )
}

/// Reported.
pub fn checksum_not_sent() -> Error {
    invalid_request(
        "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.",
    )
}

/// Recorded.
pub fn range_with_part_number() -> Error {
    invalid_request("Cannot specify both Range header and partNumber query parameter")
}

/// Recorded.
pub fn invalid_part_number_argument(value: i32) -> Error {
    let text = format!(
        "Part number must be an integer between 1 and {}, inclusive",
        limits::PART_NUMBER_MAX
    );
    invalid_argument(text, "partNumber", &value.to_string())
}

/// Reported.
pub fn invalid_copy_source() -> Error {
    let text = "Copy Source must mention the source bucket and key: sourcebucket/sourcekey";
    Error::other(400, "InvalidArgument", text).with_detail("ArgumentName", "x-amz-copy-source")
}

/// Recorded.
pub fn copy_to_itself() -> Error {
    invalid_request(
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    )
}

/// Recorded.
pub fn copy_of_delete_marker() -> Error {
    invalid_request(
        "The source of a copy request may not specifically refer to a delete marker by version id.",
    )
}

/// Reported.
pub fn copy_source_too_large() -> Error {
    invalid_request(format!(
        "The specified copy source is larger than the maximum allowable size for a copy source: {}",
        limits::COPY_BYTES_MAX
    ))
}

/// Reported.
pub fn unknown_directive(header: &'static str, value: &str) -> Error {
    let what = if header == "x-amz-tagging-directive" { "tagging" } else { "metadata" };
    invalid_argument(format!("Unknown {what} directive."), header, value)
}

/// Recorded.
pub fn invalid_tagging_header(value: &str) -> Error {
    let text = "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.";
    invalid_argument(text, "x-amz-tagging", value)
}

/// Recorded.
pub fn invalid_tag_key(key: &str) -> Error {
    invalid_tag("The TagKey you have provided is invalid").with_detail("TagKey", key)
}

/// Recorded.
pub fn invalid_tag_value(key: &str, value: &str) -> Error {
    invalid_tag("The TagValue you have provided is invalid")
        .with_detail("TagKey", key)
        .with_detail("TagValue", value)
}

/// `InvalidTag` with a text of its own.
pub fn invalid_tag(text: impl Into<String>) -> Error {
    Error::other(400, "InvalidTag", text)
}

/// Recorded.
pub fn duplicate_tag_keys(key: &str) -> Error {
    invalid_tag("Cannot provide multiple Tags with the same key").with_detail("TagKey", key)
}

/// Reported.
pub fn too_many_tags(tags_max: usize) -> Error {
    let what = if tags_max == limits::OBJECT_TAGS_MAX { "Object" } else { "Bucket" };
    let text = format!("{what} tags cannot be greater than {tags_max}");
    Error::other(400, "BadRequest", text)
}

/// Recorded.
pub fn invalid_encryption(value: &str) -> Error {
    invalid_argument(
        "The encryption method specified is not supported",
        "x-amz-server-side-encryption",
        value,
    )
}

/// Reported.
pub fn kms_key_without_kms() -> Error {
    let text = "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms";
    Error::other(400, "InvalidArgument", text)
        .with_detail("ArgumentName", "x-amz-server-side-encryption")
}

/// Recorded.
pub fn no_parts() -> Error {
    invalid_request("You must specify at least one part")
}

/// Recorded.
pub fn invalid_part(upload_id: &str, number: i32, etag: &str) -> Error {
    let text = "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
    Error::other(400, "InvalidPart", text)
        .with_detail("UploadId", upload_id)
        .with_detail("PartNumber", number.to_string())
        .with_detail("ETag", etag)
}

/// Recorded.
pub fn invalid_part_order(upload_id: &str) -> Error {
    let text =
        "The list of parts was not in ascending order. Parts must be ordered by part number.";
    Error::other(400, "InvalidPartOrder", text).with_detail("UploadId", upload_id)
}

/// Recorded.
pub fn part_too_small(number: i32, size: u64, etag: &str) -> Error {
    let text = "Your proposed upload is smaller than the minimum allowed size";
    Error::other(400, "EntityTooSmall", text)
        .with_detail("ProposedSize", size.to_string())
        .with_detail("MinSizeAllowed", limits::PART_BYTES_MIN.to_string())
        .with_detail("PartNumber", number.to_string())
        .with_detail("ETag", etag)
}

/// Recorded. `expected` and `actual` are algorithms.
pub fn other_checksum_algorithm(expected: &str, actual: &str) -> Error {
    invalid_request(format!(
        "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
        expected.to_ascii_lowercase(),
        actual.to_ascii_lowercase()
    ))
}

/// Recorded.
pub fn part_checksum_missing(algorithm: &str, number: i32) -> Error {
    invalid_request(format!(
        "The upload was created using a {} checksum. The complete request must include the checksum for each part. It was missing for part {number} in the request.",
        algorithm.to_ascii_lowercase()
    ))
}

/// Recorded. `mode` is `FULL_OBJECT`, `COMPOSITE` or `null`.
pub fn other_checksum_mode(mode: &str) -> Error {
    invalid_request(format!(
        "The upload was created using the {mode} checksum mode. The complete request must use the same checksum mode."
    ))
}

/// Recorded.
pub fn checksum_type_unfit(kind: &str, algorithm: &str) -> Error {
    invalid_request(format!(
        "The {kind} checksum type cannot be used with the {} checksum algorithm.",
        algorithm.to_ascii_lowercase()
    ))
}

/// Recorded.
pub fn checksum_type_alone() -> Error {
    invalid_request(
        "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
    )
}

/// Reported.
pub fn unknown_checksum_type() -> Error {
    invalid_request("Value for x-amz-checksum-type header is invalid.")
}

/// Recorded.
pub fn other_object_size(given: i64, found: u64) -> Error {
    invalid_request(format!(
        "The provided 'x-amz-mp-object-size' header value {given} does not match what was computed: {found}"
    ))
}

/// Recorded.
pub fn condition_conflict(condition: &'static str, key: &str) -> Error {
    let text = "The conditional request cannot succeed due to a conflicting operation against this resource.";
    Error::other(409, "ConditionalRequestConflict", text)
        .with_detail("Condition", condition)
        .with_detail("Key", key)
}

/// Recorded.
pub fn invalid_copy_range_form(range: &str) -> Error {
    let text = "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy";
    invalid_argument(text, "x-amz-copy-source-range", range)
}

/// Recorded.
pub fn invalid_copy_range(range: &str, size: u64) -> Error {
    let text = format!("Range specified is not valid for source object of size: {size}");
    invalid_argument(text, "x-amz-copy-source-range", range)
}

/// Recorded: it begins behind the end.
pub fn copy_range_beyond() -> Error {
    invalid_request("The specified copy range is invalid for the source object size")
}
