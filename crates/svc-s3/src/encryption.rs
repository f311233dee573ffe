//! Encryption at rest: which key an object gets, and how that is opened again.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html>

use crate::tables::{BodyId, BucketRecord, DataKeyRecord, KmsRecord};
use crate::{S3, bucket_arn, errors, object_arn};
use ::seams::{CallCx, KeyUse};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sealing::SealingKey;
use std::collections::BTreeMap;
use wire::{Common, Error};

/// SSE-S3, as headers name it.
pub const SSE_S3: &str = "AES256";
/// What is not built.
pub(crate) const CUSTOMER: &str = "Encryption with keys of the customer (SSE-C)";
const KMS: [&str; 2] = ["aws:kms", "aws:kms:dsse"];

/// What a request says of encryption.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish<'a> {
    /// `x-amz-server-side-encryption`.
    pub algorithm: Option<&'a str>,
    /// `…-aws-kms-key-id`.
    pub kms_key_id: Option<&'a str>,
    /// `…-context`: a JSON object in base64.
    pub context: Option<&'a str>,
    /// `…-bucket-key-enabled`.
    pub bucket_key: Option<bool>,
    /// Whether any header of SSE-C is there.
    pub customer: bool,
}

/// An object and its bucket.
#[derive(Clone, Copy)]
pub struct Whereabouts<'a> {
    /// The bucket's name.
    pub bucket_name: &'a str,
    /// The bucket.
    pub bucket: &'a BucketRecord,
    /// The object's key.
    pub key: &'a str,
}

impl S3 {
    /// A data key for a new body.
    pub async fn new_data_key(
        &self,
        cx: &CallCx,
        place: Whereabouts<'_>,
        wish: Wish<'_>,
        id: BodyId,
    ) -> Result<(SealingKey, DataKeyRecord), Error> {
        if wish.customer {
            return Err(errors::not_built(CUSTOMER));
        }
        if let Some(algorithm) = wish.algorithm
            && algorithm != SSE_S3
            && !KMS.contains(&algorithm)
        {
            return Err(errors::invalid_encryption(algorithm));
        }
        let default = place.bucket.encryption.as_ref();
        let by_default = default.map(|default| default.algorithm.as_str());
        let algorithm = wish.algorithm.or(by_default).unwrap_or(SSE_S3);
        if !KMS.contains(&algorithm) {
            if wish.kms_key_id.is_some() {
                return Err(errors::kms_key_without_kms());
            }
            let mut key = [0; 32];
            self.entropy.fill(&mut key);
            let sealed = self.data_key_key.seal(&*self.entropy, &id.to_be_bytes(), &key);
            let record = DataKeyRecord { sealed: STANDARD.encode(sealed), kms: None };
            return Ok((SealingKey::new(&key), record));
        }
        // The bucket's own key counts where the request names neither.
        let of_bucket = default.filter(|_| wish.algorithm.is_none() || wish.kms_key_id.is_none());
        let key_id = wish.kms_key_id.or(of_bucket.and_then(|of| of.kms_key_id.as_deref()));
        let bucket_key = wish.bucket_key.or(default.map(|d| d.bucket_key)).unwrap_or(false);
        let mut context = wish.context.map(context).transpose()?.unwrap_or_default();
        let arn = match bucket_key {
            true => bucket_arn(place.bucket_name),
            false => object_arn(place.bucket_name, place.key),
        };
        context.insert("aws:s3:arn".to_string(), arn);
        let usage = KeyUse { service: "s3", key_id, context };
        let key_arn = self.keys.key_arn(cx, &usage).await.map_err(of_kms)?;
        let data_key = self.keys.generate_data_key(cx, &usage).await.map_err(of_kms)?;
        let kms = KmsRecord {
            algorithm: algorithm.to_string(),
            key_arn,
            context: usage.context,
            bucket_key,
        };
        let sealed = STANDARD.encode(&data_key.ciphertext);
        let record = DataKeyRecord { sealed, kms: Some(kms) };
        Ok((SealingKey::new(&data_key.plaintext), record))
    }

    /// The data key of a body, with the caller's rights where KMS keeps it.
    pub async fn open_data_key(
        &self,
        cx: &CallCx,
        record: &DataKeyRecord,
        id: BodyId,
    ) -> Result<SealingKey, Error> {
        let damaged = || Error::internal("the data key of an object can not be opened");
        let sealed = STANDARD.decode(&record.sealed).map_err(|_| damaged())?;
        let plain = match &record.kms {
            None => self.data_key_key.open(&id.to_be_bytes(), &sealed).ok_or_else(damaged)?,
            Some(kms) => {
                let (key_id, context) = (Some(kms.key_arn.as_str()), kms.context.clone());
                let usage = KeyUse { service: "s3", key_id, context };
                self.keys.decrypt(cx, &usage, &sealed).await.map_err(of_kms)?
            }
        };
        let plain: [u8; 32] = plain.try_into().map_err(|_| damaged())?;
        Ok(SealingKey::new(&plain))
    }
}

/// `x-amz-server-side-encryption` as answers show it.
pub fn shown(key: &DataKeyRecord) -> &str {
    key.kms.as_ref().map_or(SSE_S3, |kms| &kms.algorithm)
}

fn context(header: &str) -> Result<BTreeMap<String, String>, Error> {
    let json = STANDARD.decode(header).ok();
    let context = json.and_then(|json| serde_json::from_slice(&json).ok());
    context.ok_or_else(|| {
        let text = "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON with the encryption context key-value pairs.";
        errors::invalid_argument(text, "x-amz-server-side-encryption-context", header)
    })
}

/// Recorded: codes of KMS with its name before them.
fn of_kms(error: seams::Error) -> Error {
    if error.is_internal() {
        return Error::internal(error);
    }
    match &*error.code {
        "AccessDeniedException" => Error::common(Common::AccessDenied, error.message),
        code => Error::other(400, format!("KMS.{code}"), error.message),
    }
}
