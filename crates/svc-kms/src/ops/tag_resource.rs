//! `TagResource`: give a key tags.

use crate::Kms;
use crate::keys::Key;
use crate::model::tags;
use crate::ops::creation;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn tag_resource(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::TagResourceRequest,
) -> Result<wire::Unit, wire::Error> {
    let key_ref = kms.id_ref(&cx, &input.key_id)?;
    let tags = tags::parse(&input.tags)?;
    kms.write(move |tx| {
        let mut key = Key::load(tx, &key_ref)?;
        key.check_not_pending_deletion()?;
        key.record.tags.extend(tags.clone());
        tags::check_number(&key.record.tags)?;
        creation::put(tx, &key)
    })
    .await?;
    Ok(wire::Unit)
}
