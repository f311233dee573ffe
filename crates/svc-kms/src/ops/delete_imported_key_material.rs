//! `DeleteImportedKeyMaterial`: take the material of a key away at once. Imported again, it opens all that it encrypted.

use crate::Kms;
use crate::errors;
use crate::keys::Key;
use crate::ops::{creation, importing};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn delete_imported_key_material(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::DeleteImportedKeyMaterialRequest,
) -> Result<wire_kms::DeleteImportedKeyMaterialResponse, wire::Error> {
    let key_ref = kms.id_ref(&cx, &input.key_id)?;
    let (arn, id) = kms
        .write(move |tx| {
            let mut key = Key::load(tx, &key_ref)?;
            importing::check_external(&key)?;
            key.check_not_pending_deletion()?;
            let materials = &key.record.materials;
            let index = match &input.key_material_id {
                Some(id) => materials
                    .iter()
                    .position(|material| material.id == *id)
                    .ok_or_else(|| errors::no_such_material(id, &key.arn()))?,
                None => key.record.current,
            };
            let id = materials.get(index).map(|material| material.id.clone());
            importing::forget(tx, &mut key, index)?;
            // One that never encrypted anything is not waited for.
            if index > key.record.current {
                key.record.materials.remove(index);
            }
            creation::put(tx, &key)?;
            Ok((key.arn(), id))
        })
        .await?;
    Ok(wire_kms::DeleteImportedKeyMaterialResponse { key_id: Some(arn), key_material_id: id })
}
