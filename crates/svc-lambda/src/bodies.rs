//! Bodies of events: in their rows if they are small, otherwise beside them.

use crate::tables::PayloadRecord;
use crate::{Lambda, Result, errors, limits, parse_digest};
use base::RequestId;
use bytes::Bytes;

/// Keeps `body`, a JSON text. With `id` in front no two share a stored body, so each can be removed with its row.
pub async fn keep(lambda: &Lambda, id: RequestId, body: Bytes) -> Result<PayloadRecord> {
    if body.len() <= limits::ASYNC_PAYLOAD_INLINE_BYTES_MAX {
        return Ok(PayloadRecord::Inline(
            String::from_utf8(body.into()).map_err(errors::internal)?,
        ));
    }
    let mut stored = id.to_string().into_bytes();
    stored.extend_from_slice(&body);
    let digest = lambda.deps.blobs.put(stored.into()).await.map_err(errors::internal)?;
    Ok(PayloadRecord::Blob(digest.to_string()))
}

/// What was kept under `id`.
pub async fn load(lambda: &Lambda, id: RequestId, record: &PayloadRecord) -> Result<Bytes> {
    match record {
        PayloadRecord::Inline(text) => Ok(Bytes::from(text.clone())),
        PayloadRecord::Blob(digest) => {
            let body = lambda.deps.blobs.get(parse_digest(digest)?).await;
            let body = body.map_err(errors::internal)?;
            let body = body.ok_or_else(|| errors::internal("an event's body is missing"))?;
            Ok(body.slice(id.to_string().len().min(body.len())..))
        }
    }
}

/// Forgets what was kept, after its row is gone.
pub async fn forget(lambda: &Lambda, record: &PayloadRecord) -> Result<()> {
    if let PayloadRecord::Blob(digest) = record {
        let removed = lambda.deps.blobs.remove(parse_digest(digest)?).await;
        removed.map_err(errors::internal)?;
    }
    Ok(())
}
