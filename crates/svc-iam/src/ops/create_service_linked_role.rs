//! `CreateServiceLinkedRole`: make the role that a service takes on by itself.

use crate::Iam;
use crate::errors;
use crate::limits;
use crate::model::{id, service_linked_roles, shapes, tags};
use crate::ops::{holders, service_roles};
use crate::tables::{Grants, Named, RoleRecord, SERVICE_ROLE_PATH};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn create_service_linked_role(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::CreateServiceLinkedRoleRequest,
) -> Result<wire_iam::CreateServiceLinkedRoleResponse, wire::Error> {
    let account = cx.account;
    let service = input.aws_service_name;
    let known = service_linked_roles::find(&service);
    let known = known.ok_or_else(|| errors::no_role_for_service(&service))?;
    if input.custom_suffix.is_some() && !known.takes_suffix {
        return Err(errors::suffix_not_allowed(&service).into());
    }
    let name = service_roles::name(&service, input.custom_suffix.as_deref());
    let trust = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"},
        ],
    });
    let role = RoleRecord {
        path: format!("{}{service}/", SERVICE_ROLE_PATH),
        id: id::unique(&*iam.entropy, id::ROLE),
        created_ms: iam.now().unix_ms(),
        description: input.description,
        session_duration_s_max: limits::SESSION_DURATION_S,
        trust: trust.to_string(),
        trusted_ids: Default::default(),
        grants: Grants { attached: known.policy_arn.into_iter().collect(), ..Grants::default() },
        tags: tags::new(None)?,
        instance_profiles: Vec::new(),
        name,
    };
    let shape = shapes::created_role(account, &role);
    iam.write(move |tx| {
        if RoleRecord::load(tx, account, &role.name).is_ok() {
            return Err(errors::service_role_taken(&role.name));
        }
        let quota = ("RolesPerAccount", limits::ROLES_PER_ACCOUNT);
        holders::check_new::<RoleRecord>(tx, account, &role.name, quota)?;
        holders::put_uses(tx, account, &role)?;
        role.save(tx, account)
    })
    .await?;
    Ok(wire_iam::CreateServiceLinkedRoleResponse { role: Some(shape) })
}
