//! `TagResource`: tag a log group by its ARN.

use super::tag_log_group::tag;
use crate::{Logs, errors, scope};
use seams::CallCx;
use std::sync::Arc;
use wire::{Error, Unit};
use wire_logs::TagResourceRequest;

/// Log groups are the only resources with tags that are built.
pub async fn tag_resource(
    logs: Arc<Logs>,
    cx: Arc<CallCx>,
    input: TagResourceRequest,
) -> Result<Unit, Error> {
    let scope = scope(&cx);
    let name =
        scope.group_name_of_arn(&input.resource_arn).ok_or_else(errors::resource_not_found)?;
    let name = name.to_string();
    tag(&logs, scope, name, input.tags).await
}
