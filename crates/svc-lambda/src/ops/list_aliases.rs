//! `ListAliases`: all of a function, or those that name one version.

use crate::model::name::FunctionName;
use crate::ops::create_alias::to_wire;
use crate::ops::rows;
use crate::tables::ALIASES;
use crate::{Failure, Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use store::Prefix;
use store::limits::SCAN_ROWS_MAX;
use wire_lambda as w;

pub async fn list_aliases(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::ListAliasesRequest,
) -> Result<w::ListAliasesResponse> {
    let name = FunctionName::unqualified(&cx, &input.function_name)?;
    let size = rows::page_size(input.max_items);
    let after = rows::parse_marker(input.marker.as_deref())?;
    let key = name.key();
    let read = lambda.deps.store.view(|view| {
        rows::function(view, &name)?;
        let mut range = Prefix::of(key.clone());
        if let Some(alias) = after {
            range = range.after(&(key.0, key.1.clone(), key.2.clone(), alias));
        }
        // One version's aliases may stand anywhere among the others.
        let limit = if input.function_version.is_some() { SCAN_ROWS_MAX } else { size + 1 };
        Ok::<_, Failure>(view.scan(&ALIASES, range, limit)?)
    });
    let mut aliases = read.await?;
    if let Some(version) = &input.function_version {
        aliases.retain(|(_, alias)| alias.version == *version);
    }
    let more = rows::cut_page(&mut aliases, size);
    let next_marker = aliases.last().filter(|_| more).map(|(row, _)| rows::marker(&row.3));
    let shown = aliases.into_iter().map(|(row, record)| to_wire(&name, &row.3, record));
    Ok(w::ListAliasesResponse { aliases: Some(shown.collect()), next_marker })
}
