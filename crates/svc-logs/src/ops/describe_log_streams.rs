//! `DescribeLogStreams`: the streams of a group, by name or by the time of their last event.

use super::put_log_events::{optional_long, sequence_token};
use super::{group_name, long, page_size};
use crate::model::log_group::Scope;
use crate::tables::{GroupId, STREAMS, StreamRecord};
use crate::{Logs, errors, limits, scope};
use seams::CallCx;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use store::Prefix;
use wire::{Error, Internal};
use wire_logs::{DescribeLogStreamsRequest, DescribeLogStreamsResponse, LogStream, OrderBy};

/// The token of the next page is the last stream's name, with the time of its last event before it where that orders.
pub async fn describe_log_streams(
    logs: Arc<Logs>,
    cx: Arc<CallCx>,
    input: DescribeLogStreamsRequest,
) -> Result<DescribeLogStreamsResponse, Error> {
    let scope = scope(&cx);
    let by_time = input.order_by == Some(OrderBy::LastEventTime);
    if by_time && input.log_stream_name_prefix.is_some() {
        return Err(errors::order_by_time_with_prefix());
    }
    let group_name =
        group_name(&scope, input.log_group_name.as_deref(), input.log_group_identifier.as_deref())?;
    let group = logs.group(&scope, group_name)?.id;
    let (descending, size) = (input.descending.unwrap_or(false), page_size(input.limit));
    let page = if by_time {
        by_last_event_time(&logs, group, descending, input.next_token.as_deref(), size).await?
    } else {
        let prefix = input.log_stream_name_prefix.as_deref().unwrap_or_default();
        by_name(&logs, group, prefix, descending, input.next_token, size).await?
    };
    let describe = |(name, stream)| describe(&scope, group_name, name, &stream);
    let log_streams = Some(page.streams.into_iter().map(describe).collect());
    Ok(DescribeLogStreamsResponse { log_streams, next_token: page.next_token })
}

struct Page {
    streams: Vec<(String, StreamRecord)>,
    next_token: Option<String>,
}

async fn by_name(
    logs: &Logs,
    group: GroupId,
    prefix: &str,
    descending: bool,
    token: Option<String>,
    size: usize,
) -> Result<Page, Error> {
    let mut streams = Vec::new();
    each_stream(logs, group, prefix, descending, token, |name, stream| {
        streams.push((name, stream));
        if streams.len() > size { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .await?;
    let more = streams.len() > size;
    streams.truncate(size);
    let next_token = streams.last().filter(|_| more).map(|(name, _)| name.clone());
    Ok(Page { streams, next_token })
}

/// Looks at every stream of the group and keeps those of the page: an index by time would cost every batch two rows.
async fn by_last_event_time(
    logs: &Logs,
    group: GroupId,
    descending: bool,
    token: Option<&str>,
    size: usize,
) -> Result<Page, Error> {
    let after = token.map(parse_time_token).transpose()?;
    let mut kept = BTreeMap::new();
    each_stream(logs, group, "", false, None, |name, stream| {
        let place = (stream.last_event_ms.unwrap_or(0), name);
        let is_behind =
            |after: &(u64, String)| if descending { place < *after } else { place > *after };
        if after.as_ref().is_none_or(is_behind) {
            kept.insert(place, stream);
            if kept.len() > size + 1 {
                if descending {
                    kept.pop_first()
                } else {
                    kept.pop_last()
                };
            }
        }
        ControlFlow::Continue(())
    })
    .await?;
    let mut places: Vec<_> = kept.into_iter().collect();
    if descending {
        places.reverse();
    }
    let more = places.len() > size;
    places.truncate(size);
    let last = places.last().filter(|_| more);
    let next_token = last.map(|((time_ms, name), _)| format!("{time_ms}/{name}"));
    Ok(Page {
        streams: places.into_iter().map(|((_, name), stream)| (name, stream)).collect(),
        next_token,
    })
}

fn parse_time_token(token: &str) -> Result<(u64, String), Error> {
    let parts =
        token.split_once('/').and_then(|(time_ms, name)| Some((time_ms.parse().ok()?, name)));
    parts.map(|(time_ms, name)| (time_ms, name.to_string())).ok_or_else(errors::invalid_next_token)
}

/// Shows the streams whose name begins with `prefix`, behind the one called `last`, to `visit`.
async fn each_stream(
    logs: &Logs,
    group: GroupId,
    prefix: &str,
    descending: bool,
    mut last: Option<String>,
    mut visit: impl FnMut(String, StreamRecord) -> ControlFlow<()>,
) -> Result<(), Error> {
    loop {
        let mut range = Prefix::text((group,), prefix);
        if descending {
            range = range.reverse();
        }
        if let Some(last) = &last {
            range = range.after(&(group, last.clone()));
        }
        let view =
            logs.store.view(|view| view.scan(&STREAMS, range, limits::DESCRIBE_VIEW_ROWS_MAX));
        let rows: Result<Vec<_>, store::Error> = view.await;
        let rows = rows.internal("reading log streams")?;
        let more = rows.len() == limits::DESCRIBE_VIEW_ROWS_MAX;
        last = rows.last().map(|((_, name), _)| name.clone());
        for ((_, name), stream) in rows {
            if visit(name, stream).is_break() {
                return Ok(());
            }
        }
        if !more {
            return Ok(());
        }
        tokio::task::yield_now().await;
    }
}

fn describe(scope: &Scope, group_name: &str, name: String, stream: &StreamRecord) -> LogStream {
    LogStream {
        arn: Some(scope.stream_arn(group_name, &name)),
        log_stream_name: Some(name),
        creation_time: Some(long(stream.created_ms)),
        first_event_timestamp: optional_long(stream.first_event_ms),
        last_event_timestamp: optional_long(stream.last_event_ms),
        last_ingestion_time: optional_long(stream.last_ingestion_ms),
        upload_sequence_token: stream.last_ingestion_ms.map(|_| sequence_token(stream)),
        // AWS has reported zero for streams since 2019.
        stored_bytes: Some(0),
    }
}
