//! `GetAccountAuthorizationDetails`: all users, groups, roles and used policies of the account with all that is attached to them.

use crate::Iam;
use crate::errors::Error;
use crate::model::page::PageRequest;
use crate::ops::authorization_details;
use crate::tables::POLICY_USES;
use crate::tables::{
    GROUPS, GroupRecord, Named, POLICIES, PolicyRecord, ROLES, RoleRecord, USERS, UserRecord,
};
use base::AccountId;
use seams::CallCx;
use std::collections::BTreeSet;
use std::sync::Arc;
use store::{Prefix, View};
use wire_iam::EntityType;

/// See the module.
pub async fn get_account_authorization_details(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::GetAccountAuthorizationDetailsRequest,
) -> Result<wire_iam::GetAccountAuthorizationDetailsResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let page = page.of(items(view, account, input.filter.as_deref())?, Item::sort_key);
        let mut answer = wire_iam::GetAccountAuthorizationDetailsResponse {
            user_detail_list: Some(Vec::new()),
            group_detail_list: Some(Vec::new()),
            role_detail_list: Some(Vec::new()),
            policies: Some(Vec::new()),
            is_truncated: page.is_truncated,
            marker: page.marker,
        };
        for Item(kind, name) in page.items {
            match kind {
                EntityType::User => {
                    let row = UserRecord::load(view, account, &name)?;
                    let detail = authorization_details::user(view, account, &row)?;
                    answer.user_detail_list.get_or_insert_default().push(detail);
                }
                EntityType::Group => {
                    let row = GroupRecord::load(view, account, &name)?;
                    let detail = authorization_details::group(account, &row);
                    answer.group_detail_list.get_or_insert_default().push(detail);
                }
                EntityType::Role => {
                    let row = RoleRecord::load(view, account, &name)?;
                    let used = iam.role_last_used(&row);
                    let detail = authorization_details::role(view, account, &row, used)?;
                    answer.role_detail_list.get_or_insert_default().push(detail);
                }
                EntityType::LocalManagedPolicy | EntityType::AwsManagedPolicy => {
                    let detail = authorization_details::policy(view, account, &name)?;
                    answer.policies.get_or_insert_default().push(detail);
                }
            }
        }
        Ok(answer)
    })
    .await
}

/// What a page holds: its kind and the key of its row or, for policies, its ARN.
struct Item(EntityType, String);

impl Item {
    fn sort_key(&self) -> String {
        format!("{:?} {}", self.0 as u8, self.1)
    }
}

/// Everything that the filter lets through, in the order of pages. Policies of AWS are shown if the account uses them.
fn items(
    view: &View<'_>,
    account: AccountId,
    filter: Option<&[EntityType]>,
) -> Result<Vec<Item>, Error> {
    let all = || Prefix::of((account,));
    let max = store::limits::SCAN_ROWS_MAX;
    let is_wanted = |kind| filter.is_none_or(|kinds| kinds.is_empty() || kinds.contains(&kind));
    let mut items = Vec::new();
    if is_wanted(EntityType::User) {
        let keys = view.scan_keys(&USERS, all(), max)?;
        items.extend(keys.into_iter().map(|(_, name)| Item(EntityType::User, name)));
    }
    if is_wanted(EntityType::Group) {
        let keys = view.scan_keys(&GROUPS, all(), max)?;
        items.extend(keys.into_iter().map(|(_, name)| Item(EntityType::Group, name)));
    }
    if is_wanted(EntityType::Role) {
        let keys = view.scan_keys(&ROLES, all(), max)?;
        items.extend(keys.into_iter().map(|(_, name)| Item(EntityType::Role, name)));
    }
    if is_wanted(EntityType::LocalManagedPolicy) {
        let rows = view.scan(&POLICIES, all(), max)?;
        let arn = |(_, row): (_, PolicyRecord)| row.arn(account);
        items.extend(rows.into_iter().map(|row| Item(EntityType::LocalManagedPolicy, arn(row))));
    }
    if is_wanted(EntityType::AwsManagedPolicy) {
        let keys = view.scan_keys(&POLICY_USES, Prefix::of((account,)), max)?;
        let arns = keys.into_iter().map(|(_, arn, ..)| arn);
        let arns: BTreeSet<String> =
            arns.filter(|arn| arn.starts_with("arn:aws:iam::aws:")).collect();
        items.extend(arns.into_iter().map(|arn| Item(EntityType::AwsManagedPolicy, arn)));
    }
    items.sort_by_cached_key(Item::sort_key);
    Ok(items)
}
