//! `GetFunction`: the configuration, where the package can be downloaded, tags and reserved concurrency.

use crate::code::customer_key;
use crate::model::name::{FunctionName, Qualifier};
use crate::model::version::{self, Detail};
use crate::ops::rows;
use crate::tables::CONCURRENCY;
use crate::{Failure, Lambda, Result, errors, variables};
use seams::{AccessRequest, CallCx};
use std::collections::BTreeMap;
use std::sync::Arc;
use wire_lambda as w;

pub async fn get_function(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::GetFunctionRequest,
) -> Result<w::GetFunctionResponse> {
    let name = FunctionName::parse(&cx, &input.function_name, input.qualifier.as_deref())?;
    let read = lambda.deps.store.view(|view| {
        let (record, version) = rows::qualified_version(view, &name)?;
        let function = rows::function(view, &name)?;
        let reserved = view.get(&CONCURRENCY, &name.key())?.map(|record| record.reserved);
        Ok::<_, Failure>((record, version, function.tags, reserved))
    });
    let (record, version, tags, reserved) = read.await?;
    // As on AWS who may not decrypt the package sees where it is as little.
    let location = match customer_key::may_read(&lambda, &cx, &name.key(), &record.code).await {
        true => Some(lambda.code_location(&record.code, &name.function_arn())?),
        false => None,
    };
    let qualifier = name.qualifier.as_deref();
    // Versions and aliases show neither tags nor concurrency: these belong to the function.
    let whole = Qualifier::of(name.qualifier_or_latest()) == Qualifier::Latest;
    let (tags, tags_error) =
        if whole { show_tags(&lambda, &cx, &name, tags).await? } else { (None, None) };
    let mut shown = version::to_wire(&name.key(), &record, &version, qualifier, Detail::Full);
    variables::show(&lambda, &cx, &mut shown).await;
    Ok(w::GetFunctionResponse {
        configuration: Some(shown),
        code: Some(w::FunctionCodeLocation {
            repository_type: Some("S3".to_string()),
            location,
            source_kms_key_arn: record.code.key.map(|key| key.arn),
            ..Default::default()
        }),
        tags,
        tags_error,
        concurrency: reserved.filter(|_| whole).map(|reserved| w::Concurrency {
            reserved_concurrent_executions: i32::try_from(reserved).ok(),
        }),
    })
}

/// The tags if there are any, and why they are not shown: only those see them who may list them.
async fn show_tags(
    lambda: &Lambda,
    cx: &CallCx,
    name: &FunctionName,
    tags: BTreeMap<String, String>,
) -> Result<(Option<BTreeMap<String, String>>, Option<w::TagsError>)> {
    let request = AccessRequest::new("lambda:ListTags", name.function_arn());
    let request = request.with_resource_tags(&tags);
    match lambda.deps.authorizer.authorize(cx, &request).await {
        Ok(()) => Ok(((!tags.is_empty()).then_some(tags), None)),
        Err(error) if error.is_internal() => Err(errors::internal(error)),
        Err(denial) => Ok((None, Some(errors::tags_denied(denial.message)))),
    }
}
