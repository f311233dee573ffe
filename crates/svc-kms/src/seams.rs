//! What other services ask of KMS.

use crate::access::Wish;
use crate::crypto::Secret;
use crate::errors::{self, Error};
use crate::keys::Key;
use crate::model::ciphertext::{self, Ciphertext};
use crate::model::default_policy;
use crate::model::key_ref::{KeyName, KeyRef};
use crate::model::spec::{Spec, Usage};
use crate::ops::{creation, cryptography, generate_data_key, rotation};
use crate::tables::{ALIASES, AliasRecord, GrantRecord, RotationRecord};
use crate::{Kms, limits};
use base::{AccountId, BoxFut, Region};
use seams::{CallCx, DataKey, KeyUse, Keys, Principal};
use wire_kms::{EncryptionAlgorithmSpec, GrantOperation};

const SYMMETRIC: EncryptionAlgorithmSpec = EncryptionAlgorithmSpec::SymmetricDefault;

/// Services that have a key of their own in every account, by the name in the alias.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-cmk>
const SERVICES: &[&str] = &[
    "acm",
    "backup",
    "dynamodb",
    "ebs",
    "elasticfilesystem",
    "es",
    "kinesis",
    "lambda",
    "logs",
    "rds",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "states",
    "xray",
];

impl Keys for Kms {
    fn key_arn<'a>(
        &'a self,
        cx: &'a CallCx,
        key: &'a KeyUse<'a>,
    ) -> BoxFut<'a, Result<String, seams::Error>> {
        Box::pin(async move { Ok(self.key_of(cx, key).await?.arn()) })
    }

    fn encrypt<'a>(
        &'a self,
        cx: &'a CallCx,
        key_use: &'a KeyUse<'a>,
        plaintext: &'a [u8],
    ) -> BoxFut<'a, Result<Vec<u8>, seams::Error>> {
        Box::pin(async move {
            let key = self.key_of(cx, key_use).await?;
            self.ask(cx, &key, key_use, "kms:Encrypt", GrantOperation::Encrypt).await?;
            let context = ciphertext::context(Some(&key_use.context))?;
            cryptography::check_encryption(&key, SYMMETRIC, &context, "Encrypt")?;
            Ok(self.encrypt_symmetric(&key, &context, plaintext)?)
        })
    }

    fn decrypt<'a>(
        &'a self,
        cx: &'a CallCx,
        key_use: &'a KeyUse<'a>,
        blob: &'a [u8],
    ) -> BoxFut<'a, Result<Vec<u8>, seams::Error>> {
        Box::pin(async move { Ok(self.open(cx, key_use, blob).await?.to_vec()) })
    }

    fn generate_data_key<'a>(
        &'a self,
        cx: &'a CallCx,
        key_use: &'a KeyUse<'a>,
    ) -> BoxFut<'a, Result<DataKey, seams::Error>> {
        Box::pin(async move {
            let key = self.key_of(cx, key_use).await?;
            let operation = GrantOperation::GenerateDataKey;
            self.ask(cx, &key, key_use, "kms:GenerateDataKey", operation).await?;
            let context = ciphertext::context(Some(&key_use.context))?;
            cryptography::check_data_keys(&key, "GenerateDataKey")?;
            let (secret, ciphertext) = generate_data_key::make(self, &key, &context, 32)?;
            let mut plaintext = [0; 32];
            plaintext.copy_from_slice(&secret);
            Ok(DataKey { plaintext, ciphertext })
        })
    }

    fn grant_decrypt<'a>(
        &'a self,
        cx: &'a CallCx,
        key_use: &'a KeyUse<'a>,
        grantee: &'a str,
    ) -> BoxFut<'a, Result<(), seams::Error>> {
        Box::pin(async move {
            // Grants are made on keys, so services look an alias up first.
            let key = Key { request_alias: None, ..self.key_of(cx, key_use).await? };
            self.ask(cx, &key, key_use, "kms:CreateGrant", GrantOperation::CreateGrant).await?;
            key.check_usable()?;
            let operations = [GrantOperation::Decrypt.to_string()];
            let row = GrantRecord {
                created_ms: self.now_ms(),
                grantee: grantee.to_string(),
                grantee_id: self.principal_id(grantee)?,
                retiring: None,
                issuing_account: format!("arn:aws:iam::{}:root", cx.caller.account),
                operations: operations.into(),
                context_subset: None,
                context_equals: Some(key_use.context.clone()),
                name: Some(format!("{} {grantee}", key_use.service)),
            };
            self.put_grant(&key, row).await?;
            Ok(())
        })
    }
}

