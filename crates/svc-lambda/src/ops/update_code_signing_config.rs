//! `UpdateCodeSigningConfig`: counts from the next deployment on.

use crate::model::code_signing::{enforces, to_wire};
use crate::ops::code_signing_rows::load;
use crate::tables::CODE_SIGNING_CONFIGS;
use crate::{Failure, Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn update_code_signing_config(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::UpdateCodeSigningConfigRequest,
) -> Result<w::UpdateCodeSigningConfigResponse> {
    let now = lambda.deps.clock.now();
    let update = move |tx: &mut store::Tx<'_>| {
        let (key, mut record) = load(tx, &cx, &input.code_signing_config_arn)?;
        if let Some(description) = &input.description {
            record.description = Some(description.clone());
        }
        if let Some(publishers) = &input.allowed_publishers {
            record.signing_profiles.clone_from(&publishers.signing_profile_version_arns);
        }
        if input.code_signing_policies.is_some() {
            record.enforce = enforces(input.code_signing_policies.as_ref());
        }
        record.last_modified_ms = now.unix_ms();
        tx.put(&CODE_SIGNING_CONFIGS, &key, &record)?;
        Ok::<_, Failure>(to_wire(&key, &record))
    };
    let shown = lambda.deps.store.transact(update).await?;
    Ok(w::UpdateCodeSigningConfigResponse { code_signing_config: shown })
}
