//! Payloads: small ones in rows, large ones in `blobs`.

use crate::durable::tables::TextRecord;
use crate::{Lambda, Result, errors, limits, parse_digest};
use base::RequestId;

/// Bytes of the id in front of a body: no two rows share a body, so each can be removed with its row.
const ID_BYTES: usize = 36;

impl TextRecord {
    /// Bytes of the text.
    pub fn bytes(&self) -> u64 {
        match self {
            TextRecord::Inline(text) => text.len() as u64,
            TextRecord::Blob { bytes, .. } => *bytes,
        }
    }
}

/// Keeps `text`.
pub async fn keep(lambda: &Lambda, text: String) -> Result<TextRecord> {
    if text.len() <= limits::DURABLE_INLINE_BYTES_MAX {
        return Ok(TextRecord::Inline(text));
    }
    let bytes = text.len() as u64;
    let mut body = RequestId::new(&*lambda.deps.entropy).to_string().into_bytes();
    body.extend_from_slice(text.as_bytes());
    let digest = lambda.deps.blobs.put(body.into()).await.map_err(errors::internal)?;
    Ok(TextRecord::Blob { digest: digest.to_string(), bytes })
}

/// The text that was kept.
pub async fn load(lambda: &Lambda, record: &TextRecord) -> Result<String> {
    match record {
        TextRecord::Inline(text) => Ok(text.clone()),
        TextRecord::Blob { digest, .. } => {
            let body = lambda.deps.blobs.get(parse_digest(digest)?).await;
            let body = body.map_err(errors::internal)?;
            let body = body.ok_or_else(|| errors::internal("a payload's body is missing"))?;
            let text = body.slice(ID_BYTES.min(body.len())..).to_vec();
            String::from_utf8(text).map_err(errors::internal)
        }
    }
}

/// As [`load`], where there is one.
pub async fn load_some(lambda: &Lambda, record: Option<&TextRecord>) -> Result<Option<String>> {
    match record {
        Some(record) => Ok(Some(load(lambda, record).await?)),
        None => Ok(None),
    }
}

/// Removes the body of a text whose row is gone or was never written.
pub async fn remove(lambda: &Lambda, record: &TextRecord) -> Result<()> {
    if let TextRecord::Blob { digest, .. } = record {
        lambda.deps.blobs.remove(parse_digest(digest)?).await.map_err(errors::internal)?;
    }
    Ok(())
}
