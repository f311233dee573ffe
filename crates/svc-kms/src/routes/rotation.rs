//! Rotation and regions.

use super::creating;
use crate::access::Wish;
use crate::limits;
use crate::{Kms, ops};
use rt::Routes;
use std::sync::Arc;
use wire_kms::ops as w;

pub fn rotation_and_regions(routes: Routes, kms: &Arc<Kms>) -> Routes {
    routes
        .on(
            w::EnableKeyRotation,
            kms,
            |kms, cx, input| {
                let days = input.rotation_period_in_days.unwrap_or(limits::ROTATION_DAYS_DEFAULT);
                let wish = Wish::administer("kms:EnableKeyRotation");
                kms.on_id(
                    cx,
                    &input.key_id,
                    wish.with("kms:RotationPeriodInDays", days.to_string()),
                )
            },
            ops::enable_key_rotation::enable_key_rotation,
        )
        .on(
            w::DisableKeyRotation,
            kms,
            |kms, cx, input| {
                kms.on_id(cx, &input.key_id, Wish::administer("kms:DisableKeyRotation"))
            },
            ops::disable_key_rotation::disable_key_rotation,
        )
        .on(
            w::GetKeyRotationStatus,
            kms,
            |kms, cx, input| {
                let action = "kms:GetKeyRotationStatus";
                kms.on_id(cx, &input.key_id, Wish { action, ..Wish::default() })
            },
            ops::get_key_rotation_status::get_key_rotation_status,
        )
        .on(
            w::RotateKeyOnDemand,
            kms,
            |kms, cx, input| {
                kms.on_id(cx, &input.key_id, Wish::administer("kms:RotateKeyOnDemand"))
            },
            ops::rotate_key_on_demand::rotate_key_on_demand,
        )
        .on(
            w::ListKeyRotations,
            kms,
            |kms, cx, input| kms.on_id(cx, &input.key_id, Wish::administer("kms:ListKeyRotations")),
            ops::list_key_rotations::list_key_rotations,
        )
        .on(w::ReplicateKey, kms, creating::replicate_key, ops::replicate_key::replicate_key)
        .on(
            w::UpdatePrimaryRegion,
            kms,
            |kms, cx, input| {
                let wish = Wish::administer("kms:UpdatePrimaryRegion");
                kms.on_id(cx, &input.key_id, wish.with("kms:PrimaryRegion", &input.primary_region))
            },
            ops::update_primary_region::update_primary_region,
        )
}
