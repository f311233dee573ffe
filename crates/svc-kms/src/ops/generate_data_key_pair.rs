//! `GenerateDataKeyPair`: a pair of keys, the private one plain and encrypted.

use crate::Kms;
use crate::crypto::{self, Secret};
use crate::errors::{self, Error};
use crate::keys::Key;
use crate::model::ciphertext;
use crate::model::spec::Spec;
use crate::ops::cryptography;
use seams::CallCx;
use std::collections::BTreeMap;
use std::sync::Arc;
use wire_kms::{DataKeyPairSpec, KeySpec};

/// See the module.
pub async fn generate_data_key_pair(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::GenerateDataKeyPairRequest,
) -> Result<wire_kms::GenerateDataKeyPairResponse, wire::Error> {
    cryptography::check_recipient(input.recipient.as_ref())?;
    let key = kms.find(&cx, &input.key_id)?;
    cryptography::check_data_keys(&key, "GenerateDataKeyPair")?;
    cryptography::check_dry_run(input.dry_run)?;
    let context = ciphertext::context(input.encryption_context.as_ref())?;
    let pair = make(&kms, &key, context, input.key_pair_spec).await?;
    Ok(wire_kms::GenerateDataKeyPairResponse {
        private_key_ciphertext_blob: Some(pair.blob.into()),
        private_key_plaintext: Some(pair.private.to_vec().into()),
        public_key: Some(pair.public.into()),
        key_id: Some(key.arn()),
        key_pair_spec: Some(input.key_pair_spec),
        key_material_id: Some(key.current()?.id.clone()),
        ..Default::default()
    })
}

/// A pair of keys.
pub struct Pair {
    /// PKCS #8.
    pub private: Secret,
    /// SubjectPublicKeyInfo.
    pub public: Vec<u8>,
    /// The private one, encrypted.
    pub blob: Vec<u8>,
}

/// A new pair for the holder of `key`.
pub async fn make(
    kms: &Arc<Kms>,
    key: &Key,
    context: BTreeMap<String, String>,
    spec: DataKeyPairSpec,
) -> Result<Pair, wire::Error> {
    let built = KeySpec::parse(spec.as_str()).and_then(Spec::from_wire);
    let built = built.ok_or_else(|| errors::not_built(&format!("key pair spec {spec}")))?;
    let (kms, key) = (kms.clone(), key.clone());
    let work = move || -> Result<Pair, Error> {
        let private = crypto::generate(built, &*kms.entropy);
        let public = crypto::public_key(built, &private);
        let public = public.map_err(|_| errors::broken("a new key without a public half"))?;
        let blob = kms.encrypt_symmetric(&key, &context, &private)?;
        Ok(Pair { private, public, blob })
    };
    // RSA keys take long.
    Ok(tokio::task::spawn_blocking(work).await.map_err(wire::Error::internal)??)
}
