//! `DeleteCodeSigningConfig`: no function may have it.

use crate::errors;
use crate::ops::code_signing_rows::load;
use crate::ops::list_functions_by_code_signing_config::functions_with;
use crate::tables::CODE_SIGNING_CONFIGS;
use crate::{Failure, Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn delete_code_signing_config(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::DeleteCodeSigningConfigRequest,
) -> Result<w::DeleteCodeSigningConfigResponse> {
    let delete = move |tx: &mut store::Tx<'_>| {
        let arn = &input.code_signing_config_arn;
        let (key, _) = load(tx, &cx, arn)?;
        if !functions_with(tx, &key, None, 1)?.is_empty() {
            return Err(errors::code_signing::config_in_use(arn).into());
        }
        Ok::<_, Failure>(tx.delete(&CODE_SIGNING_CONFIGS, &key)?)
    };
    lambda.deps.store.transact(delete).await?;
    Ok(w::DeleteCodeSigningConfigResponse {})
}
