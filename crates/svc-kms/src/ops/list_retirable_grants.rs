//! `ListRetirableGrants`: the grants that a principal may retire.

use crate::Kms;
use crate::errors::Error;
use crate::limits;
use crate::model::key_ref::key_arn;
use crate::model::page::PageRequest;
use crate::ops::list_grants;
use crate::tables::{GRANTS, GrantRecord};
use base::{AccountId, Region};
use seams::CallCx;
use std::sync::Arc;
use store::Prefix;

/// See the module.
pub async fn list_retirable_grants(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::ListRetirableGrantsRequest,
) -> Result<wire_kms::ListGrantsResponse, wire::Error> {
    let page = PageRequest::parse(input.marker.as_deref(), input.limit, limits::PAGE_ITEMS_SMALL)?;
    let (account, region) = (cx.account, cx.region.clone());
    let mut found = Vec::new();
    let mut after: Option<(AccountId, Region, String, String)> = None;
    loop {
        let range = Prefix::of((account, region.clone()));
        let range = match &after {
            Some(after) => range.after(after),
            None => range,
        };
        let rows_max = store::limits::SCAN_ROWS_MAX;
        let rows = kms.store.read(|view| view.scan(&GRANTS, range, rows_max));
        let rows = rows.map_err(Error::from)?;
        let is_last = rows.len() < rows_max;
        after = rows.last().map(|(key, _)| key.clone());
        let retirable =
            |row: &GrantRecord| row.retiring.as_ref() == Some(&input.retiring_principal);
        found.extend(rows.into_iter().filter(|(_, row)| retirable(row)));
        if is_last {
            break;
        }
    }
    let page = page.of(found, |((.., key_id, id), _)| format!("{key_id}/{id}"));
    let entry = |((account, region, key_id, id), row): (
        (AccountId, Region, String, String),
        GrantRecord,
    )| { list_grants::entry(&key_arn(account, &region, &key_id), id, row) };
    Ok(wire_kms::ListGrantsResponse {
        grants: Some(page.items.into_iter().map(entry).collect()),
        next_marker: page.next_marker,
        truncated: page.truncated,
    })
}
