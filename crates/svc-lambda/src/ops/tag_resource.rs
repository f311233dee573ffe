//! `TagResource`: functions, event source mappings, code signing configurations and capacity providers have tags.

use crate::model::arn;
use crate::model::capacity_provider::{self, ProviderKey};
use crate::model::code_signing;
use crate::model::name::FunctionName;
use crate::model::tags;
use crate::ops::mapping_rows::MappingKey;
use crate::ops::rows::{self, TxResult};
use crate::ops::{capacity_provider_rows, code_signing_rows, mapping_rows};
use crate::tables::{CAPACITY_PROVIDERS, CODE_SIGNING_CONFIGS, EVENT_SOURCE_MAPPINGS, FUNCTIONS};
use crate::{Lambda, Result, errors};
use seams::CallCx;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Tx, View};
use wire::Unit;
use wire_lambda as w;

pub async fn tag_resource(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::TagResourceRequest,
) -> Result<Unit> {
    let resource = Taggable::parse(&cx, &input.resource)?;
    if input.tags.is_empty() {
        return Err(errors::tags_missing());
    }
    let tag = move |tx: &mut Tx<'_>| {
        resource.change(tx, &cx, |current| tags::merge(current, &input.tags))
    };
    lambda.deps.store.transact(tag).await?;
    Ok(Unit)
}

/// A resource that has tags.
pub enum Taggable {
    /// A function.
    Function(FunctionName),
    /// An event source mapping.
    Mapping(MappingKey),
    /// A code signing configuration, by its ARN.
    CodeSigningConfig(String),
    /// A capacity provider.
    CapacityProvider(ProviderKey),
}

impl Taggable {
    /// The resource that the ARN names. Errors: a version or an alias (400), another kind of resource (501).
    pub fn parse(cx: &CallCx, resource: &str) -> Result<Self> {
        if resource.contains(":event-source-mapping:") {
            let own = |key: &MappingKey| key.0 == cx.account && key.1 == cx.region;
            let key = arn::parse(resource, "event-source-mapping:").filter(own);
            let (.., uuid) = key.ok_or_else(errors::event_source_mappings::missing)?;
            return Ok(Taggable::Mapping(mapping_rows::key(cx, &uuid)));
        }
        if code_signing::key(resource).is_some() {
            return Ok(Taggable::CodeSigningConfig(resource.to_string()));
        }
        if capacity_provider::key(resource).is_some() {
            return Ok(Taggable::CapacityProvider(capacity_provider::parse(cx, resource)?));
        }
        if !resource.contains(":function:") {
            return Err(errors::not_built("Tagging this kind of resource"));
        }
        let name = FunctionName::parse(cx, resource, None)?;
        match name.qualifier {
            Some(_) => Err(errors::tags_on_functions_only()),
            None => Ok(Taggable::Function(name)),
        }
    }

    /// Its tags. Error: 404.
    pub fn tags(&self, view: &View<'_>, cx: &CallCx) -> TxResult<BTreeMap<String, String>> {
        match self {
            Taggable::Function(name) => Ok(rows::function(view, name)?.tags),
            Taggable::Mapping(key) => Ok(mapping_rows::load(view, key)?.tags),
            Taggable::CodeSigningConfig(arn) => Ok(code_signing_rows::load(view, cx, arn)?.1.tags),
            Taggable::CapacityProvider(key) => Ok(capacity_provider_rows::load(view, key)?.tags),
        }
    }

    /// Replaces its tags. Error: 404.
    pub fn change(
        &self,
        tx: &mut Tx<'_>,
        cx: &CallCx,
        change: impl FnOnce(&BTreeMap<String, String>) -> Result<BTreeMap<String, String>>,
    ) -> TxResult<()> {
        match self {
            Taggable::Function(name) => {
                let mut function = rows::function(tx, name)?;
                function.tags = change(&function.tags)?;
                tx.put(&FUNCTIONS, &name.key(), &function)?;
            }
            Taggable::Mapping(key) => {
                let mut record = mapping_rows::load(tx, key)?;
                record.tags = change(&record.tags)?;
                tx.put(&EVENT_SOURCE_MAPPINGS, key, &record)?;
            }
            Taggable::CodeSigningConfig(arn) => {
                let (key, mut record) = code_signing_rows::load(tx, cx, arn)?;
                record.tags = change(&record.tags)?;
                tx.put(&CODE_SIGNING_CONFIGS, &key, &record)?;
            }
            Taggable::CapacityProvider(key) => {
                let mut record = capacity_provider_rows::load(tx, key)?;
                record.tags = change(&record.tags)?;
                tx.put(&CAPACITY_PROVIDERS, key, &record)?;
            }
        }
        Ok(())
    }
}
