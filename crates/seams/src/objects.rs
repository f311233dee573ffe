//! Objects in buckets, as services read and write them on behalf of somebody. Offered by S3.
//!
//! The caller of the context needs the same rights as over HTTP. Faults are those of S3: `NoSuchBucket`, `NoSuchKey`,
//! `NoSuchVersion`, `AccessDenied`, `PermanentRedirect` for a bucket of another region, and those of KMS as S3 passes them
//! on.

use crate::{CallCx, Error};
use base::BoxFut;

/// Which object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectRef<'a> {
    /// The bucket's name.
    pub bucket: &'a str,
    /// The object's key.
    pub key: &'a str,
    /// Which version; the newest where absent.
    pub version_id: Option<&'a str>,
}

/// An object that is being read.
pub struct OpenObject {
    /// Its bytes.
    pub size: u64,
    /// Its version, in a bucket that keeps versions.
    pub version_id: Option<String>,
    /// Its bytes as they come.
    pub pieces: Box<dyn ObjectPieces>,
}

/// The bytes of an object, a bounded piece at a time.
pub trait ObjectPieces: Send {
    /// The next piece; None at the end.
    fn next(&mut self) -> BoxFut<'_, Result<Option<Vec<u8>>, Error>>;
}

/// Reads objects.
pub trait ObjectReader: Send + Sync {
    /// `s3:GetObject` or `s3:GetObjectVersion`.
    fn open<'a>(
        &'a self,
        cx: &'a CallCx,
        object: ObjectRef<'a>,
    ) -> BoxFut<'a, Result<OpenObject, Error>>;
}

/// A small object that is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewObject<'a> {
    /// The bucket's name.
    pub bucket: &'a str,
    /// The object's key.
    pub key: &'a str,
    /// Its `Content-Type`.
    pub content_type: &'a str,
    /// All of it, so it is small.
    pub body: Vec<u8>,
}

/// Writes objects.
pub trait ObjectWriter: Send + Sync {
    /// `s3:PutObject`; answers with the version, in a bucket that keeps versions. It is durable then.
    fn write<'a>(
        &'a self,
        cx: &'a CallCx,
        object: NewObject<'a>,
    ) -> BoxFut<'a, Result<Option<String>, Error>>;
}
