//! `ListTags`.

use crate::ops::tag_resource::Taggable;
use crate::{Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn list_tags(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::ListTagsRequest,
) -> Result<w::ListTagsResponse> {
    let resource = Taggable::parse(&cx, &input.resource)?;
    let tags = lambda.deps.store.view(|view| resource.tags(view, &cx)).await?;
    Ok(w::ListTagsResponse { tags: Some(tags) })
}
