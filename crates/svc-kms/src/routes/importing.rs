//! Imported material.

use crate::access::Wish;
use crate::{Kms, ops};
use rt::Routes;
use std::sync::Arc;
use wire_kms::ExpirationModelType;
use wire_kms::ops as w;

pub fn imported_material(routes: Routes, kms: &Arc<Kms>) -> Routes {
    routes
        .on(
            w::GetParametersForImport,
            kms,
            |kms, cx, input| {
                let wish = Wish::administer("kms:GetParametersForImport")
                    .with("kms:WrappingAlgorithm", input.wrapping_algorithm.as_str())
                    .with("kms:WrappingKeySpec", input.wrapping_key_spec.as_str());
                kms.on_id(cx, &input.key_id, wish)
            },
            ops::get_parameters_for_import::get_parameters_for_import,
        )
        .on(
            w::ImportKeyMaterial,
            kms,
            |kms, cx, input| {
                let model = input.expiration_model;
                let model = model.unwrap_or(ExpirationModelType::KeyMaterialExpires);
                let mut wish = Wish::administer("kms:ImportKeyMaterial")
                    .with("kms:ExpirationModel", model.as_str());
                if let Some(valid_to) = &input.valid_to {
                    wish = wish.with("kms:ValidTo", valid_to.to_time().to_string());
                }
                kms.on_id(cx, &input.key_id, wish)
            },
            ops::import_key_material::import_key_material,
        )
        .on(
            w::DeleteImportedKeyMaterial,
            kms,
            |kms, cx, input| {
                kms.on_id(cx, &input.key_id, Wish::administer("kms:DeleteImportedKeyMaterial"))
            },
            ops::delete_imported_key_material::delete_imported_key_material,
        )
}
