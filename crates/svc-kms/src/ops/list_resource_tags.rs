//! `ListResourceTags`: the tags of a key.

use crate::Kms;
use crate::limits;
use crate::model::page::PageRequest;
use crate::model::tags;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn list_resource_tags(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::ListResourceTagsRequest,
) -> Result<wire_kms::ListResourceTagsResponse, wire::Error> {
    let page = PageRequest::parse(input.marker.as_deref(), input.limit, limits::PAGE_ITEMS_SMALL)?;
    let key = kms.find_by_id(&cx, &input.key_id)?;
    let page = page.of(tags::wire(&key.record.tags), |tag| tag.tag_key.clone());
    Ok(wire_kms::ListResourceTagsResponse {
        tags: Some(page.items),
        next_marker: page.next_marker,
        truncated: page.truncated,
    })
}
