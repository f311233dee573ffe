//! `CreateAlias`.

use crate::model::alias::check_weights;
use crate::model::name::FunctionName;
use crate::ops::rows;
use crate::tables::{ALIASES, AliasRecord};
use crate::{Failure, Lambda, Result, errors};
use base::RequestId;
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn create_alias(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::CreateAliasRequest,
) -> Result<w::AliasConfiguration> {
    let name = FunctionName::unqualified(&cx, &input.function_name)?;
    let weights = input.routing_config.and_then(|config| config.additional_version_weights);
    let record = AliasRecord {
        description: input.description.unwrap_or_default(),
        version: input.function_version,
        weights: weights.unwrap_or_default(),
        revision_id: RequestId::new(&*lambda.deps.entropy).to_string(),
    };
    check_weights(&record.version, &record.weights)?;
    let (alias, shown_name) = (input.name.clone(), name.clone());
    let create = move |tx: &mut store::Tx<'_>| {
        rows::check_version_exists(tx, &name, &record.version)?;
        record.weights.keys().try_for_each(|other| rows::check_version_exists(tx, &name, other))?;
        if rows::alias(tx, &name.key(), &alias)?.is_some() {
            return Err(errors::alias_exists(&name.qualified_arn(&alias)).into());
        }
        let (account, region, function) = name.key();
        tx.put(&ALIASES, &(account, region, function, alias.clone()), &record)?;
        Ok::<_, Failure>(record.clone())
    };
    let record = lambda.deps.store.transact(create).await?;
    Ok(to_wire(&shown_name, &input.name, record))
}

/// As the API shows an alias.
pub fn to_wire(name: &FunctionName, alias: &str, record: AliasRecord) -> w::AliasConfiguration {
    let weights = (!record.weights.is_empty()).then_some(record.weights);
    w::AliasConfiguration {
        alias_arn: Some(name.qualified_arn(alias)),
        name: Some(alias.to_string()),
        function_version: Some(record.version),
        description: Some(record.description),
        routing_config: weights.map(|weights| w::AliasRoutingConfiguration {
            additional_version_weights: Some(weights),
        }),
        revision_id: Some(record.revision_id),
    }
}
