//! What users, groups and roles do alike with their policies.

use crate::errors::{self, Error};
use crate::limits;
use crate::model::aws_policies;
use crate::model::document;
use crate::model::page::{Page, PageRequest};
use crate::model::policy_arn::PolicyArn;
use crate::tables::{Holder, Named, POLICIES, POLICY_USES, PolicyRecord, PolicyUseRecord, key};
use base::AccountId;
use policy::limits::counted_characters;
use policy::{Kind, Policy};
use store::{Tx, View};
use wire_iam::AttachedPolicy;

/// How a managed policy is used: the third part of the keys of its uses.
pub const ATTACHED: &str = "PermissionsPolicy";
/// As [`ATTACHED`].
pub const BOUNDARY: &str = "PermissionsBoundary";

/// Adds or replaces an inline policy, whose document has been validated.
pub fn put_inline<H: Holder>(
    tx: &mut Tx<'_>,
    account: AccountId,
    name: &str,
    policy: &str,
    document: &str,
) -> Result<(), Error> {
    let mut holder = H::load(tx, account, name)?;
    holder.check_changeable()?;
    let inline = &mut holder.grants_mut().inline;
    inline.insert(policy.to_string(), document.to_string());
    let characters: usize = inline.values().map(|document| counted_characters(document)).sum();
    if characters > H::INLINE_CHARACTERS_MAX {
        return Err(errors::inline_policies_too_large(H::NOUN, name, H::INLINE_CHARACTERS_MAX));
    }
    holder.save(tx, account)
}

/// An inline policy's document, encoded.
pub fn get_inline<H: Holder>(
    view: &View<'_>,
    account: AccountId,
    name: &str,
    policy: &str,
) -> Result<(H, String), Error> {
    let holder = H::load(view, account, name)?;
    let document = holder.grants().inline.get(policy).map(|document| document::encode(document));
    let document = document.ok_or_else(|| errors::no_such_inline_policy(H::NOUN, policy))?;
    Ok((holder, document))
}

/// Removes an inline policy.
pub fn delete_inline<H: Holder>(
    tx: &mut Tx<'_>,
    account: AccountId,
    name: &str,
    policy: &str,
) -> Result<(), Error> {
    let mut holder = H::load(tx, account, name)?;
    holder.check_changeable()?;
    if holder.grants_mut().inline.remove(policy).is_none() {
        return Err(errors::no_such_inline_policy(H::NOUN, policy));
    }
    holder.save(tx, account)
}

/// The names of inline policies.
pub fn list_inline<H: Holder>(
    view: &View<'_>,
    account: AccountId,
    name: &str,
    page: &PageRequest,
) -> Result<Page<String>, Error> {
    let holder = H::load(view, account, name)?;
    Ok(page.of(holder.grants().inline.keys().cloned(), String::clone))
}

/// Checks the document of an identity policy.
pub fn check_document(document: &str) -> Result<(), Error> {
    Policy::parse(document, Kind::Identity)?;
    Ok(())
}

/// Whether there is such a managed policy, AWS's or the account's.
fn check_attachable(view: &View<'_>, account: AccountId, arn: &str) -> Result<(), Error> {
    let parsed = PolicyArn::parse(arn)?;
    let is_own = |record: &PolicyRecord| record.arn(account) == arn;
    let own = view.get(&POLICIES, &key(account, parsed.name))?;
    if aws_policies::find(arn).is_some() || own.as_ref().is_some_and(is_own) {
        return Ok(());
    }
    Err(errors::policy_not_attachable(arn))
}

/// Attaches a managed policy; attaching it again changes nothing.
pub fn attach<H: Holder>(
    tx: &mut Tx<'_>,
    account: AccountId,
    name: &str,
    arn: &str,
) -> Result<(), Error> {
    check_attachable(tx, account, arn)?;
    let mut holder = H::load(tx, account, name)?;
    holder.check_changeable()?;
    let attached = &mut holder.grants_mut().attached;
    if attached.iter().any(|known| known == arn) {
        return Ok(());
    }
    if attached.len() >= limits::ATTACHED_POLICIES {
        return Err(errors::quota(H::ATTACHED_QUOTA, limits::ATTACHED_POLICIES));
    }
    attached.push(arn.to_string());
    put_use(tx, account, &holder, ATTACHED, arn)?;
    holder.save(tx, account)
}

/// Detaches a managed policy.
pub fn detach<H: Holder>(
    tx: &mut Tx<'_>,
    account: AccountId,
    name: &str,
    arn: &str,
) -> Result<(), Error> {
    PolicyArn::parse(arn)?;
    let mut holder = H::load(tx, account, name)?;
    holder.check_changeable()?;
    let attached = &mut holder.grants_mut().attached;
    let before = attached.len();
    attached.retain(|known| known != arn);
    if attached.len() == before {
        return Err(errors::no_such_policy(arn));
    }
    delete_use(tx, account, &holder, ATTACHED, arn)?;
    holder.save(tx, account)
}

