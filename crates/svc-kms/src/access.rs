//! What a caller needs: the key's policy must allow or delegate to the account, a grant may allow instead.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html>

use crate::Kms;
use crate::errors::{self, Error};
use crate::keys::Key;
use crate::model::grant;
use crate::model::key_ref::{KeyName, KeyRef, alias_arn, key_arn};
use crate::tables::{GRANTS, GrantRecord};
use base::AccountId;
use rt::Access;
use seams::{AccessRequest, CallCx, ContextKey};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::Prefix;
use wire_kms::GrantOperation;

/// One action on one key.
#[derive(Default)]
pub struct Wish<'a> {
    /// Such as `kms:Encrypt`.
    pub action: &'static str,
    /// The operation of grants that permits it.
    pub grant: Option<GrantOperation>,
    /// `GrantTokens`.
    pub tokens: Option<&'a [String]>,
    /// The encryption context.
    pub context: Option<&'a BTreeMap<String, String>>,
    /// Further condition keys.
    pub keys: Vec<ContextKey>,
    /// The service through which the caller comes, such as `lambda`.
    pub via: Option<&'a str>,
    /// Whether principals of other accounts can never do it.
    pub own_account: bool,
}

impl<'a> Wish<'a> {
    /// An operation that only the key's account has.
    pub fn administer(action: &'static str) -> Self {
        Wish { action, own_account: true, ..Wish::default() }
    }

    /// An operation that grants can permit.
    pub fn of(action: &'static str, grant: GrantOperation) -> Self {
        Wish { action, grant: Some(grant), ..Wish::default() }
    }

    /// With these tokens.
    pub fn tokens(mut self, tokens: &'a Option<Vec<String>>) -> Self {
        self.tokens = tokens.as_deref();
        self
    }

    /// With this encryption context.
    pub fn context(mut self, context: &'a Option<BTreeMap<String, String>>) -> Self {
        self.context = context.as_ref();
        self
    }

    /// With this condition key.
    pub fn with(self, name: &'static str, value: impl Into<String>) -> Self {
        self.with_all(name, [value.into()])
    }

    /// With this condition key and all its values.
    pub fn with_all(
        mut self,
        name: &'static str,
        values: impl IntoIterator<Item = String>,
    ) -> Self {
        let values = values.into_iter().collect();
        self.keys.push(ContextKey { name: name.into(), values });
        self
    }
}

impl Kms {
    /// `wish` on the key that `text` names, by an alias too.
    pub fn on_key(&self, cx: &CallCx, text: &str, wish: Wish<'_>) -> Result<Access, wire::Error> {
        let key_ref = KeyRef::parse(text, cx.account, &cx.region)?;
        self.on_ref(cx, &key_ref, wish)
    }

    /// `wish` on the key that `text` names, which is no alias.
    pub fn on_id(&self, cx: &CallCx, text: &str, wish: Wish<'_>) -> Result<Access, wire::Error> {
        let key_ref = self.id_ref(cx, text)?;
        self.on_ref(cx, &key_ref, wish)
    }

