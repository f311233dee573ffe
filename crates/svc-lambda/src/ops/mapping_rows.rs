//! Reading and checking event source mappings as several operations do it.

use crate::errors::event_source_mappings as errors;
use crate::model::name::{FunctionName, LATEST, Qualifier};
use crate::ops::rows::{self, TxResult};
use crate::tables::{EVENT_SOURCE_MAPPINGS, EventSourceMappingRecord, FUNCTIONS, VersionRecord};
use crate::{Lambda, Result, targets};
use base::{AccountId, Arn, Region};
use seams::{CallCx, EventSource};
use std::sync::Arc;
use store::limits::SCAN_ROWS_MAX;
use store::{Prefix, View};

/// The key of a mapping's row.
pub type MappingKey = (AccountId, Region, String);

/// The mapping that a request names in the caller's account. Error: 404.
pub fn load(view: &View<'_>, key: &MappingKey) -> TxResult<EventSourceMappingRecord> {
    Ok(view.get(&EVENT_SOURCE_MAPPINGS, key)?.ok_or_else(errors::missing)?)
}

/// The key of the mapping with that UUID.
pub fn key(cx: &CallCx, uuid: &str) -> MappingKey {
    (cx.account, cx.region.clone(), uuid.to_ascii_lowercase())
}

/// The version that a mapping's function stands for. Error: as AWS words it here (recorded).
pub fn version(view: &View<'_>, cx: &CallCx, name: &FunctionName) -> TxResult<VersionRecord> {
    let foreign = name.account != cx.account;
    if foreign || !view.contains(&FUNCTIONS, &name.key())? {
        return Err(errors::function_missing().into());
    }
    let exists = match Qualifier::of(name.qualifier.as_deref().unwrap_or(LATEST)) {
        Qualifier::Latest => true,
        Qualifier::Version(number) => rows::version(view, &name.key(), number)?.is_some(),
        Qualifier::Alias(alias) => rows::alias(view, &name.key(), alias)?.is_some(),
    };
    if !exists {
        return Err(errors::function_missing().into());
    }
    Ok(rows::qualified_version(view, name)?.0)
}

/// The UUID of another mapping of the same source to the same function.
pub fn same(
    view: &View<'_>,
    key: &MappingKey,
    record: &EventSourceMappingRecord,
) -> TxResult<Option<String>> {
    let mut range = Prefix::of((key.0, key.1.clone()));
    loop {
        let page = view.scan(&EVENT_SOURCE_MAPPINGS, range, SCAN_ROWS_MAX)?;
        let same = page.iter().find(|(row, other)| {
            other.source == record.source
                && other.function == record.function
                && other.qualifier == record.qualifier
                && row.2 != key.2
        });
        if let Some((row, _)) = same {
            return Ok(Some(row.2.clone()));
        }
        match page.last() {
            Some((last, _)) if page.len() == SCAN_ROWS_MAX => {
                range = Prefix::of((key.0, key.1.clone())).after(last);
            }
            _ => return Ok(None),
        }
    }
}

/// The service of this cloud that has the source.
pub fn service<'l>(lambda: &'l Lambda, source: &Arn) -> Option<&'l Arc<dyn EventSource>> {
    lambda.deps.event_sources.iter().find(|one| one.service() == source.service())
}

/// Ok if the function's role may read the source and tell whom the mapping tells of failures.
pub async fn check_reachable(
    lambda: &Lambda,
    name: &FunctionName,
    role: &str,
    source: &Arn,
    record: &EventSourceMappingRecord,
) -> Result<()> {
    let Some((kind, service)) = record.source().map(|(kind, _)| kind).zip(service(lambda, source))
    else {
        let kind = record.source().map_or("that service", |(kind, _)| kind.name());
        return Err(not_built(kind));
    };
    debug_assert_eq!(kind.is_stream(), service.kind() == seams::SourceKind::Stream);
    let cx = targets::role_context(lambda, &name.key(), role).await?;
    service.check(&cx, source).await.map_err(|error| match error.is_internal() {
        true => crate::errors::internal(error),
        false => errors::unreadable(source, &error),
    })?;
    let on_failure = record.stream.as_ref().and_then(|stream| stream.on_failure.as_deref());
    let Some(text) = on_failure else { return Ok(()) };
    let target = Arn::parse(text).filter(|arn| matches!(arn.service(), "sqs" | "sns" | "s3"));
    let invalid = || crate::errors::destination_invalid(None, Some(text));
    let target = target.ok_or_else(invalid)?;
    targets::check(lambda, &name.key(), role, &target, targets::Use::Destination).await
}

/// The source's service is not part of this cloud, so the mapping would never run.
pub fn not_built(source: &str) -> crate::Error {
    crate::errors::not_built(&format!("An event source mapping of {source}"))
}
