//! `CreateCodeSigningConfig`.

use crate::model::code_signing::{enforces, to_wire};
use crate::model::tags;
use crate::tables::{CODE_SIGNING_CONFIGS, CodeSigningConfigRecord};
use crate::{Failure, Lambda, Result};
use seams::CallCx;
use std::collections::BTreeMap;
use std::sync::Arc;
use wire_lambda as w;

pub async fn create_code_signing_config(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::CreateCodeSigningConfigRequest,
) -> Result<w::CreateCodeSigningConfigResponse> {
    let record = CodeSigningConfigRecord {
        description: input.description,
        signing_profiles: input.allowed_publishers.signing_profile_version_arns,
        enforce: enforces(input.code_signing_policies.as_ref()),
        last_modified_ms: lambda.deps.clock.now().unix_ms(),
        tags: tags::merge(&BTreeMap::new(), &input.tags.unwrap_or_default())?,
    };
    let id = format!("csc-{}", lambda.deps.entropy.text(17, b"0123456789abcdef"));
    let key = (cx.account, cx.region.clone(), id);
    let shown = to_wire(&key, &record);
    let create = move |tx: &mut store::Tx<'_>| {
        Ok::<_, Failure>(tx.put(&CODE_SIGNING_CONFIGS, &key, &record)?)
    };
    lambda.deps.store.transact(create).await?;
    Ok(w::CreateCodeSigningConfigResponse { code_signing_config: shown })
}
