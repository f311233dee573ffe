//! `CreateRole`: make a role that its trust policy lets others take on.

use crate::Iam;
use crate::errors;
use crate::limits;
use crate::model::{id, shapes, tags};
use crate::ops::{holders, roles};
use crate::tables::{Grants, Named, RoleRecord, SERVICE_ROLE_PATH};
use seams::CallCx;
use std::collections::BTreeMap;
use std::sync::Arc;

/// See the module.
pub async fn create_role(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::CreateRoleRequest,
) -> Result<wire_iam::CreateRoleResponse, wire::Error> {
    let account = cx.account;
    if input.path.as_deref().is_some_and(|path| path.starts_with(SERVICE_ROLE_PATH)) {
        return Err(errors::reserved_path("role").into());
    }
    let duration_s = input.max_session_duration.and_then(|s| u32::try_from(s).ok());
    let role = RoleRecord {
        path: input.path.unwrap_or_else(|| "/".to_string()),
        id: id::unique(&*iam.entropy, id::ROLE),
        created_ms: iam.now().unix_ms(),
        description: input.description,
        session_duration_s_max: duration_s.unwrap_or(limits::SESSION_DURATION_S),
        trust: input.assume_role_policy_document,
        trusted_ids: BTreeMap::new(),
        grants: Grants::default(),
        tags: tags::new(input.tags.as_deref())?,
        instance_profiles: Vec::new(),
        name: input.role_name,
    };
    let boundary = input.permissions_boundary;
    let role = iam
        .write(move |tx| {
            let quota = ("RolesPerAccount", limits::ROLES_PER_ACCOUNT);
            holders::check_new::<RoleRecord>(tx, account, &role.name, quota)?;
            let trusted_ids = roles::check_trust(tx, &role.trust)?;
            RoleRecord { trusted_ids, ..role.clone() }.save(tx, account)?;
            if let Some(arn) = &boundary {
                holders::set_boundary::<RoleRecord>(tx, account, &role.name, Some(arn))?;
            }
            RoleRecord::load(tx, account, &role.name)
        })
        .await?;
    Ok(wire_iam::CreateRoleResponse { role: shapes::created_role(account, &role) })
}
