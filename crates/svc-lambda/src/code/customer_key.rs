//! Packages under keys of customers.
//!
//! Such an archive is encrypted under a data key of its own, which KMS makes and opens under the customer's key for Lambda
//! itself, as the key's policy must let it. Who asks for the package must be allowed to decrypt, too. Every new environment
//! asks KMS anew, so none starts when the key is gone; a warm one never asks. The files that sandboxes mount are not
//! encrypted.
//! <https://docs.aws.amazon.com/lambda/latest/dg/encrypt-zip-package.html>

use crate::environments::start::SERVICE_PRINCIPAL;
use crate::model::name::{self, FunctionKey};
use crate::tables::{CodeKeyRecord, CodeRecord};
use crate::{Lambda, Result, errors};
use base::{Arn, Region, RequestId};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sealing::SealingKey;
use seams::{CallCx, Caller, KeyUse};
use std::sync::Arc;

/// The key of an archive, and what it is bound to: the function's ARN.
#[derive(Clone)]
pub struct ArchiveKey {
    key: SealingKey,
    function_arn: String,
}

impl ArchiveKey {
    /// The archive, encrypted.
    pub fn seal(&self, entropy: &dyn base::Entropy, archive: &[u8]) -> Bytes {
        self.key.seal(entropy, self.function_arn.as_bytes(), archive).into()
    }

    /// The archive that was sealed; None if it is another function's or damaged.
    pub fn open(&self, sealed: &[u8]) -> Option<Bytes> {
        self.key.open(self.function_arn.as_bytes(), sealed).map(Bytes::from)
    }
}

fn key_use<'a>(function_arn: &str, key_arn: Option<&'a str>) -> KeyUse<'a> {
    let context = [("aws:lambda:FunctionArn".to_string(), function_arn.to_string())];
    KeyUse { service: "lambda", key_id: key_arn, context: context.into() }
}

/// Lambda's own call, on behalf of a function. None: there is no such function's ARN.
fn as_lambda(lambda: &Lambda, function_arn: &str) -> Option<CallCx> {
    let arn = Arn::parse(function_arn)?;
    let caller = Arc::new(Caller::service(arn.account_id()?, SERVICE_PRINCIPAL));
    let (region, id) = (Region::parse(arn.region())?, RequestId::new(&*lambda.deps.entropy));
    Some(CallCx::internal(caller, region, id, lambda.deps.clock.now(), Some(arn)))
}

/// A new data key under `key_arn` for a package of `function`: what is stored of it, and the key itself.
pub async fn make(
    lambda: &Lambda,
    function: &FunctionKey,
    key_arn: &str,
) -> Result<(CodeKeyRecord, ArchiveKey)> {
    let function_arn = name::function_arn(function);
    let key = key_use(&function_arn, Some(key_arn));
    let cx = as_lambda(lambda, &function_arn).ok_or_else(|| errors::internal("no ARN"))?;
    let made = lambda.deps.keys.generate_data_key(&cx, &key).await;
    let made = made.map_err(|error| errors::package_not_sealed(&error))?;
    let record =
        CodeKeyRecord { arn: key_arn.to_string(), data_key: STANDARD.encode(&made.ciphertext) };
    Ok((record, ArchiveKey { key: SealingKey::new(&made.plaintext), function_arn }))
}

/// The key of a package; None for one under AWS's own key. Errors: what KMS answers Lambda.
pub async fn open(
    lambda: &Lambda,
    function: &FunctionKey,
    code: &CodeRecord,
) -> std::result::Result<Option<ArchiveKey>, seams::Error> {
    let Some(key) = &code.key else { return Ok(None) };
    open_data_key(lambda, &name::function_arn(function), &key.data_key).await.map(Some)
}

/// As [`open`], from the parts of a location.
pub async fn open_data_key(
    lambda: &Lambda,
    function_arn: &str,
    data_key: &str,
) -> std::result::Result<ArchiveKey, seams::Error> {
    let cx = as_lambda(lambda, function_arn);
    let cx = cx.ok_or_else(|| seams::Error::internal(format!("no function {function_arn}")))?;
    let key = decrypt(lambda, &cx, function_arn, data_key).await?;
    Ok(ArchiveKey { key: SealingKey::new(&key), function_arn: function_arn.to_string() })
}

/// Whether the caller of `cx` may decrypt the package, and KMS can.
pub async fn may_read(
    lambda: &Lambda,
    cx: &CallCx,
    function: &FunctionKey,
    code: &CodeRecord,
) -> bool {
    let Some(key) = &code.key else { return true };
    let cx = CallCx { hops: cx.hops.saturating_add(1), ..cx.clone() };
    decrypt(lambda, &cx, &name::function_arn(function), &key.data_key).await.is_ok()
}

async fn decrypt(
    lambda: &Lambda,
    cx: &CallCx,
    function_arn: &str,
    data_key: &str,
) -> std::result::Result<[u8; 32], seams::Error> {
    let ciphertext = STANDARD.decode(data_key).unwrap_or_default();
    // The ciphertext names its key.
    let key = key_use(function_arn, None);
    let plaintext = lambda.deps.keys.decrypt(cx, &key, &ciphertext).await?;
    let plaintext = <[u8; 32]>::try_from(plaintext);
    plaintext.map_err(|_| seams::Error::internal("a data key of another length"))
}
