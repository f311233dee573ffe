//! Operations on layers.

use crate::model::layer::{self, LayerVersion};
use crate::ops::layer_rows::access;
use crate::{Lambda, Result, ops as run};
use rt::{Access, Routes};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda::ops as on;

/// `action` on the layer version that the request names, by its own policy too.
fn to(
    lambda: &Lambda,
    cx: &CallCx,
    action: &'static str,
    layer: &str,
    number: i64,
) -> Result<Access> {
    Ok(access(lambda, action, &LayerVersion::of(cx, layer, number)?)?.into())
}

/// Adds an operation whose resource is the layer version that it names.
macro_rules! route {
    ($routes:expr, $lambda:expr, $operation:ident, $action:literal, $run:path) => {
        $routes.on(
            on::$operation,
            $lambda,
            |lambda, cx, input| to(lambda, cx, $action, &input.layer_name, input.version_number),
            $run,
        )
    };
}

/// All of them.
pub fn layers(r: Routes, l: &Arc<Lambda>) -> Routes {
    let r = r.on(
        on::PublishLayerVersion,
        l,
        |_, cx, input| {
            let layer = layer::layer_arn(&layer::key(cx, &input.layer_name)?);
            Ok(Access::to("lambda:PublishLayerVersion", layer))
        },
        run::publish_layer_version::publish_layer_version,
    );
    let r = r.on(
        on::ListLayers,
        l,
        |_, _, _| Ok(Access::to_any("lambda:ListLayers")),
        run::list_layers::list_layers,
    );
    let r = r.on(
        on::ListLayerVersions,
        l,
        |_, cx, input| {
            let layer = layer::layer_arn(&layer::key(cx, &input.layer_name)?);
            Ok(Access::to("lambda:ListLayerVersions", layer))
        },
        run::list_layer_versions::list_layer_versions,
    );
    let r = r.on(
        on::GetLayerVersionByArn,
        l,
        |lambda, cx, input| {
            let version = LayerVersion::named(cx, &input.arn)?;
            Ok(access(lambda, "lambda:GetLayerVersion", &version)?.into())
        },
        run::get_layer_version_by_arn::get_layer_version_by_arn,
    );
    let r = route!(
        r,
        l,
        GetLayerVersion,
        "lambda:GetLayerVersion",
        run::get_layer_version::get_layer_version
    );
    let r = route!(
        r,
        l,
        DeleteLayerVersion,
        "lambda:DeleteLayerVersion",
        run::delete_layer_version::delete_layer_version
    );
    let r = route!(
        r,
        l,
        GetLayerVersionPolicy,
        "lambda:GetLayerVersionPolicy",
        run::get_layer_version_policy::get_layer_version_policy
    );
    let r = route!(
        r,
        l,
        AddLayerVersionPermission,
        "lambda:AddLayerVersionPermission",
        run::add_layer_version_permission::add_layer_version_permission
    );
    route!(
        r,
        l,
        RemoveLayerVersionPermission,
        "lambda:RemoveLayerVersionPermission",
        run::remove_layer_version_permission::remove_layer_version_permission
    )
}
