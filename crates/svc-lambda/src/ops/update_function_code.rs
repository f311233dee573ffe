//! `UpdateFunctionCode`: replace the package of `$LATEST`.

use crate::model::name::{FunctionName, LATEST, LATEST_PUBLISHED};
use crate::model::version::{self, Change, Detail, Update};
use crate::ops::create_function::{Source, add_package, archive};
use crate::ops::{capacity_provider_rows, code_signing_rows, layer_rows, rows};
use crate::tables::{CodeRecord, FUNCTIONS};
use crate::{Failure, Lambda, Result, errors, variables};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use seams::CallCx;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use wire_lambda as w;

pub async fn update_function_code(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::UpdateFunctionCodeRequest,
) -> Result<w::FunctionConfiguration> {
    let name = FunctionName::unqualified(&cx, &input.function_name)?;
    // Before anything is fetched or unpacked; decided once more when it is stored.
    let read = lambda.deps.store.view(|view| {
        code_signing_rows::check_deployable(view, &name.key())?;
        rows::function(view, &name)
    });
    let function = read.await?;
    function.latest.check_changeable(&name.key(), input.revision_id.as_deref())?;
    // Every function of this cloud has a package.
    if input.image_uri.is_some() {
        return Err(errors::image_of_zip_function());
    }
    let source = Source {
        operation: "UpdateFunctionCode",
        zip_file: input.zip_file.clone(),
        s3: [&input.s3_bucket, &input.s3_key, &input.s3_object_version].map(Option::as_deref),
        image: false,
    };
    let archive = archive(&lambda, &cx, source).await?;
    let architecture = input.architectures.as_ref().and_then(|list| list.first());
    let architecture = architecture.map(|one| one.as_str().to_string());
    if input.dry_run == Some(true) {
        let mut latest = function.latest;
        if let Some(architecture) = architecture {
            latest.configuration.architecture = architecture;
        }
        let sha256 = STANDARD.encode(Sha256::digest(&archive.bytes));
        let size = archive.bytes.len() as u64;
        let unpacked_bytes = lambda.packages.check(archive.bytes.clone()).await?;
        let digest = String::new();
        latest.code = CodeRecord { digest, sha256, size, unpacked_bytes, key: None };
        layer_rows::check_size(&latest.code, &latest.configuration.layers)?;
        let mut shown = version::to_wire(&name.key(), &latest, LATEST, None, Detail::Full);
        variables::show(&lambda, &cx, &mut shown).await;
        return Ok(shown);
    }
    // Without a key the package is under AWS's own, whatever it was before.
    let key = input.source_kms_key_arn.as_deref();
    let code = add_package(&lambda, &name, archive.bytes.clone(), key).await?;
    let change = LatestChange {
        name,
        revision_id: input.revision_id.clone(),
        update: Update::Code(code, architecture),
        publish: input.publish == Some(true),
        publish_to_latest: input.publish_to.is_some(),
    };
    update_latest(&lambda, &cx, change).await
}

/// A change of `$LATEST`.
pub struct LatestChange {
    /// The function.
    pub name: FunctionName,
    /// The revision that the caller has seen.
    pub revision_id: Option<String>,
    /// What becomes of it.
    pub update: Update,
    /// Whether the result is published.
    pub publish: bool,
    /// Whether it is published as `$LATEST.PUBLISHED`.
    pub publish_to_latest: bool,
}

/// Replaces code or configuration of `$LATEST`, and ends the environments of what it was.
pub async fn update_latest(
    lambda: &Lambda,
    cx: &CallCx,
    wanted: LatestChange,
) -> Result<w::FunctionConfiguration> {
    let LatestChange { name, revision_id, update, publish, publish_to_latest } = wanted;
    let (key, cx_changed) = (name.key(), cx.clone());
    let (now, entropy) = (lambda.deps.clock.now(), &*lambda.deps.entropy);
    let (change, published) = (Change::new(now, entropy), Change::new(now, entropy));
    let store = move |tx: &mut store::Tx<'_>| {
        let mut function = rows::function(tx, &name)?;
        function.latest.check_changeable(&name.key(), revision_id.as_deref())?;
        let before = function.latest.clone();
        function.latest.begin_update(update.clone(), change.clone());
        layer_rows::check_size(&function.latest.code, &function.latest.configuration.layers)?;
        let grown = rows::signed(function.latest.code.size) - rows::signed(before.code.size);
        rows::count_usage(tx, &name.key(), 0, grown)?;
        let (old, new) = (&before.configuration, &function.latest.configuration);
        if old.managed != new.managed {
            capacity_provider_rows::check_usable(tx, &cx_changed, new)?;
            let (old, new) = (old.managed.as_ref(), new.managed.as_ref());
            capacity_provider_rows::move_version(tx, &name.key(), 0, old, new)?;
        }
        let mut version = None;
        if publish && publish_to_latest {
            let record = rows::publish_latest(tx, &name.key(), &function, None, &published)?;
            version = Some((LATEST_PUBLISHED.to_string(), record));
        } else if publish {
            let (number, record) = rows::publish(tx, &name.key(), &mut function, None, &published)?;
            rows::reconcile(tx, &name.key(), number)?;
            version = Some((number.to_string(), record));
        }
        tx.put(&FUNCTIONS, &name.key(), &function)?;
        rows::reconcile(tx, &name.key(), 0)?;
        Ok::<_, Failure>((before.configuration_revision, function.latest, version))
    };
    let (old, latest, version) = lambda.deps.store.transact(store).await?;
    lambda.retire(|_, revision| revision == old);
    let mut shown = match version {
        Some((number, record)) => {
            version::to_wire(&key, &record, &number, Some(&number), Detail::Full)
        }
        None => version::to_wire(&key, &latest, LATEST, None, Detail::Full),
    };
    variables::show(lambda, cx, &mut shown).await;
    Ok(shown)
}
