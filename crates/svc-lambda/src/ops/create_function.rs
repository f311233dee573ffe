//! `CreateFunction`: check everything, unpack the package, store the function as `Pending`.

use crate::code::customer_key;
use crate::code::fetch::{Archive, fetch};
use crate::model::name::{FunctionName, LATEST, LATEST_PUBLISHED};
use crate::model::version::{self, Change, Detail};
use crate::model::{configuration, tags};
use crate::ops::rows::{self, TxResult};
use crate::ops::{capacity_provider_rows, code_signing_rows, layer_rows};
use crate::tables::{
    CodeRecord, FUNCTION_CODE_SIGNING, FUNCTIONS, FunctionCodeSigningRecord, FunctionRecord,
    VersionRecord,
};
use crate::{Failure, Lambda, Result, errors, limits, targets, variables};
use bytes::Bytes;
use seams::{CallCx, ObjectRef};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::Tx;
use wire_lambda as w;

pub async fn create_function(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::CreateFunctionRequest,
) -> Result<w::FunctionConfiguration> {
    let name = FunctionName::for_creation(&cx, &input.function_name)?;
    let mut configuration = configuration::create(&name.name, &input)?;
    let layers = input.layers.as_deref().unwrap_or_default();
    configuration.layers = layer_rows::for_function(&lambda, &cx, layers).await?;
    let tags = tags::merge(&BTreeMap::new(), &input.tags.clone().unwrap_or_default())?;
    let code = &input.code;
    let source = Source {
        operation: "CreateFunction",
        zip_file: code.zip_file.clone(),
        s3: [&code.s3_bucket, &code.s3_key, &code.s3_object_version].map(Option::as_deref),
        image: code.image_uri.is_some(),
    };
    let archive = archive(&lambda, &cx, source).await?;
    rows::check_role(&lambda, &cx, &configuration.role).await?;
    let signing = signing_config(&lambda, &cx, &name, &input).await?;
    targets::check_dead_letter_queue(&lambda, &name.key(), &configuration).await?;
    if lambda.deps.store.get(&FUNCTIONS, &name.key()).map_err(Failure::from)?.is_some() {
        return Err(errors::function_exists(&name.name));
    }
    variables::seal(&lambda, &cx, &name.key(), &mut configuration).await?;
    let key = input.code.source_kms_key_arn.as_deref();
    let code = add_package(&lambda, &name, archive.bytes.clone(), key).await?;
    layer_rows::check_size(&code, &configuration.layers)?;
    let (now, entropy) = (lambda.deps.clock.now(), &*lambda.deps.entropy);
    let latest = VersionRecord::pending(configuration, code, Change::new(now, entropy));
    let function = FunctionRecord { latest, next_version: 1, tags, created_ms: now.unix_ms() };
    let publish = (input.publish == Some(true)).then(|| Change::new(now, entropy));
    let to_latest = input.publish_to.is_some();
    let version = match (&publish, to_latest) {
        (None, _) => LATEST,
        (Some(_), true) => LATEST_PUBLISHED,
        (Some(_), false) => "1",
    };
    let (key, cx_created) = (name.key(), cx.clone());
    let created = lambda
        .deps
        .store
        .transact(move |tx| {
            if let Some(row) = &signing {
                tx.put(&FUNCTION_CODE_SIGNING, &name.key(), row)?;
            }
            capacity_provider_rows::check_usable(tx, &cx_created, &function.latest.configuration)?;
            create(tx, &name, function.clone(), publish.as_ref(), to_latest)
        })
        .await?;
    // Recorded: the ARN has no qualifier even if a version was published.
    let mut shown = version::to_wire(&key, &created.latest, version, None, Detail::Full);
    variables::show(&lambda, &cx, &mut shown).await;
    Ok(shown)
}

/// The code signing configuration that the function is to have. Error: it refuses packages that are not signed.
async fn signing_config(
    lambda: &Lambda,
    cx: &CallCx,
    name: &FunctionName,
    input: &w::CreateFunctionRequest,
) -> Result<Option<FunctionCodeSigningRecord>> {
    let arn = input.code_signing_config_arn.as_deref().filter(|arn| !arn.is_empty());
    let Some(arn) = arn else { return Ok(None) };
    let read = lambda.deps.store.view(|view| code_signing_rows::load_for_function(view, cx, arn));
    let (key, config) = read.await?;
    match config.enforce {
        true => Err(errors::code_signing::unsigned(&name.name)),
        false => Ok(Some(FunctionCodeSigningRecord { config: key.2 })),
    }
}

fn create(
    tx: &mut Tx<'_>,
    name: &FunctionName,
    mut function: FunctionRecord,
    publish: Option<&Change>,
    to_latest: bool,
) -> TxResult<FunctionRecord> {
    let key = name.key();
    if tx.contains(&FUNCTIONS, &key)? {
        return Err(errors::function_exists(&name.name).into());
    }
    rows::count_usage(tx, &key, 1, rows::signed(function.latest.code.size))?;
    let managed = function.latest.configuration.managed.as_ref();
    capacity_provider_rows::move_version(tx, &key, 0, None, managed)?;
    if let Some(change) = publish.filter(|_| to_latest) {
        rows::publish_latest(tx, &key, &function, None, change)?;
    } else if let Some(change) = publish {
        let (number, _) = rows::publish(tx, &key, &mut function, None, change)?;
        rows::reconcile(tx, &key, number)?;
    }
    rows::reconcile(tx, &key, 0)?;
    tx.put(&FUNCTIONS, &key, &function)?;
    Ok(function)
}

/// Where a request says that the package is.
pub struct Source<'a> {
    /// The operation that the request is for.
    pub operation: &'static str,
    /// In the request itself.
    pub zip_file: Option<Bytes>,
    /// In a bucket: its name, the key, the version.
    pub s3: [Option<&'a str>; 3],
    /// A container image.
    pub image: bool,
}

/// Stores the package of the function `name`, under the customer's key `key_arn` if there is one.
pub async fn add_package(
    lambda: &Lambda,
    name: &FunctionName,
    archive: Bytes,
    key_arn: Option<&str>,
) -> Result<CodeRecord> {
    let Some(key_arn) = key_arn.filter(|arn| !arn.is_empty()) else {
        return Ok(lambda.packages.add(archive, None).await?.into());
    };
    let (record, key) = customer_key::make(lambda, &name.key(), key_arn).await?;
    let package = lambda.packages.add(archive, Some(key)).await?;
    Ok(CodeRecord { key: Some(record), ..package.into() })
}

/// The package that the request gives or names.
pub async fn archive(lambda: &Lambda, cx: &CallCx, source: Source<'_>) -> Result<Archive> {
    let Source { operation, zip_file, s3: [bucket, key, version_id], image } = source;
    let is_named = bucket.is_some() || key.is_some() || version_id.is_some();
    match zip_file {
        Some(_) if is_named || image => Err(errors::package_sources()),
        // The archive travels in Base64; the rest of the request is small.
        Some(archive) if archive.len().div_ceil(3) as u64 * 4 > limits::REQUEST_BYTES_MAX => {
            Err(errors::request_too_large(operation))
        }
        Some(archive) if archive.len() as u64 >= limits::ZIPPED_BYTES_MAX => {
            Err(errors::package_too_large())
        }
        Some(archive) => Ok(archive.into()),
        None if image => Err(errors::not_built("A function from a container image")),
        None => match (bucket, key) {
            (Some(bucket), Some(key)) => {
                fetch(lambda, cx, ObjectRef { bucket, key, version_id }).await
            }
            _ => Err(errors::package_missing()),
        },
    }
}
