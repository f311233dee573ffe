//! `GetPolicy`.

use crate::model::name::FunctionName;
use crate::model::policy;
use crate::ops::add_permission::load;
use crate::{Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn get_policy(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::GetPolicyRequest,
) -> Result<w::GetPolicyResponse> {
    let name = FunctionName::parse(&cx, &input.function_name, input.qualifier.as_deref())?;
    let mut record = lambda.deps.store.view(|view| load(view, &name)).await?;
    lambda.resolver.forget_gone(&mut record)?;
    let policy = policy::document(&record);
    Ok(w::GetPolicyResponse { policy: Some(policy), revision_id: Some(record.revision_id) })
}