/// The attached managed policies whose path begins with `path_prefix`.
pub fn list_attached<H: Holder>(
    view: &View<'_>,
    account: AccountId,
    name: &str,
    path_prefix: Option<&str>,
    page: &PageRequest,
) -> Result<Page<AttachedPolicy>, Error> {
    let holder = H::load(view, account, name)?;
    let mut arns = Vec::new();
    for arn in &holder.grants().attached {
        let parsed = PolicyArn::parse(arn)?;
        if parsed.path.starts_with(path_prefix.unwrap_or("/")) {
            arns.push((parsed.name.to_string(), arn.clone()));
        }
    }
    arns.sort_unstable();
    let page = page.of(arns, |(name, arn)| format!("{name} {arn}"));
    Ok(page.map(|(name, arn)| AttachedPolicy { policy_name: Some(name), policy_arn: Some(arn) }))
}

/// Sets or, with none, removes the permissions boundary.
pub fn set_boundary<H: Holder>(
    tx: &mut Tx<'_>,
    account: AccountId,
    name: &str,
    arn: Option<&str>,
) -> Result<(), Error> {
    if let Some(arn) = arn {
        check_attachable(tx, account, arn)?;
    }
    let mut holder = H::load(tx, account, name)?;
    holder.check_changeable()?;
    if let Some(old) = holder.grants_mut().boundary.take() {
        delete_use(tx, account, &holder, BOUNDARY, &old)?;
    }
    if let Some(arn) = arn {
        holder.grants_mut().boundary = Some(arn.to_string());
        put_use(tx, account, &holder, BOUNDARY, arn)?;
    }
    holder.save(tx, account)
}

/// As AWS demands before a holder is deleted; a boundary is no obstacle.
pub fn check_no_policies<H: Holder>(holder: &H) -> Result<(), Error> {
    if !holder.grants().attached.is_empty() {
        return Err(errors::delete_first("detach all policies"));
    }
    if !holder.grants().inline.is_empty() {
        return Err(errors::delete_first("delete policies"));
    }
    Ok(())
}

/// Notes every use of a managed policy by `holder`.
pub fn put_uses<H: Holder>(tx: &mut Tx<'_>, account: AccountId, holder: &H) -> Result<(), Error> {
    for arn in &holder.grants().attached {
        put_use(tx, account, holder, ATTACHED, arn)?;
    }
    match &holder.grants().boundary {
        Some(arn) => put_use(tx, account, holder, BOUNDARY, arn),
        None => Ok(()),
    }
}

/// Forgets every use of a managed policy by `holder`.
pub fn delete_uses<H: Holder>(
    tx: &mut Tx<'_>,
    account: AccountId,
    holder: &H,
) -> Result<(), Error> {
    for arn in &holder.grants().attached {
        delete_use(tx, account, holder, ATTACHED, arn)?;
    }
    match &holder.grants().boundary {
        Some(arn) => delete_use(tx, account, holder, BOUNDARY, arn),
        None => Ok(()),
    }
}

fn use_key<H: Holder>(
    account: AccountId,
    holder: &H,
    usage: &str,
    arn: &str,
) -> (AccountId, String, String, String, String) {
    let name = holder.name().to_ascii_lowercase();
    (account, arn.to_string(), usage.to_string(), H::NOUN.to_string(), name)
}

fn put_use<H: Holder>(
    tx: &mut Tx<'_>,
    account: AccountId,
    holder: &H,
    usage: &str,
    arn: &str,
) -> Result<(), Error> {
    let (name, id, path) = (holder.name().into(), holder.id().into(), holder.path().into());
    let record = PolicyUseRecord { name, id, path };
    Ok(tx.put(&POLICY_USES, &use_key(account, holder, usage, arn), &record)?)
}

fn delete_use<H: Holder>(
    tx: &mut Tx<'_>,
    account: AccountId,
    holder: &H,
    usage: &str,
    arn: &str,
) -> Result<(), Error> {
    Ok(tx.delete(&POLICY_USES, &use_key(account, holder, usage, arn))?)
}

/// Refuses the creation of one more `N` than an account may have, or of one whose name is taken.
pub fn check_new<N: Named>(
    view: &View<'_>,
    account: AccountId,
    name: &str,
    quota: (&str, usize),
) -> Result<(), Error> {
    if view.contains(N::table(), &key(account, name))? {
        return Err(errors::name_taken(N::NOUN, name));
    }
    let rows = view.scan_keys(N::table(), store::Prefix::of((account,)), quota.1)?;
    if rows.len() >= quota.1 {
        return Err(errors::quota(quota.0, quota.1));
    }
    Ok(())
}
