//! What operations on instance profiles share.

use crate::errors::Error;
use crate::model::{shapes, tags};
use crate::tables::{InstanceProfileRecord, Named, RoleRecord, time};
use base::AccountId;
use store::View;
use wire_iam::InstanceProfile;

/// As `GetInstanceProfile` shows it.
pub fn shape(
    view: &View<'_>,
    account: AccountId,
    row: &InstanceProfileRecord,
) -> Result<InstanceProfile, Error> {
    let role = row.role.as_ref().map(|name| RoleRecord::load(view, account, name)).transpose()?;
    Ok(InstanceProfile {
        path: row.path.clone(),
        instance_profile_name: row.name.clone(),
        instance_profile_id: row.id.clone(),
        arn: row.arn(account),
        create_date: time(row.created_ms).into(),
        roles: role.iter().map(|role| shapes::listed_role(account, role)).collect(),
        tags: tags::some(&row.tags),
    })
}

/// As lists show them: without tags.
pub fn listed(
    view: &View<'_>,
    account: AccountId,
    rows: &[InstanceProfileRecord],
) -> Result<Vec<InstanceProfile>, Error> {
    let one = |row| Ok(InstanceProfile { tags: None, ..shape(view, account, row)? });
    rows.iter().map(one).collect()
}
