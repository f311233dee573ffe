//! `UpdateEventSourceMapping`: what reads for the old configuration stops before the new one is read for.

use crate::errors::event_source_mappings as errors;
use crate::model::event_source_mapping::{self as model, Change};
use crate::model::name::FunctionName;
use crate::ops::mapping_rows;
use crate::tables::{EVENT_SOURCE_MAPPINGS, EventSourceMappingRecord, MappingState};
use crate::{Failure, Lambda, Result};
use base::RequestId;
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn update_event_source_mapping(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::UpdateEventSourceMappingRequest,
) -> Result<w::EventSourceMappingConfiguration> {
    let key = mapping_rows::key(&cx, &input.uuid);
    let before = lambda.deps.store.view(|view| mapping_rows::load(view, &key)).await?;
    check_settled(&before, "update")?;
    let mut record = before.clone();
    let (source, arn) = record.source().ok_or_else(errors::unrecognized)?;
    model::change(source, &mut record, &Change::of_update(&input))?;
    let name = match &input.function_name {
        Some(name) => FunctionName::parse(&cx, name, None)?,
        None => FunctionName {
            account: cx.account,
            region: cx.region.clone(),
            name: record.function.clone(),
            qualifier: record.qualifier.clone(),
        },
    };
    let version = lambda.deps.store.view(|view| mapping_rows::version(view, &cx, &name)).await?;
    let role = &version.configuration.role;
    mapping_rows::check_reachable(&lambda, &name, role, &arn, &record).await?;
    record.function.clone_from(&name.name);
    record.qualifier.clone_from(&name.qualifier);
    record.enabled = input.enabled.unwrap_or(record.enabled);
    record.state = match (before.enabled, record.enabled) {
        (true, false) => MappingState::Disabling,
        (false, true) => MappingState::Enabling,
        _ => MappingState::Updating,
    };
    record.last_modified_ms = lambda.deps.clock.now().unix_ms();
    record.revision = RequestId::new(&*lambda.deps.entropy).to_string();
    let shown = record.to_wire(key.0, &key.1, &key.2);
    let update = move |tx: &mut store::Tx<'_>| {
        // What was computed from one revision is stored only over that revision.
        let current = mapping_rows::load(tx, &key)?;
        if current.revision != before.revision {
            return Err(errors::in_use("update").into());
        }
        check_settled(&current, "update")?;
        if let Some(uuid) = mapping_rows::same(tx, &key, &record)? {
            return Err(errors::exists_for_stream(&record.source, &record.function, &uuid).into());
        }
        Ok::<_, Failure>(tx.put(&EVENT_SOURCE_MAPPINGS, &key, &record)?)
    };
    lambda.deps.store.transact(update).await?;
    Ok(shown)
}

/// Ok if the mapping is in a state that a caller may change.
pub fn check_settled(record: &EventSourceMappingRecord, what: &str) -> Result<()> {
    match record.state {
        MappingState::Enabled | MappingState::Disabled => Ok(()),
        _ => Err(errors::in_use(what)),
    }
}