impl Kms {
    /// The key that a service means.
    async fn key_of(&self, cx: &CallCx, key_use: &KeyUse<'_>) -> Result<Key, seams::Error> {
        let managed = format!("alias/aws/{}", key_use.service);
        match key_use.key_id.filter(|key_id| *key_id != managed) {
            Some(key_id) => Ok(self.find(cx, key_id)?),
            None => {
                let made = self.managed_key(cx.account, &cx.region, key_use.service).await;
                made.map_err(|error| errors::seam(&error))?;
                Ok(self.find(cx, &managed)?)
            }
        }
    }

    async fn open(
        &self,
        cx: &CallCx,
        key_use: &KeyUse<'_>,
        blob: &[u8],
    ) -> Result<Secret, seams::Error> {
        let parsed = Ciphertext::parse(blob).ok_or_else(errors::invalid_ciphertext)?;
        let key = self.find_of(cx, &parsed)?;
        self.ask(cx, &key, key_use, "kms:Decrypt", GrantOperation::Decrypt).await?;
        let context = ciphertext::context(Some(&key_use.context))?;
        cryptography::check_encryption(&key, SYMMETRIC, &context, "Decrypt")?;
        Ok(self.decrypt_symmetric(&key, &context, &parsed)?.0)
    }

    /// Whether the caller may.
    async fn ask(
        &self,
        cx: &CallCx,
        key: &Key,
        key_use: &KeyUse<'_>,
        action: &'static str,
        grant: GrantOperation,
    ) -> Result<(), seams::Error> {
        // A service that acts on its own behalf comes through nobody.
        let is_service = matches!(cx.caller.principal, Principal::Service { .. });
        let wish = Wish {
            via: (!is_service).then_some(key_use.service),
            context: Some(&key_use.context),
            ..Wish::of(action, grant)
        };
        let request = self.request(cx, key, wish)?;
        self.authorizer.authorize(cx, &request).await.map_err(|mut error| {
            if !error.is_internal() {
                error.code = "AccessDeniedException".into();
                error.status = 400;
            }
            error
        })
    }

    /// Makes the account's key for `service` if it is not there: a name that no service of AWS has makes none.
    pub(crate) async fn managed_key(
        &self,
        account: AccountId,
        region: &Region,
        service: &str,
    ) -> Result<(), wire::Error> {
        let alias = format!("alias/aws/{service}");
        let row_key = (account, region.clone(), alias.clone());
        let is_there = self.store.get(&ALIASES, &row_key).map_err(Error::from)?.is_some();
        if is_there || !SERVICES.contains(&service) {
            return Ok(());
        }
        let now_ms = self.now_ms();
        let policy = default_policy::of_service(service, account, region);
        let mut record = creation::record(Spec::Symmetric, Usage::EncryptDecrypt, policy, now_ms);
        let id = creation::new_key_id(&*self.entropy, false);
        record.description =
            format!("Default key that protects my {service} data when no other key is defined");
        record.service = Some(service.to_string());
        record.aliases.insert(alias);
        let secret = crate::crypto::generate(Spec::Symmetric, &*self.entropy);
        let of = crate::keys::MaterialOf { account, id: &id, spec: Spec::Symmetric };
        record.materials.push(self.new_material(of, &secret, now_ms));
        let key_ref = KeyRef { account, region: region.clone(), name: KeyName::Id(id) };
        self.write(move |tx| {
            // Somebody else may have been faster.
            if tx.contains(&ALIASES, &row_key)? {
                return Ok(());
            }
            let KeyName::Id(id) = &key_ref.name else { return Ok(()) };
            let row = AliasRecord { key_id: id.clone(), created_ms: now_ms, updated_ms: now_ms };
            tx.put(&ALIASES, &row_key, &row)?;
            let mut key = Key {
                account,
                region: key_ref.region.clone(),
                id: id.clone(),
                request_alias: None,
                record: record.clone(),
                regions: None,
            };
            let period_days = limits::MANAGED_ROTATION_DAYS;
            let next_ms = now_ms + u64::from(period_days) * limits::DAY_MS;
            rotation::schedule(tx, &mut key, Some(RotationRecord { period_days, next_ms }))?;
            creation::put(tx, &key)
        })
        .await?;
        Ok(())
    }
}
