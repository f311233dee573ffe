//! `UntagResource`: take tags off a key.

use crate::Kms;
use crate::keys::Key;
use crate::ops::creation;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn untag_resource(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::UntagResourceRequest,
) -> Result<wire::Unit, wire::Error> {
    let key_ref = kms.id_ref(&cx, &input.key_id)?;
    kms.write(move |tx| {
        let mut key = Key::load(tx, &key_ref)?;
        key.check_not_pending_deletion()?;
        input.tag_keys.iter().for_each(|tag| drop(key.record.tags.remove(tag)));
        creation::put(tx, &key)
    })
    .await?;
    Ok(wire::Unit)
}
