//! `AddPermission`: a statement in the resource policy of a function, a version or an alias.

use crate::model::name::{FunctionName, LATEST, Qualifier};
use crate::model::policy::{self, Permission};
use crate::ops::rows::{self, TxResult};
use crate::resolve::policy_qualifier;
use crate::tables::{POLICIES, PolicyRecord, VersionRecord};
use crate::{Failure, Lambda, Result, errors};
use base::{AccountId, Region, RequestId};
use seams::CallCx;
use serde_json::Value;
use std::sync::Arc;
use store::View;
use wire_lambda as w;

pub async fn add_permission(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::AddPermissionRequest,
) -> Result<w::AddPermissionResponse> {
    let name = FunctionName::parse(&cx, &input.function_name, input.qualifier.as_deref())?;
    if name.qualifier.as_deref() == Some(LATEST) {
        return Err(errors::invalid_parameter(
            "We currently do not support adding policies for $LATEST.",
        ));
    }
    if input.function_url_auth_type.is_some() && input.action != "lambda:InvokeFunctionUrl" {
        return Err(errors::url_auth_type_of_other_action());
    }
    if input.invoked_via_function_url.is_some() && input.action != "lambda:InvokeFunction" {
        return Err(errors::invoked_via_url_of_other_action());
    }
    let statement = Permission {
        statement_id: &input.statement_id,
        action: &input.action,
        principal: &input.principal,
        source_arn: input.source_arn.as_deref(),
        source_account: input.source_account.as_deref(),
        event_source_token: input.event_source_token.as_deref(),
        principal_org_id: input.principal_org_id.as_deref(),
        invoked_via_function_url: input.invoked_via_function_url,
        function_url_auth_type: input.function_url_auth_type.map(|auth| auth.as_str()),
    }
    .statement(&name.arn())?;
    let principal_id = principal_id(&lambda, &statement)?.map(|id| (input.statement_id, id));
    let shown = statement.to_string();
    let revision_id = RequestId::new(&*lambda.deps.entropy).to_string();
    let add = move |tx: &mut store::Tx<'_>| {
        let version = policy_target(tx, &name)?;
        let found = tx.get(&POLICIES, &key(&name))?;
        let current = match (&found, Qualifier::of(name.qualifier_or_latest())) {
            (Some(policy), _) => policy.revision_id.clone(),
            // Recorded: before the first statement, the revision of what the policy is for counts.
            (None, Qualifier::Alias(text)) => {
                rows::alias(tx, &name.key(), text)?.map_or(String::new(), |alias| alias.revision_id)
            }
            (None, _) => version.revision_id,
        };
        check_revision(&current, input.revision_id.as_deref())?;
        let mut record = found.unwrap_or_default();
        policy::add(&mut record, statement.clone())?;
        record.principal_ids.extend(principal_id.clone());
        record.revision_id.clone_from(&revision_id);
        Ok::<_, Failure>(tx.put(&POLICIES, &key(&name), &record)?)
    };
    lambda.deps.store.transact(add).await?;
    Ok(w::AddPermissionResponse { statement: Some(shown) })
}

/// The unique id of the user or role that the statement is about. Error: there is none such.
fn principal_id(lambda: &Lambda, statement: &Value) -> Result<Option<String>> {
    let Some(arn) = policy::user_or_role(statement) else { return Ok(None) };
    let id = lambda.deps.principals.unique_id(arn).map_err(crate::from_seam)?;
    Ok(Some(id.ok_or_else(errors::principal_invalid)?))
}

/// The version that the policy is for. Error: 404, for aliases in other words than elsewhere.
pub fn policy_target(view: &View<'_>, name: &FunctionName) -> TxResult<VersionRecord> {
    rows::function(view, name)?;
    if let Qualifier::Alias(text) = Qualifier::of(name.qualifier_or_latest())
        && rows::alias(view, &name.key(), text)?.is_none()
    {
        return Err(errors::alias_cannot_be_found(&name.arn()).into());
    }
    Ok(rows::qualified_version(view, name)?.0)
}

/// The row of a policy.
pub fn key(name: &FunctionName) -> (AccountId, Region, String, String) {
    let (account, region, function) = name.key();
    (account, region, function, policy_qualifier(name).to_string())
}

/// The policy. Error: 404.
pub fn load(view: &View<'_>, name: &FunctionName) -> TxResult<PolicyRecord> {
    let record = view.get(&POLICIES, &key(name))?;
    Ok(record.ok_or_else(errors::policy_not_found)?)
}

/// Ok if the caller has seen the policy as it is, or does not say.
pub fn check_revision(current: &str, seen: Option<&str>) -> Result<()> {
    match seen {
        Some(seen) if current != seen => Err(errors::policy_revision_mismatch()),
        _ => Ok(()),
    }
}
