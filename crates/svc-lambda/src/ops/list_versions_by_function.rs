//! `ListVersionsByFunction`: `$LATEST`, then the published versions by number.

use crate::model::name::FunctionName;
use crate::model::version::{self, Detail};
use crate::ops::rows;
use crate::tables::VERSIONS;
use crate::{Failure, Lambda, Result, errors, variables};
use seams::CallCx;
use std::sync::Arc;
use store::Prefix;
use wire_lambda as w;

pub async fn list_versions_by_function(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::ListVersionsByFunctionRequest,
) -> Result<w::ListVersionsByFunctionResponse> {
    let name = FunctionName::unqualified(&cx, &input.function_name)?;
    let size = rows::page_size(input.max_items);
    let after = rows::parse_marker(input.marker.as_deref())?;
    let after = after.map(|text| text.parse().map_err(|_| errors::marker_invalid())).transpose()?;
    let key = name.key();
    let read = lambda.deps.store.view(|view| {
        let function = rows::function(view, &name)?;
        let mut range = Prefix::of(key.clone());
        if let Some(number) = after {
            range = range.after(&(key.0, key.1.clone(), key.2.clone(), number));
        }
        Ok::<_, Failure>((function, view.scan(&VERSIONS, range, size + 1)?))
    });
    let (function, versions) = read.await?;
    let latest = after.is_none().then_some((0, function.latest));
    let published = versions.into_iter().map(|(row, record)| (row.3, record));
    let mut listed: Vec<_> = latest.into_iter().chain(published).collect();
    let more = rows::cut_page(&mut listed, size);
    let last = listed.last().filter(|_| more);
    let next_marker = last.map(|(number, _)| rows::marker(&number.to_string()));
    let shown = listed.iter().map(|(number, record)| {
        let text = version::number_name(*number);
        version::to_wire(&key, record, &text, Some(&text), Detail::Listed)
    });
    let mut shown: Vec<_> = shown.collect();
    for one in &mut shown {
        variables::show(&lambda, &cx, one).await;
    }
    Ok(w::ListVersionsByFunctionResponse { versions: Some(shown), next_marker })
}
