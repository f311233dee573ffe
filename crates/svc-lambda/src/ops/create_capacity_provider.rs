//! `CreateCapacityProvider`: it is `Pending` until a loop has seen it.

use crate::environments::start::SERVICE_PRINCIPAL;
use crate::errors::{self, capacity_providers};
use crate::limits::CAPACITY_PROVIDERS_MAX;
use crate::model::capacity_provider::{self, to_wire};
use crate::tables::CAPACITY_PROVIDERS;
use crate::{Failure, Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use store::Prefix;
use wire::Common;
use wire_lambda as w;

pub async fn create_capacity_provider(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::CreateCapacityProviderRequest,
) -> Result<w::CreateCapacityProviderResponse> {
    let key = capacity_provider::parse(&cx, &input.capacity_provider_name)?;
    let record = capacity_provider::create(&input, lambda.deps.clock.now())?;
    check_operator_role(&lambda, &cx, &record.operator_role_arn).await?;
    let shown = to_wire(&key, &record);
    let create = move |tx: &mut store::Tx<'_>| {
        if tx.contains(&CAPACITY_PROVIDERS, &key)? {
            return Err(capacity_providers::exists(&capacity_provider::arn(&key)).into());
        }
        let all = Prefix::of((key.0, key.1.clone()));
        if tx.scan_keys(&CAPACITY_PROVIDERS, all, CAPACITY_PROVIDERS_MAX)?.len()
            >= CAPACITY_PROVIDERS_MAX
        {
            return Err(capacity_providers::too_many().into());
        }
        Ok::<_, Failure>(tx.put(&CAPACITY_PROVIDERS, &key, &record)?)
    };
    lambda.deps.store.transact(create).await?;
    Ok(w::CreateCapacityProviderResponse { capacity_provider: shown })
}

/// Ok if the caller may give the role to Lambda, and Lambda may take it on: with it AWS would manage instances.
async fn check_operator_role(lambda: &Lambda, cx: &CallCx, role: &str) -> Result<()> {
    let roles = &lambda.deps.roles;
    roles.check_pass(cx, role, SERVICE_PRINCIPAL).await.map_err(|error| {
        match error.is_internal() {
            true => errors::internal(error),
            false => wire::Error::common(Common::AccessDenied, error.message),
        }
    })?;
    let assumable = roles.check_assumable(cx.account, role, SERVICE_PRINCIPAL).await;
    assumable.map_err(|error| match error.is_internal() {
        true => errors::internal(error),
        false => capacity_providers::operator_role_not_assumable(),
    })
}
