//! Rows: keys, records and their versions.
//!
//! Buckets have a random id besides their name, so that a bucket that is made anew has none of the old one's rows. A body
//! has a random id, too; the row that names it is the only one that does.

use base::AccountId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::table;

/// [`BucketRecord::id`].
pub type BucketId = u64;
/// [`BodyRecord::id`] or [`UploadRecord::body`].
pub type BodyId = u64;

table! {
    /// One row per bucket, by its name, which is unique in the whole cloud. At most about 40 KiB, with its policy and tags.
    pub BUCKETS: String => BucketRecord, name = "s3.buckets", version = 1;

    /// The names of an account's buckets.
    pub BUCKET_NAMES: (AccountId, String) => BucketNameRecord, name = "s3.bucket_names", version = 1;

    /// The versions of objects: by key, the newest first. The last part of the key is `u64::MAX` minus the version's
    /// number, which grows with every version of a key. In a bucket without versions each key has one row. At most about
    /// 10 KiB, most of it metadata and tags.
    pub VERSIONS: (BucketId, String, u64) => VersionRecord, name = "s3.versions", version = 1;

    /// Which version of a key has the id `null`, where that was made while versioning was suspended. Those from before
    /// versioning are the oldest of their key.
    pub NULL_VERSIONS: (BucketId, String) => NullVersionRecord, name = "s3.null_versions", version = 1;

    /// Multipart uploads in the order in which they are listed: key, milliseconds since 1970, body.
    pub UPLOADS: (BucketId, String, u64, BodyId) => UploadRecord, name = "s3.uploads", version = 1;

    /// The parts of an upload, and of the object that it became. About 250 bytes.
    pub PARTS: (BodyId, u64) => PartRecord, name = "s3.parts", version = 1;

    /// Bodies that nobody can reach any more and that are still to be removed.
    pub GARBAGE: BodyId => GarbageRecord, name = "s3.garbage", version = 1;
}

/// A bucket.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BucketRecord {
    /// Random, never zero.
    pub id: BucketId,
    /// Whose it is.
    pub account: String,
    /// Where it is.
    pub region: String,
    /// When it was made, in milliseconds since 1970, as are the other times.
    pub created_ms: u64,
    /// Whether overwritten objects are kept.
    #[serde(default)]
    pub versioning: VersioningRecord,
    /// Its policy, JSON as it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// What of public access is blocked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_access_block: Option<PublicAccessBlockRecord>,
    /// How objects are encrypted that do not say; SSE-S3 where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption: Option<BucketEncryptionRecord>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

impl BucketRecord {
    /// Whose it is.
    pub fn owner(&self) -> AccountId {
        AccountId::parse(&self.account).unwrap_or(AccountId::DEFAULT)
    }
}

/// Whether a bucket keeps versions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum VersioningRecord {
    /// It never did.
    #[default]
    Never,
    /// It does.
    Enabled,
    /// It did.
    Suspended,
}

/// What of public access to a bucket is blocked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicAccessBlockRecord {
    /// New public ACLs are refused.
    pub block_public_acls: bool,
    /// Public ACLs do not count.
    pub ignore_public_acls: bool,
    /// New public policies are refused.
    pub block_public_policy: bool,
    /// A public policy counts for the owner's account and AWS services alone.
    pub restrict_public_buckets: bool,
}

/// The default encryption of a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketEncryptionRecord {
    /// `AES256`, `aws:kms` or `aws:kms:dsse`.
    pub algorithm: String,
    /// The key of KMS as it was given; the AWS managed key where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key_id: Option<String>,
    /// Whether the encryption context is the bucket's ARN rather than the object's.
    #[serde(default)]
    pub bucket_key: bool,
}

/// That an account has a bucket; all is in the key.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct BucketNameRecord {}

/// A version of an object.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VersionRecord {
    /// Its id; None for `null`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// When it was made.
    pub modified_ms: u64,
    /// The object; None for a delete marker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectRecord>,
}

/// What is kept of an object beside its body.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ObjectRecord {
    /// Its bytes.
    pub size: u64,
    /// Without quotes.
    pub etag: String,
    /// Where its bytes are.
    pub body: BodyRecord,
    /// The headers that it is given out with.
    #[serde(default)]
    pub headers: HeadersRecord,
    /// The checksum of all of it or, after a dash and the number of parts, of its parts' checksums.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<ChecksumRecord>,
    /// `STANDARD` where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage_class: Option<String>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

/// Where an object's bytes are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BodyRecord {
    /// Random, never zero. Its chunks are bound to it.
    pub id: BodyId,
    /// The body in `blobs`; None if it is in [`PARTS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<blobs::Digest>,
    /// How many parts there are, if it came in parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<u32>,
    /// What it is encrypted with.
    pub key: DataKeyRecord,
}

/// The key of a body.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DataKeyRecord {
    /// The key itself in base64: sealed under the cloud's root key, or encrypted by KMS.
    pub sealed: String,
    /// Present where KMS did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms: Option<KmsRecord>,
}

/// How KMS encrypted a data key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KmsRecord {
    /// `aws:kms` or `aws:kms:dsse`.
    pub algorithm: String,
    /// The ARN of the key.
    pub key_arn: String,
    /// The encryption context.
    pub context: BTreeMap<String, String>,
    /// Whether a bucket key was asked for.
    #[serde(default)]
    pub bucket_key: bool,
}

/// The headers that an object is given out with.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct HeadersRecord {
    /// `Content-Type`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// `Cache-Control`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_control: Option<String>,
    /// `Content-Disposition`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_disposition: Option<String>,
    /// `Content-Encoding`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_encoding: Option<String>,
    /// `Content-Language`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_language: Option<String>,
    /// `Expires`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// `x-amz-website-redirect-location`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website_redirect_location: Option<String>,
    /// `x-amz-meta-…` without that, in lower case.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
}

/// A checksum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChecksumRecord {
    /// As AWS names it: `CRC32`.
    pub algorithm: String,
    /// In base64.
    pub value: String,
    /// Whether it is made of the parts' checksums rather than of the whole.
    #[serde(default)]
    pub composite: bool,
}

/// Which version is `null`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct NullVersionRecord {
    /// The last part of its key.
    pub place: u64,
}

/// A multipart upload.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UploadRecord {
    /// The ARN of who began it.
    pub initiator: String,
    /// The headers of the object to be.
    pub headers: HeadersRecord,
    /// Its tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Its storage class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage_class: Option<String>,
    /// What its parts are encrypted with.
    pub key: DataKeyRecord,
    /// The checksum that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum_algorithm: Option<String>,
    /// Whether the object's checksum is to be made of its parts' ones.
    #[serde(default)]
    pub composite: bool,
}

/// A part.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PartRecord {
    /// Random: its chunks are bound to it.
    pub id: BodyId,
    /// The body in `blobs`.
    pub digest: blobs::Digest,
    /// Its bytes.
    pub size: u64,
    /// MD5 in hexadecimal digits.
    pub etag: String,
    /// When it came.
    pub modified_ms: u64,
    /// Its checksum.
    pub checksum: ChecksumRecord,
}

/// A body that is to be removed.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct GarbageRecord {
    /// The body in `blobs`; None if it is in [`PARTS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<blobs::Digest>,
}
