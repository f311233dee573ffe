//! `ListFunctionsByCodeSigningConfig`.

use crate::model::code_signing::ConfigKey;
use crate::model::name::{FunctionKey, function_arn};
use crate::ops::code_signing_rows::load;
use crate::ops::rows::{self, TxResult};
use crate::tables::FUNCTION_CODE_SIGNING;
use crate::{Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use store::limits::SCAN_ROWS_MAX;
use store::{Prefix, View};
use wire_lambda as w;

pub async fn list_functions_by_code_signing_config(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::ListFunctionsByCodeSigningConfigRequest,
) -> Result<w::ListFunctionsByCodeSigningConfigResponse> {
    let size = rows::page_size(input.max_items);
    let after = rows::parse_marker(input.marker.as_deref())?;
    let read = lambda.deps.store.view(|view| {
        let (config, _) = load(view, &cx, &input.code_signing_config_arn)?;
        functions_with(view, &config, after, size + 1)
    });
    let mut functions = read.await?;
    let more = rows::cut_page(&mut functions, size);
    let next_marker = functions.last().filter(|_| more).map(|key| rows::marker(&key.2));
    let function_arns = Some(functions.iter().map(function_arn).collect());
    Ok(w::ListFunctionsByCodeSigningConfigResponse { next_marker, function_arns })
}

/// Functions that have the configuration, by name, at most `limit` behind the one called `after`.
pub fn functions_with(
    view: &View<'_>,
    config: &ConfigKey,
    mut after: Option<String>,
    limit: usize,
) -> TxResult<Vec<FunctionKey>> {
    let mut functions = Vec::new();
    loop {
        let mut range = Prefix::of((config.0, config.1.clone()));
        if let Some(name) = after {
            range = range.after(&(config.0, config.1.clone(), name));
        }
        let page = view.scan(&FUNCTION_CODE_SIGNING, range, SCAN_ROWS_MAX)?;
        let last = page.last().map(|(key, _)| key.2.clone());
        let (more, with) = (page.len() == SCAN_ROWS_MAX, page.into_iter());
        functions.extend(with.filter(|(_, row)| row.config == config.2).map(|(key, _)| key));
        if functions.len() >= limit || !more {
            functions.truncate(limit);
            return Ok(functions);
        }
        after = last;
    }
}
