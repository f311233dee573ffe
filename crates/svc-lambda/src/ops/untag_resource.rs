//! `UntagResource`.

use crate::ops::tag_resource::Taggable;
use crate::{Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire::Unit;
use wire_lambda as w;

pub async fn untag_resource(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::UntagResourceRequest,
) -> Result<Unit> {
    let resource = Taggable::parse(&cx, &input.resource)?;
    let untag = move |tx: &mut store::Tx<'_>| {
        resource.change(tx, &cx, |current| {
            let mut tags = current.clone();
            tags.retain(|key, _| !input.tag_keys.contains(key));
            Ok(tags)
        })
    };
    lambda.deps.store.transact(untag).await?;
    Ok(Unit)
}
