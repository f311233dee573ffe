//! Reading code signing configurations as several operations do it.

use crate::errors::code_signing as errors;
use crate::model::code_signing::{self, ConfigKey};
use crate::model::name::FunctionKey;
use crate::ops::rows::TxResult;
use crate::tables::{CODE_SIGNING_CONFIGS, CodeSigningConfigRecord, FUNCTION_CODE_SIGNING};
use seams::CallCx;
use store::View;

/// The configuration that the ARN names in the caller's account and region. Error: 404.
pub fn load(
    view: &View<'_>,
    cx: &CallCx,
    arn: &str,
) -> TxResult<(ConfigKey, CodeSigningConfigRecord)> {
    find(view, cx, arn)?.ok_or_else(|| errors::config_missing(arn).into())
}

/// As [`load`]; with the error of operations that give a function its configuration.
pub fn load_for_function(
    view: &View<'_>,
    cx: &CallCx,
    arn: &str,
) -> TxResult<(ConfigKey, CodeSigningConfigRecord)> {
    find(view, cx, arn)?.ok_or_else(|| errors::function_config_missing(arn).into())
}

fn find(
    view: &View<'_>,
    cx: &CallCx,
    arn: &str,
) -> TxResult<Option<(ConfigKey, CodeSigningConfigRecord)>> {
    let own = |key: &ConfigKey| key.0 == cx.account && key.1 == cx.region;
    let Some(key) = code_signing::key(arn).filter(own) else { return Ok(None) };
    Ok(view.get(&CODE_SIGNING_CONFIGS, &key)?.map(|record| (key, record)))
}

/// Ok if a new package or layer may be given to the function.
pub fn check_deployable(view: &View<'_>, function: &FunctionKey) -> TxResult<()> {
    let Some(row) = view.get(&FUNCTION_CODE_SIGNING, function)? else { return Ok(()) };
    let key = (function.0, function.1.clone(), row.config);
    match view.get(&CODE_SIGNING_CONFIGS, &key)? {
        Some(config) if config.enforce => Err(errors::unsigned(&function.2).into()),
        _ => Ok(()),
    }
}
