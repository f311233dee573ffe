//! `CreateGrant`: let somebody use a key, without its policy.

use crate::Kms;
use crate::errors::{self, Error};
use crate::keys::{Key, hex};
use crate::limits;
use crate::model::grant;
use crate::model::key_ref::{KeyName, KeyRef};
use crate::ops::cryptography;
use crate::tables::{GRANTS, GrantRecord};
use base::{AccountId, Arn, Region};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use seams::CallCx;
use std::sync::Arc;
use wire_kms::CreateGrantRequest;

/// See the module.
pub async fn create_grant(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::CreateGrantRequest,
) -> Result<wire_kms::CreateGrantResponse, wire::Error> {
    let key = kms.find_by_id(&cx, &input.key_id)?;
    let row = record(&kms, &cx, &key, &input)?;
    cryptography::check_dry_run(input.dry_run)?;
    let grant_id = kms.put_grant(&key, row).await?;
    let grant_token = kms.grant_token(&key, &grant_id);
    Ok(wire_kms::CreateGrantResponse { grant_token: Some(grant_token), grant_id: Some(grant_id) })
}

impl Kms {
    /// Writes a grant; answers with the id of the one that says the same under the same name, if there is one.
    pub(crate) async fn put_grant(&self, key: &Key, row: GrantRecord) -> Result<String, Error> {
        if let Some(name) = &row.name {
            let same = |other: &GrantRecord| {
                other.name.as_ref() == Some(name)
                    && (&other.grantee, &other.retiring) == (&row.grantee, &row.retiring)
                    && other.operations == row.operations
                    && other.context_subset == row.context_subset
                    && other.context_equals == row.context_equals
            };
            let grants = self.grants_of(key)?;
            if let Some((id, _)) = grants.iter().find(|(_, other)| same(other)) {
                return Ok(id.clone());
            }
        }
        let mut bytes = [0; 32];
        self.entropy.fill(&mut bytes);
        let (key_ref, grant_id) = (key.key_ref(), hex(&bytes));
        let id = grant_id.clone();
        self.write(move |tx| {
            let key = Key::load(tx, &key_ref)?;
            key.check_usable()?;
            let (account, region, key_id) = key.row();
            Ok(tx.put(&GRANTS, &(account, region, key_id, id.clone()), &row)?)
        })
        .await?;
        Ok(grant_id)
    }

    /// Names a grant in a way that nobody can make up.
    pub(crate) fn grant_token(&self, key: &Key, grant_id: &str) -> String {
        let text = format!("{}/{}/{}/{grant_id}", key.account, key.region, key.id);
        let sealed = self.token_key.seal(&*self.entropy, b"grant", text.as_bytes());
        URL_SAFE_NO_PAD.encode(sealed)
    }

    /// The key and the grant that a token names.
    pub(crate) fn open_grant_token(&self, token: &str) -> Option<(KeyRef, String)> {
        let sealed = URL_SAFE_NO_PAD.decode(token).ok()?;
        let text = String::from_utf8(self.token_key.open(b"grant", &sealed)?).ok()?;
        let mut parts = text.split('/');
        let account = AccountId::parse(parts.next()?)?;
        let region = Region::parse(parts.next()?)?;
        let name = KeyName::Id(parts.next()?.to_string());
        Some((KeyRef { account, region, name }, parts.next()?.to_string()))
    }

    /// The unique id of a principal that a grant names; error if there is no such principal.
    pub(crate) fn principal_id(&self, text: &str) -> Result<Option<String>, Error> {
        let invalid = || errors::invalid_principal(text);
        let arn = Arn::parse(text).ok_or_else(invalid)?;
        let (account, resource) = (arn.account_id().ok_or_else(invalid)?, arn.resource());
        let internal = |error: seams::Error| errors::broken(&error.to_string());
        match (arn.service(), resource.split_once('/')) {
            ("iam", None) if resource == "root" => Ok(None),
            ("iam", Some(("user", path))) => {
                let name = path.rsplit('/').next().unwrap_or_default();
                let user = self.identities.user(account, name).map_err(internal)?;
                user.filter(|user| user.arn == text).map(|user| Some(user.id)).ok_or_else(invalid)
            }
            ("iam", Some(("role", _))) => {
                let role = self.identities.role(text).map_err(internal)?;
                role.map(|role| Some(role.id)).ok_or_else(invalid)
            }
            ("sts", Some(("assumed-role" | "federated-user", _))) => Ok(None),
            _ => Err(invalid()),
        }
    }
}

fn record(
    kms: &Kms,
    cx: &CallCx,
    key: &Key,
    input: &CreateGrantRequest,
) -> Result<GrantRecord, Error> {
    key.check_usable()?;
    if input.operations.is_empty() {
        return Err(errors::no_grant_operation());
    }
    let (spec, usage) = (key.record.spec, key.record.usage);
    if let Some(bad) = input.operations.iter().find(|o| !grant::is_valid_for(**o, spec, usage)) {
        return Err(errors::grant_operation(bad.as_str(), usage.wire().as_str()));
    }
    if let Some(retiring) = &input.retiring_principal {
        kms.principal_id(retiring)?;
    }
    if kms.grants_of(key)?.len() >= limits::GRANTS_PER_KEY_MAX {
        return Err(errors::too_many("grants per key", limits::GRANTS_PER_KEY_MAX));
    }
    let constraints = input.constraints.clone().unwrap_or_default();
    Ok(GrantRecord {
        created_ms: kms.now_ms(),
        grantee: input.grantee_principal.clone(),
        grantee_id: kms.principal_id(&input.grantee_principal)?,
        retiring: input.retiring_principal.clone(),
        issuing_account: format!("arn:aws:iam::{}:root", cx.caller.account),
        operations: input.operations.iter().map(|operation| operation.to_string()).collect(),
        context_subset: constraints.encryption_context_subset,
        context_equals: constraints.encryption_context_equals,
        name: input.name.clone(),
    })
}
