//! Archives that are in buckets: read with the rights of the caller, when the function or layer is made.

use crate::{Error, Lambda, errors, limits};
use bytes::Bytes;
use seams::{CallCx, ObjectRef};
use tokio::sync::OwnedSemaphorePermit;

/// An archive in memory. Those from buckets may be larger than what requests hold, so few are there at a time.
pub struct Archive {
    /// All of it.
    pub bytes: Bytes,
    /// Room for it.
    _room: Option<OwnedSemaphorePermit>,
}

impl From<Bytes> for Archive {
    fn from(bytes: Bytes) -> Self {
        Archive { bytes, _room: None }
    }
}

/// The archive at `object`. Errors: those of S3, as Lambda tells of them.
pub async fn fetch(lambda: &Lambda, cx: &CallCx, object: ObjectRef<'_>) -> Result<Archive, Error> {
    // As AWS's own services call each other: in the name of who called them.
    let mut via = cx.clone();
    via.hops += 1;
    let refused = |error: seams::Error| match error.is_internal() {
        true => errors::internal(error),
        false => errors::package_not_read(&error, object.bucket, object.key),
    };
    let room = lambda.packages.fetching().await?;
    let mut open = lambda.deps.objects.open(&via, object).await.map_err(refused)?;
    // No archive of more bytes unpacks to fewer than are allowed.
    if open.size > limits::UNZIPPED_BYTES_MAX {
        return Err(errors::package_unzipped_too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(open.size).unwrap_or(0));
    while let Some(piece) = open.pieces.next().await.map_err(refused)? {
        bytes.extend_from_slice(&piece);
    }
    Ok(Archive { bytes: bytes.into(), _room: Some(room) })
}
