//! `ListCodeSigningConfigs`.

use crate::model::code_signing::to_wire;
use crate::ops::rows;
use crate::tables::CODE_SIGNING_CONFIGS;
use crate::{Failure, Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use store::Prefix;
use wire_lambda as w;

pub async fn list_code_signing_configs(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::ListCodeSigningConfigsRequest,
) -> Result<w::ListCodeSigningConfigsResponse> {
    let size = rows::page_size(input.max_items);
    let after = rows::parse_marker(input.marker.as_deref())?;
    let read = lambda.deps.store.view(|view| {
        let mut range = Prefix::of((cx.account, cx.region.clone()));
        if let Some(id) = after {
            range = range.after(&(cx.account, cx.region.clone(), id));
        }
        Ok::<_, Failure>(view.scan(&CODE_SIGNING_CONFIGS, range, size + 1)?)
    });
    let mut listed = read.await?;
    let more = rows::cut_page(&mut listed, size);
    let next_marker = listed.last().filter(|_| more).map(|(key, _)| rows::marker(&key.2));
    let shown = listed.iter().map(|(key, record)| to_wire(key, record));
    let code_signing_configs = Some(shown.collect());
    Ok(w::ListCodeSigningConfigsResponse { next_marker, code_signing_configs })
}
