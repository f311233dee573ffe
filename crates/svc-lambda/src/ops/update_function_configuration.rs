//! `UpdateFunctionConfiguration`: change what the request names of `$LATEST`.

use crate::model::configuration;
use crate::model::name::FunctionName;
use crate::model::version::Update;
use crate::ops::code_signing_rows::check_deployable;
use crate::ops::update_function_code::{LatestChange, update_latest};
use crate::ops::{layer_rows, rows};
use crate::{Lambda, Result, targets, variables};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn update_function_configuration(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::UpdateFunctionConfigurationRequest,
) -> Result<w::FunctionConfiguration> {
    let name = FunctionName::unqualified(&cx, &input.function_name)?;
    let function = lambda.deps.store.view(|view| rows::function(view, &name)).await?;
    let latest = function.latest;
    latest.check_changeable(&name.key(), input.revision_id.as_deref())?;
    let mut next = configuration::update(&latest.configuration, &input)?;
    if let Some(layers) = &input.layers {
        next.layers = layer_rows::for_function(&lambda, &cx, layers).await?;
        if next.layers.iter().any(|layer| !latest.configuration.layers.contains(layer)) {
            let key = name.key();
            let check = lambda.deps.store.view(|view| check_deployable(view, &key));
            check.await?;
        }
    }
    if next.role != latest.configuration.role {
        rows::check_role(&lambda, &cx, &next.role).await?;
    }
    if next.dead_letter != latest.configuration.dead_letter {
        targets::check_dead_letter_queue(&lambda, &name.key(), &next).await?;
    }
    variables::seal_update(&lambda, &cx, &name.key(), &latest.configuration, &mut next).await?;
    let change = LatestChange {
        name,
        // What was computed from one revision is stored only over that revision.
        revision_id: Some(latest.revision_id),
        update: Update::Configuration(Box::new(next)),
        publish: false,
        publish_to_latest: false,
    };
    update_latest(&lambda, &cx, change).await
}
