//! `ListTagsForResource`: the tags of a log group by its ARN.

use crate::{Logs, errors, scope};
use seams::CallCx;
use std::sync::Arc;
use wire::Error;
use wire_logs::{ListTagsForResourceRequest, ListTagsForResourceResponse};

/// All of them: there are at most [`crate::limits::TAGS_MAX`].
pub async fn list_tags_for_resource(
    logs: Arc<Logs>,
    cx: Arc<CallCx>,
    input: ListTagsForResourceRequest,
) -> Result<ListTagsForResourceResponse, Error> {
    let scope = scope(&cx);
    let name =
        scope.group_name_of_arn(&input.resource_arn).ok_or_else(errors::resource_not_found)?;
    Ok(ListTagsForResourceResponse { tags: Some(logs.group(&scope, name)?.tags) })
}
