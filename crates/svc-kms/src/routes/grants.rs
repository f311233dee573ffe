//! Grants.

use super::granting;
use crate::access::Wish;
use crate::{Kms, ops};
use rt::{Access, Routes};
use std::sync::Arc;
use wire_kms::ops as w;

pub fn grants(routes: Routes, kms: &Arc<Kms>) -> Routes {
    routes
        .on(w::CreateGrant, kms, granting::create_grant, ops::create_grant::create_grant)
        .on(
            w::ListGrants,
            kms,
            |kms, cx, input| {
                kms.on_id(cx, &input.key_id, Wish { action: "kms:ListGrants", ..Wish::default() })
            },
            ops::list_grants::list_grants,
        )
        .on(
            w::ListRetirableGrants,
            kms,
            |_, _, _| Ok(Access::to_any("kms:ListRetirableGrants")),
            ops::list_retirable_grants::list_retirable_grants,
        )
        .on(
            w::RevokeGrant,
            kms,
            |kms, cx, input| {
                kms.on_id(cx, &input.key_id, Wish { action: "kms:RevokeGrant", ..Wish::default() })
            },
            ops::revoke_grant::revoke_grant,
        )
        .on(w::RetireGrant, kms, ops::retire_grant::access, ops::retire_grant::retire_grant)
}
