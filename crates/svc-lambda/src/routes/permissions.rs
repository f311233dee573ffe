//! Operations on the resource policies of functions.

use super::to;
use crate::model::name::FunctionName;
use crate::model::policy;
use crate::ops::add_permission::key;
use crate::tables::POLICIES;
use crate::{Failure, Lambda, ops as run};
use rt::{Access, Routes};
use std::sync::Arc;
use wire_lambda::ops as on;

/// Whom the statement is about, and how its function's URL lets requests in, as far as it says so.
fn about(mut access: Access, principal: Option<&str>, url_auth_type: Option<&str>) -> Access {
    let keys = [("lambda:Principal", principal), ("lambda:FunctionUrlAuthType", url_auth_type)];
    for (key, value) in keys {
        let Some(value) = value else { continue };
        access.requests = access.requests.into_iter().map(|one| one.with(key, value)).collect();
    }
    access
}

/// All of them.
pub fn permissions(r: Routes, l: &Arc<Lambda>) -> Routes {
    let r = r.on(
        on::AddPermission,
        l,
        |lambda, cx, input| {
            let (action, qualifier) = ("lambda:AddPermission", input.qualifier.as_deref());
            let access = to(lambda, cx, action, &input.function_name, qualifier)?;
            let url_auth_type = input.function_url_auth_type.map(|auth| auth.as_str());
            Ok(about(access, Some(&input.principal), url_auth_type))
        },
        run::add_permission::add_permission,
    );
    let r = r.on(
        on::RemovePermission,
        l,
        |lambda, cx, input| {
            let (action, qualifier) = ("lambda:RemovePermission", input.qualifier.as_deref());
            let access = to(lambda, cx, action, &input.function_name, qualifier)?;
            let name = FunctionName::parse(cx, &input.function_name, qualifier)?;
            let record = lambda.deps.store.get(&POLICIES, &key(&name)).map_err(Failure::from)?;
            let statement =
                record.as_ref().and_then(|record| policy::find(record, &input.statement_id));
            // That there is none is for the operation to say.
            let Some(statement) = statement else { return Ok(access) };
            Ok(about(access, policy::principal_of(statement), policy::url_auth_type(statement)))
        },
        run::remove_permission::remove_permission,
    );
    r.on(
        on::GetPolicy,
        l,
        |lambda, cx, input| {
            let qualifier = input.qualifier.as_deref();
            to(lambda, cx, "lambda:GetPolicy", &input.function_name, qualifier)
        },
        run::get_policy::get_policy,
    )
}
