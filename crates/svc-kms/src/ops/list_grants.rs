//! `ListGrants`: the grants on a key.

use crate::Kms;
use crate::limits;
use crate::model::metadata::time;
use crate::model::page::PageRequest;
use crate::tables::GrantRecord;
use seams::CallCx;
use std::sync::Arc;
use wire_kms::{GrantConstraints, GrantListEntry, GrantOperation};

/// See the module.
pub async fn list_grants(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::ListGrantsRequest,
) -> Result<wire_kms::ListGrantsResponse, wire::Error> {
    let page = PageRequest::parse(input.marker.as_deref(), input.limit, limits::PAGE_ITEMS_SMALL)?;
    let key = kms.find_by_id(&cx, &input.key_id)?;
    let wanted = |(id, row): &(String, GrantRecord)| {
        input.grant_id.as_ref().is_none_or(|wanted| wanted == id)
            && input.grantee_principal.as_ref().is_none_or(|wanted| *wanted == row.grantee)
    };
    let page = page.of(kms.grants_of(&key)?.into_iter().filter(wanted), |(id, _)| id.clone());
    let arn = key.arn();
    Ok(wire_kms::ListGrantsResponse {
        grants: Some(page.items.into_iter().map(|(id, row)| entry(&arn, id, row)).collect()),
        next_marker: page.next_marker,
        truncated: page.truncated,
    })
}

/// A grant as lists show it.
pub fn entry(key_arn: &str, grant_id: String, row: GrantRecord) -> GrantListEntry {
    let constrained = row.context_subset.is_some() || row.context_equals.is_some();
    GrantListEntry {
        key_id: Some(key_arn.to_string()),
        grant_id: Some(grant_id),
        name: Some(row.name.unwrap_or_default()),
        creation_date: Some(time(row.created_ms)),
        grantee_principal: Some(row.grantee),
        retiring_principal: row.retiring,
        issuing_account: Some(row.issuing_account),
        operations: Some(row.operations.iter().filter_map(|o| GrantOperation::parse(o)).collect()),
        constraints: constrained.then_some(GrantConstraints {
            encryption_context_subset: row.context_subset,
            encryption_context_equals: row.context_equals,
        }),
    }
}
