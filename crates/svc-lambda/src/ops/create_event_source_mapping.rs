//! `CreateEventSourceMapping`: have a function called for what comes into a queue or a stream.

use crate::errors::event_source_mappings as errors;
use crate::model::event_source_mapping as model;
use crate::model::name::FunctionName;
use crate::ops::mapping_rows;
use crate::tables::EVENT_SOURCE_MAPPINGS;
use crate::{Failure, Lambda, Result};
use base::RequestId;
use seams::CallCx;
use std::collections::BTreeMap;
use std::sync::Arc;
use wire_lambda as w;

pub async fn create_event_source_mapping(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::CreateEventSourceMappingRequest,
) -> Result<w::EventSourceMappingConfiguration> {
    let (source, arn) = model::source(&input)?;
    let mut record = model::create(source, &input)?;
    record.tags = crate::model::tags::merge(&BTreeMap::new(), &record.tags)?;
    let name = FunctionName::parse(&cx, &input.function_name, None)?;
    let version = lambda.deps.store.view(|view| mapping_rows::version(view, &cx, &name)).await?;
    let Some(arn) = arn else { return Err(mapping_rows::not_built(source.name())) };
    let role = &version.configuration.role;
    mapping_rows::check_reachable(&lambda, &name, role, &arn, &record).await?;
    record.function.clone_from(&name.name);
    record.qualifier.clone_from(&name.qualifier);
    record.last_modified_ms = lambda.deps.clock.now().unix_ms();
    let entropy = &*lambda.deps.entropy;
    record.revision = RequestId::new(entropy).to_string();
    let key = mapping_rows::key(&cx, &RequestId::new(entropy).to_string());
    let shown = record.to_wire(key.0, &key.1, &key.2);
    let create = move |tx: &mut store::Tx<'_>| {
        mapping_rows::version(tx, &cx, &name)?;
        if let Some(uuid) = mapping_rows::same(tx, &key, &record)? {
            let exists = if source.is_queue() {
                errors::exists_for_queue
            } else {
                errors::exists_for_stream
            };
            return Err(exists(&record.source, &record.function, &uuid).into());
        }
        Ok::<_, Failure>(tx.put(&EVENT_SOURCE_MAPPINGS, &key, &record)?)
    };
    lambda.deps.store.transact(create).await?;
    Ok(shown)
}
