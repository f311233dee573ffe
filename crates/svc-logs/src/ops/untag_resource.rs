//! `UntagResource`: remove tags of a log group by its ARN.

use super::untag_log_group::untag;
use crate::{Logs, errors, scope};
use seams::CallCx;
use std::sync::Arc;
use wire::{Error, Unit};
use wire_logs::UntagResourceRequest;

/// Keys that the group does not have are ignored.
pub async fn untag_resource(
    logs: Arc<Logs>,
    cx: Arc<CallCx>,
    input: UntagResourceRequest,
) -> Result<Unit, Error> {
    let scope = scope(&cx);
    let name =
        scope.group_name_of_arn(&input.resource_arn).ok_or_else(errors::resource_not_found)?;
    let name = name.to_string();
    untag(&logs, scope, name, input.tag_keys).await
}
