//! Operations on event source mappings.

use super::and_tag;
use crate::model::event_source_mapping::arn;
use crate::model::name::FunctionName;
use crate::ops::mapping_rows;
use crate::tables::EVENT_SOURCE_MAPPINGS;
use crate::{Failure, Lambda, Result, ops as run};
use rt::{Access, Routes};
use seams::{AccessRequest, CallCx};
use std::sync::Arc;
use wire_lambda::ops as on;

/// `action` on the mapping that the request names, with its function as a condition.
fn to(lambda: &Lambda, cx: &CallCx, action: &'static str, uuid: &str) -> Result<Access> {
    let key = mapping_rows::key(cx, uuid);
    let request = AccessRequest::new(action, arn(key.0, &key.1, &key.2));
    let record = lambda.deps.store.get(&EVENT_SOURCE_MAPPINGS, &key).map_err(Failure::from)?;
    let request = request.with_resource_tags(record.iter().flat_map(|record| &record.tags));
    let function = record.and_then(|record| record.to_wire(key.0, &key.1, &key.2).function_arn);
    Ok(match function {
        Some(function) => request.with("lambda:FunctionArn", function).into(),
        None => request.into(),
    })
}

/// Adds an operation whose resource is the mapping that it names.
macro_rules! route {
    ($routes:expr, $lambda:expr, $operation:ident, $action:literal, $run:path) => {
        $routes.on(
            on::$operation,
            $lambda,
            |lambda, cx, input| to(lambda, cx, $action, &input.uuid),
            $run,
        )
    };
}

/// All of them.
pub fn event_source_mappings(r: Routes, l: &Arc<Lambda>) -> Routes {
    let r = r.on(
        on::CreateEventSourceMapping,
        l,
        |_, cx, input| {
            let function = FunctionName::parse(cx, &input.function_name, None)?.arn();
            let request = AccessRequest::new("lambda:CreateEventSourceMapping", "*");
            let request = request.with_request_tags(input.tags.iter().flatten());
            let access = request.with("lambda:FunctionArn", function).into();
            Ok(and_tag(access, arn(cx.account, &cx.region, "*"), input.tags.as_ref()))
        },
        run::create_event_source_mapping::create_event_source_mapping,
    );
    let r = r.on(
        on::ListEventSourceMappings,
        l,
        |_, _, _| Ok(Access::to_any("lambda:ListEventSourceMappings")),
        run::list_event_source_mappings::list_event_source_mappings,
    );
    let r = route!(
        r,
        l,
        GetEventSourceMapping,
        "lambda:GetEventSourceMapping",
        run::get_event_source_mapping::get_event_source_mapping
    );
    let r = route!(
        r,
        l,
        UpdateEventSourceMapping,
        "lambda:UpdateEventSourceMapping",
        run::update_event_source_mapping::update_event_source_mapping
    );
    route!(
        r,
        l,
        DeleteEventSourceMapping,
        "lambda:DeleteEventSourceMapping",
        run::delete_event_source_mapping::delete_event_source_mapping
    )
}
