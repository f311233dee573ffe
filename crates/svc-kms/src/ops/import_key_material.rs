//! `ImportKeyMaterial`: give a key of origin `EXTERNAL` its material, give back what was deleted or has expired, or bring
//! the material that it is to be rotated to.

use crate::errors::{self, Error};
use crate::keys::{Key, MaterialOf};
use crate::ops::creation::{self, events};
use crate::ops::importing;
use crate::tables::MaterialRecord;
use crate::{Kms, crypto, limits};
use seams::CallCx;
use std::sync::Arc;
use store::Tx;
use wire_kms::{ExpirationModelType, ImportKeyMaterialRequest, ImportType};

/// See the module.
pub async fn import_key_material(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: ImportKeyMaterialRequest,
) -> Result<wire_kms::ImportKeyMaterialResponse, wire::Error> {
    let key = kms.find_by_id(&cx, &input.key_id)?;
    importing::check_external(&key)?;
    key.check_not_pending_deletion()?;
    let now_ms = kms.now_ms();
    let valid_to_ms = valid_to_ms(&input, now_ms)?;
    let token = kms.open_import_token(&key, &input.import_token)?;
    let (worker, wrapped) = (kms.clone(), input.encrypted_key_material.clone());
    let unwrap = move || {
        let wrapping = token.wrapping;
        let (oaep, by_aes, bits) = (wrapping.oaep, wrapping.by_aes, wrapping.bits);
        crypto::key_wrap::unwrap(&token.private, bits, oaep, by_aes, &wrapped, &*worker.entropy)
    };
    let secret = tokio::task::spawn_blocking(unwrap).await.map_err(wire::Error::internal)?;
    let secret = secret.map_err(|_| errors::invalid_ciphertext())?;
    if !crypto::is_valid(key.record.spec, &secret) {
        return Err(errors::incorrect_key_material().into());
    }
    let id = kms.imported_id(&key, &secret)?;
    if input.key_material_id.as_ref().is_some_and(|wanted| *wanted != id) {
        return Err(errors::incorrect_key_material().into());
    }
    let of = MaterialOf { account: key.account, id: &key.id, spec: key.record.spec };
    let mut material = kms.material_with_id(of, id.clone(), &secret, now_ms);
    (material.valid_to_ms, material.description) = (valid_to_ms, input.key_material_description);
    let key_ref = key.key_ref();
    let arn = kms
        .write(move |tx| {
            let mut key = Key::load(tx, &key_ref)?;
            key.check_not_pending_deletion()?;
            let index = place(&key, &material.id, input.import_type)?;
            put(tx, &mut key, index, material.clone())?;
            creation::put(tx, &key)?;
            Ok(key.arn())
        })
        .await?;
    Ok(wire_kms::ImportKeyMaterialResponse { key_id: Some(arn), key_material_id: Some(id) })
}

/// When the material expires; the model's default is that it does.
fn valid_to_ms(input: &ImportKeyMaterialRequest, now_ms: u64) -> Result<Option<u64>, Error> {
    let model = input.expiration_model.unwrap_or(ExpirationModelType::KeyMaterialExpires);
    match (model, &input.valid_to) {
        (ExpirationModelType::KeyMaterialExpires, None) => Err(errors::valid_to_required()),
        (ExpirationModelType::KeyMaterialDoesNotExpire, Some(_)) => {
            Err(errors::valid_to_not_allowed())
        }
        (ExpirationModelType::KeyMaterialDoesNotExpire, None) => Ok(None),
        (ExpirationModelType::KeyMaterialExpires, Some(valid_to)) => {
            let at_ms = valid_to.to_time().unix_ms();
            match (now_ms..=now_ms + limits::IMPORTED_VALID_MS_MAX).contains(&at_ms) {
                true => Ok(Some(at_ms)),
                false => Err(errors::valid_to_out_of_range()),
            }
        }
    }
}

/// Where the material belongs among those of the key: that of an import before, or behind all.
fn place(key: &Key, id: &str, import_type: Option<ImportType>) -> Result<usize, Error> {
    let materials = &key.record.materials;
    if import_type.is_some() && key.record.spec != crate::model::spec::Spec::Symmetric {
        return Err(errors::import_type_not_valid());
    }
    let known = materials.iter().position(|material| material.id == id);
    let default = match materials.is_empty() {
        true => ImportType::NewKeyMaterial,
        false => ImportType::ExistingKeyMaterial,
    };
    if import_type.unwrap_or(default) == ImportType::ExistingKeyMaterial {
        return known.ok_or_else(errors::incorrect_key_material);
    }
    if let Some(pending) = materials.get(key.record.current + 1) {
        return Err(errors::material_pending_rotation(id, &key.arn(), &pending.id));
    }
    if known.is_some() {
        return Err(errors::incorrect_key_material());
    }
    if key.record.multi_region && !materials.is_empty() {
        return Err(errors::not_built("rotation of imported multi-Region keys"));
    }
    match materials.len() < limits::MATERIALS_MAX {
        true => Ok(materials.len()),
        false => Err(errors::too_many("key materials", limits::MATERIALS_MAX)),
    }
}

/// Puts it there, with the timer of its expiry; the caller writes the row. A second material waits for a rotation.
fn put(
    tx: &mut Tx<'_>,
    key: &mut Key,
    index: usize,
    material: MaterialRecord,
) -> Result<(), Error> {
    importing::forget(tx, key, index)?;
    if let Some(at_ms) = material.valid_to_ms {
        creation::set_timer(tx, key, at_ms, events::EXPIRATION)?;
    }
    match key.record.materials.get_mut(index) {
        Some(before) => {
            let description = material.description.or(before.description.take());
            let (since_ms, rotation) = (before.since_ms, before.rotation.take());
            *before = MaterialRecord { description, since_ms, rotation, ..material };
        }
        None => key.record.materials.push(material),
    }
    Ok(())
}