    /// Where there is no such key, the caller's own policies decide whether it may learn that.
    pub fn on_ref(
        &self,
        cx: &CallCx,
        key_ref: &KeyRef,
        wish: Wish<'_>,
    ) -> Result<Access, wire::Error> {
        match self.store.read(|view| Key::load(view, key_ref)) {
            Ok(key) => Ok(self.request(cx, &key, wish)?.into()),
            Err(Error::Fault(error)) if error.is("NotFoundException") => {
                let (account, region) = (key_ref.account, &key_ref.region);
                let arn = match &key_ref.name {
                    KeyName::Id(id) => key_arn(account, region, id),
                    KeyName::Alias(name) => alias_arn(account, region, name),
                };
                Ok(Access::to(wish.action, arn))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The question whether the caller may.
    pub fn request(&self, cx: &CallCx, key: &Key, wish: Wish<'_>) -> Result<AccessRequest, Error> {
        self.check_tokens(wish.tokens)?;
        let granted = match wish.grant {
            Some(operation) => self.is_granted(cx, key, operation, wish.context)?,
            None => false,
        };
        let foreign = wish.own_account && cx.caller.account != key.account;
        Ok(AccessRequest {
            resource_policy: (!foreign).then(|| Arc::from(key.record.policy.as_str())),
            consent_required: true,
            granted,
            context: condition_keys(cx, key, wish.context, wish.via, wish.keys),
            ..AccessRequest::new(wish.action, key.arn())
        })
    }

    fn check_tokens(&self, tokens: Option<&[String]>) -> Result<(), Error> {
        for token in tokens.unwrap_or_default() {
            self.open_grant_token(token).ok_or_else(errors::invalid_grant_token)?;
        }
        Ok(())
    }

    fn is_granted(
        &self,
        cx: &CallCx,
        key: &Key,
        operation: GrantOperation,
        context: Option<&BTreeMap<String, String>>,
    ) -> Result<bool, Error> {
        let grants = self.grants_of(key)?;
        Ok(grants.iter().any(|(_, row)| {
            grant::is_grantee(row, &cx.caller) && grant::permits(row, operation, context)
        }))
    }

    /// All grants on a key with their ids.
    pub fn grants_of(&self, key: &Key) -> Result<Vec<(String, GrantRecord)>, Error> {
        let mut all = Vec::new();
        loop {
            let range = Prefix::of(key.row());
            let range = match all.last() {
                Some((id, _)) => {
                    let (account, region, key_id) = key.row();
                    range.after(&(account, region, key_id, String::clone(id)))
                }
                None => range,
            };
            let rows =
                self.store.read(|view| view.scan(&GRANTS, range, store::limits::SCAN_ROWS_MAX))?;
            let is_last = rows.len() < store::limits::SCAN_ROWS_MAX;
            all.extend(rows.into_iter().map(|((.., id), row)| (id, row)));
            if is_last {
                return Ok(all);
            }
        }
    }
}

/// The condition keys of KMS.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html>
fn condition_keys(
    cx: &CallCx,
    key: &Key,
    context: Option<&BTreeMap<String, String>>,
    via: Option<&str>,
    mut keys: Vec<ContextKey>,
) -> Vec<ContextKey> {
    let mut put = |name: Cow<'static, str>, values: Vec<String>| {
        keys.push(ContextKey { name, values });
    };
    let record = &key.record;
    put("kms:CallerAccount".into(), vec![caller_account(cx).to_string()]);
    put("kms:KeySpec".into(), vec![record.spec.wire().to_string()]);
    put("kms:CustomerMasterKeySpec".into(), vec![record.spec.wire().to_string()]);
    put("kms:KeyUsage".into(), vec![record.usage.wire().to_string()]);
    put("kms:CustomerMasterKeyUsage".into(), vec![record.usage.wire().to_string()]);
    put("kms:KeyOrigin".into(), vec![origin(record.external).to_string()]);
    put("kms:MultiRegion".into(), vec![record.multi_region.to_string()]);
    if key.regions.is_some() {
        let kind = if key.is_primary() { "PRIMARY" } else { "REPLICA" };
        put("kms:MultiRegionKeyType".into(), vec![kind.to_string()]);
    }
    if !record.aliases.is_empty() {
        put("kms:ResourceAliases".into(), record.aliases.iter().cloned().collect());
    }
    if let Some(alias) = &key.request_alias {
        put("kms:RequestAlias".into(), vec![alias.clone()]);
    }
    for (tag, value) in &record.tags {
        put(format!("aws:ResourceTag/{tag}").into(), vec![value.clone()]);
    }
    if let Some(context) = context.filter(|context| !context.is_empty()) {
        for (name, value) in context {
            put(format!("kms:EncryptionContext:{name}").into(), vec![value.clone()]);
        }
        put("kms:EncryptionContextKeys".into(), context.keys().cloned().collect());
    }
    if let Some(via) = via {
        let host = format!("{via}.{}.amazonaws.com", key.region);
        put("kms:ViaService".into(), vec![host]);
    }
    keys
}

/// A service acts for the account in which it does.
fn caller_account(cx: &CallCx) -> AccountId {
    cx.caller.account
}

/// `Origin`.
pub fn origin(external: bool) -> wire_kms::OriginType {
    if external { wire_kms::OriginType::External } else { wire_kms::OriginType::AwsKms }
}
