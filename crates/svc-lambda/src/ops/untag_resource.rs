//! `UntagResource`: keys that the function does not have are no error.

use crate::ops::rows;
use crate::ops::tag_resource::taggable;
use crate::tables::FUNCTIONS;
use crate::{Failure, Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire::Unit;
use wire_lambda as w;

pub async fn untag_resource(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::UntagResourceRequest,
) -> Result<Unit> {
    let name = taggable(&cx, &input.resource)?;
    let untag = move |tx: &mut store::Tx<'_>| {
        let mut function = rows::function(tx, &name)?;
        function.tags.retain(|key, _| !input.tag_keys.contains(key));
        Ok::<_, Failure>(tx.put(&FUNCTIONS, &name.key(), &function)?)
    };
    lambda.deps.store.transact(untag).await?;
    Ok(Unit)
}
