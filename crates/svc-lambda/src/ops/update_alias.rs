//! `UpdateAlias`: change what the request names.

use crate::model::alias::check_weights;
use crate::model::name::FunctionName;
use crate::ops::create_alias::to_wire;
use crate::ops::put_provisioned_concurrency_config::check_alias;
use crate::ops::rows;
use crate::tables::{ALIASES, PROVISIONED};
use crate::{Failure, Lambda, Result, errors};
use base::RequestId;
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn update_alias(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::UpdateAliasRequest,
) -> Result<w::AliasConfiguration> {
    let name = FunctionName::unqualified(&cx, &input.function_name)?;
    let revision_id = RequestId::new(&*lambda.deps.entropy).to_string();
    let (alias, shown_name) = (input.name.clone(), name.clone());
    let update = move |tx: &mut store::Tx<'_>| {
        let found = rows::alias(tx, &name.key(), &input.name)?;
        let missing = || errors::alias_not_found(&name.qualified_arn(&input.name));
        let mut record = found.ok_or_else(missing)?;
        if input.revision_id.as_ref().is_some_and(|id| *id != record.revision_id) {
            return Err(errors::revision_mismatch().into());
        }
        if let Some(version) = &input.function_version {
            record.version.clone_from(version);
        }
        if let Some(description) = &input.description {
            record.description.clone_from(description);
        }
        if let Some(config) = &input.routing_config {
            record.weights = config.additional_version_weights.clone().unwrap_or_default();
        }
        check_weights(&record.version, &record.weights)?;
        rows::check_version_exists(tx, &name, &record.version)?;
        record.weights.keys().try_for_each(|other| rows::check_version_exists(tx, &name, other))?;
        record.revision_id.clone_from(&revision_id);
        let (account, region, function) = name.key();
        let provisioned = (account, region.clone(), function.clone(), input.name.clone());
        if tx.contains(&PROVISIONED, &provisioned)? {
            check_alias(tx, &name.key(), &input.name, &record)?;
        }
        tx.put(&ALIASES, &(account, region, function, input.name.clone()), &record)?;
        Ok::<_, Failure>(record)
    };
    let record = lambda.deps.store.transact(update).await?;
    Ok(to_wire(&shown_name, &alias, record))
}
