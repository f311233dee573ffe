//! `ListKeyRotations`: when a key got new material; with `ALL_KEY_MATERIAL` its first too.

use crate::Kms;
use crate::errors;
use crate::limits;
use crate::model::metadata::time;
use crate::model::page::PageRequest;
use crate::model::spec::Spec;
use crate::tables::MaterialRecord;
use seams::CallCx;
use std::cmp::Ordering;
use std::sync::Arc;
use wire_kms::{
    ExpirationModelType, ImportState, IncludeKeyMaterial, KeyMaterialState, RotationType,
    RotationsListEntry,
};

/// See the module.
pub async fn list_key_rotations(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::ListKeyRotationsRequest,
) -> Result<wire_kms::ListKeyRotationsResponse, wire::Error> {
    let page = PageRequest::parse(input.marker.as_deref(), input.limit, limits::PAGE_ITEMS)?;
    let key = kms.find_by_id(&cx, &input.key_id)?;
    if key.record.spec != Spec::Symmetric {
        return Err(errors::unsupported_operation().into());
    }
    let all = input.include_key_material == Some(IncludeKeyMaterial::AllKeyMaterial);
    let numbered = key.record.materials.iter().enumerate();
    let wanted = numbered.filter(|(_, material)| all || material.rotation.is_some());
    let page = page.of(wanted, |(index, _)| format!("{index:06}"));
    let entry = |(index, material): (usize, &MaterialRecord)| RotationsListEntry {
        key_id: Some(key.arn()),
        key_material_id: Some(material.id.clone()),
        key_material_description: material.description.clone(),
        import_state: key.record.external.then_some(match material.sealed {
            Some(_) => ImportState::Imported,
            None => ImportState::PendingImport,
        }),
        key_material_state: Some(match index.cmp(&key.record.current) {
            Ordering::Less => KeyMaterialState::NonCurrent,
            Ordering::Equal => KeyMaterialState::Current,
            Ordering::Greater => KeyMaterialState::PendingRotation,
        }),
        expiration_model: key.record.external.then_some(match material.valid_to_ms {
            Some(_) => ExpirationModelType::KeyMaterialExpires,
            None => ExpirationModelType::KeyMaterialDoesNotExpire,
        }),
        valid_to: material.valid_to_ms.map(time),
        rotation_date: material.rotation.is_some().then(|| time(material.since_ms)),
        rotation_type: material.rotation.as_deref().and_then(RotationType::parse),
    };
    Ok(wire_kms::ListKeyRotationsResponse {
        rotations: Some(page.items.into_iter().map(entry).collect()),
        next_marker: page.next_marker,
        truncated: page.truncated,
    })
}
