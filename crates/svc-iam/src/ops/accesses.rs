//! What operations on last accesses share.

use crate::errors::{self, Error};
use crate::ops::policies::Managed;
use crate::ops::{holders, policies, users};
use crate::tables::{
    ACCESS_REPORTS, AccessReportRecord, GROUPS, GroupRecord, Named, ROLES, RoleRecord, USERS,
    UserRecord, key,
};
use crate::tables::{Holder, POLICY_USES, SERVICE_USES};
use base::AccountId;
use store::{Prefix, Tx, View};
use wire_iam::{EntityInfo, PolicyOwnerEntityType};

/// A policy that applies to a user, group or role.
pub struct Grant {
    /// Its name.
    pub name: String,
    /// Of a managed policy.
    pub arn: Option<String>,
    /// Of an inline policy: in whom it is.
    pub owner: Option<(PolicyOwnerEntityType, String)>,
    /// The text.
    pub document: String,
}

/// What a report is about.
#[derive(Default)]
pub struct Subject {
    /// The policies that say what may be used.
    pub grants: Vec<Grant>,
    /// The users and roles whose uses count.
    pub entities: Vec<EntityInfo>,
}

/// The user, group, role or managed policy with this ARN.
pub fn subject(view: &View<'_>, account: AccountId, arn: &str) -> Result<Subject, Error> {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    let (noun, rest) = resource.split_once('/').unwrap_or_default();
    let name = rest.rsplit('/').next().unwrap_or_default();
    let mut subject = Subject::default();
    let found = match noun {
        "user" => match view.get(&USERS, &key(account, name))? {
            Some(user) => {
                grants(view, account, &user, PolicyOwnerEntityType::User, &mut subject)?;
                for group in &user.groups {
                    let group = GroupRecord::load(view, account, group)?;
                    grants(view, account, &group, PolicyOwnerEntityType::Group, &mut subject)?;
                }
                subject.entities.push(entity(account, &user, PolicyOwnerEntityType::User));
                user.arn(account)
            }
            None => return Err(errors::no_such_arn(arn)),
        },
        "group" => match view.get(&GROUPS, &key(account, name))? {
            Some(group) => {
                grants(view, account, &group, PolicyOwnerEntityType::Group, &mut subject)?;
                for user in users::members(view, account, &group)? {
                    subject.entities.push(entity(account, &user, PolicyOwnerEntityType::User));
                }
                group.arn(account)
            }
            None => return Err(errors::no_such_arn(arn)),
        },
        "role" => match view.get(&ROLES, &key(account, name))? {
            Some(role) => {
                grants(view, account, &role, PolicyOwnerEntityType::Role, &mut subject)?;
                subject.entities.push(entity(account, &role, PolicyOwnerEntityType::Role));
                role.arn(account)
            }
            None => return Err(errors::no_such_arn(arn)),
        },
        "policy" => {
            let document = managed_document(view, account, arn)?;
            let (name, arn) = (name.to_string(), arn.to_string());
            users_of_policy(view, account, &arn, &mut subject)?;
            subject.grants.push(Grant { name, arn: Some(arn.clone()), owner: None, document });
            arn
        }
        _ => return Err(errors::no_such_arn(arn)),
    };
    if found == arn { Ok(subject) } else { Err(errors::no_such_arn(arn)) }
}

/// Users and roles that a managed policy is attached to, members of groups included.
fn users_of_policy(
    view: &View<'_>,
    account: AccountId,
    arn: &str,
    subject: &mut Subject,
) -> Result<(), Error> {
    let range = Prefix::of((account, arn.to_string(), holders::ATTACHED.to_string()));
    for (_, _, _, noun, name) in
        view.scan_keys(&POLICY_USES, range, store::limits::SCAN_ROWS_MAX)?
    {
        match &*noun {
            "user" => {
                let user = UserRecord::load(view, account, &name)?;
                subject.entities.push(entity(account, &user, PolicyOwnerEntityType::User));
            }
            "role" => {
                let role = RoleRecord::load(view, account, &name)?;
                subject.entities.push(entity(account, &role, PolicyOwnerEntityType::Role));
            }
            _ => {
                let group = GroupRecord::load(view, account, &name)?;
                for user in users::members(view, account, &group)? {
                    subject.entities.push(entity(account, &user, PolicyOwnerEntityType::User));
                }
            }
        }
    }
    subject.entities.sort_by(|a, b| a.arn.cmp(&b.arn));
    subject.entities.dedup_by(|a, b| a.arn == b.arn);
    Ok(())
}

fn entity<N: Named>(account: AccountId, row: &N, kind: PolicyOwnerEntityType) -> EntityInfo {
    EntityInfo {
        arn: row.arn(account),
        name: row.name().to_string(),
        r#type: kind,
        id: row.id().to_string(),
        path: Some(row.path().to_string()),
    }
}

fn grants<H: Holder>(
    view: &View<'_>,
    account: AccountId,
    holder: &H,
    kind: PolicyOwnerEntityType,
    subject: &mut Subject,
) -> Result<(), Error> {
    for (name, document) in &holder.grants().inline {
        let owner = Some((kind, holder.name().to_string()));
        let (name, document) = (name.clone(), document.clone());
        subject.grants.push(Grant { name, arn: None, owner, document });
    }
    for arn in &holder.grants().attached {
        let name = arn.rsplit('/').next().unwrap_or_default().to_string();
        let document = managed_document(view, account, arn)?;
        subject.grants.push(Grant { name, arn: Some(arn.clone()), owner: None, document });
    }
    Ok(())
}

/// The default version of a managed policy.
pub fn managed_document(view: &View<'_>, account: AccountId, arn: &str) -> Result<String, Error> {
    match policies::load(view, account, arn)? {
        Managed::Aws(policy) => Ok(policy.document()),
        Managed::Own(row) => {
            let version = row.versions.get(&row.default_version);
            Ok(version.map(|version| version.document.clone()).unwrap_or_default())
        }
    }
}

/// Removes the rows of last uses of a user or role, by its unique id.
pub fn delete_rows(tx: &mut Tx<'_>, id: &str) -> Result<(), Error> {
    // One row per service, of which there are fewer than a scan's rows.
    let range = Prefix::of((id.to_string(),));
    for key in tx.scan_keys(&SERVICE_USES, range, store::limits::SCAN_ROWS_MAX)? {
        tx.delete(&SERVICE_USES, &key)?;
    }
    Ok(())
}

/// The report of the account with this id.
pub fn report(view: &View<'_>, account: AccountId, id: &str) -> Result<AccessReportRecord, Error> {
    let report = view.get(&ACCESS_REPORTS, &(account, id.to_string()))?;
    report.ok_or_else(|| errors::no_such_access_report(id))
}
