//! `ListTagsLogGroup`: the older way to read the tags of a log group, by its name.

use crate::{Logs, scope};
use seams::CallCx;
use std::sync::Arc;
use wire::Error;
use wire_logs::{ListTagsLogGroupRequest, ListTagsLogGroupResponse};

/// All of them: there are at most [`crate::limits::TAGS_MAX`].
pub async fn list_tags_log_group(
    logs: Arc<Logs>,
    cx: Arc<CallCx>,
    input: ListTagsLogGroupRequest,
) -> Result<ListTagsLogGroupResponse, Error> {
    let group = logs.group(&scope(&cx), &input.log_group_name)?;
    Ok(ListTagsLogGroupResponse { tags: Some(group.tags) })
}
