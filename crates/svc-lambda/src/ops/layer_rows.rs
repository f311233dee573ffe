//! Reading rows of layers as several operations do it.

use crate::model::layer::LayerVersion;
use crate::model::policy;
use crate::ops::rows::TxResult;
use crate::tables::{
    CodeRecord, FunctionLayerRecord, LAYER_POLICIES, LAYER_VERSIONS, LayerVersionRecord,
};
use crate::{Failure, Lambda, Result, errors, limits};
use base::Arn;
use seams::{AccessRequest, CallCx};
use std::sync::Arc;
use store::View;
use wire::Common;

/// The version's row. Error: 404 as `GetLayerVersion` words it.
pub fn load(view: &View<'_>, version: &LayerVersion) -> TxResult<LayerVersionRecord> {
    Ok(view.get(&LAYER_VERSIONS, &version.row())?.ok_or_else(errors::layers::missing)?)
}

/// Ok if there is the version whose permissions are meant. Error: 404 that names it.
pub fn check_exists(view: &View<'_>, version: &LayerVersion) -> TxResult<()> {
    if view.contains(&LAYER_VERSIONS, &version.row())? {
        return Ok(());
    }
    Err(errors::layers::version_missing(&version.arn()).into())
}

/// May the caller do `action` to the version, by the version's own policy too?
pub fn access(
    lambda: &Lambda,
    action: &'static str,
    version: &LayerVersion,
) -> Result<AccessRequest> {
    let policy = lambda.deps.store.get(&LAYER_POLICIES, &version.row()).map_err(Failure::from)?;
    let policy = policy.map(|record| Arc::from(policy::document(&record)));
    Ok(AccessRequest { resource_policy: policy, ..AccessRequest::new(action, version.arn()) })
}

/// The layers that a function is to have. The caller must be allowed to read each of them.
pub async fn for_function(
    lambda: &Lambda,
    cx: &CallCx,
    arns: &[String],
) -> Result<Vec<FunctionLayerRecord>> {
    if arns.len() > limits::LAYERS_MAX {
        return Err(errors::layers::too_many());
    }
    let mut layers: Vec<(LayerVersion, FunctionLayerRecord)> = Vec::new();
    for arn in arns {
        let Some(version) = LayerVersion::parse(arn) else {
            return Err(errors::layers::unusable(arn));
        };
        let own = version.layer.0 == cx.account;
        if own && version.layer.1 != cx.region {
            return Err(errors::layers::in_other_region(&cx.region));
        }
        check_readable(lambda, cx, &version).await?;
        // A layer of another account that may be read is there, unless it is deleted at this moment.
        let found =
            lambda.deps.store.get(&LAYER_VERSIONS, &version.row()).map_err(Failure::from)?;
        let found = found.filter(|_| version.layer.1 == cx.region);
        let code = found.ok_or_else(|| errors::layers::unusable(arn))?.code;
        if let Some((_, first)) = layers.iter().find(|(other, _)| other.layer == version.layer) {
            return Err(errors::layers::same_twice(&first.arn, arn));
        }
        layers.push((version, FunctionLayerRecord { arn: arn.clone(), code }));
    }
    Ok(layers.into_iter().map(|(_, layer)| layer).collect())
}

async fn check_readable(lambda: &Lambda, cx: &CallCx, version: &LayerVersion) -> Result<()> {
    let request = access(lambda, "lambda:GetLayerVersion", version)?;
    let allowed = lambda.deps.authorizer.authorize(cx, &request).await;
    allowed.map_err(|error| match error.is_internal() {
        true => errors::internal(error),
        false => wire::Error::common(Common::AccessDenied, error.message),
    })
}

/// Ok if the package and the layers together are not too large.
pub fn check_size(code: &CodeRecord, layers: &[FunctionLayerRecord]) -> Result<()> {
    let layered: u64 = layers.iter().map(|layer| layer.code.unpacked_bytes).sum();
    let bytes = code.unpacked_bytes + layered;
    if !layers.is_empty() && bytes > limits::UNZIPPED_BYTES_MAX {
        return Err(errors::layers::too_large_together(bytes));
    }
    Ok(())
}

/// The ARNs of layers as a condition of a policy: `lambda:Layer`.
pub fn condition(arns: Option<&Vec<String>>) -> Vec<seams::ContextKey> {
    let valid = arns.into_iter().flatten().filter(|arn| Arn::parse(arn).is_some());
    let values: Vec<_> = valid.cloned().collect();
    match values.is_empty() {
        true => Vec::new(),
        false => vec![seams::ContextKey { name: "lambda:Layer".into(), values }],
    }
}
