//! `ListTags`.

use crate::ops::rows;
use crate::ops::tag_resource::taggable;
use crate::{Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn list_tags(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::ListTagsRequest,
) -> Result<w::ListTagsResponse> {
    let name = taggable(&cx, &input.resource)?;
    let function = lambda.deps.store.view(|view| rows::function(view, &name)).await?;
    Ok(w::ListTagsResponse { tags: Some(function.tags) })
}
