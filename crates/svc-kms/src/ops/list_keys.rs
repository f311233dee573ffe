//! `ListKeys`: all keys of the account in the region.

use crate::Kms;
use crate::errors::Error;
use crate::limits;
use crate::model::key_ref::key_arn;
use crate::model::page::PageRequest;
use crate::tables::KEYS;
use base::{AccountId, Region};
use seams::CallCx;
use std::sync::Arc;
use store::Prefix;
use wire_kms::KeyListEntry;

/// See the module.
pub async fn list_keys(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::ListKeysRequest,
) -> Result<wire_kms::ListKeysResponse, wire::Error> {
    let page = PageRequest::parse(input.marker.as_deref(), input.limit, limits::PAGE_ITEMS)?;
    let range = Prefix::of((cx.account, cx.region.clone()));
    let range = match page.after() {
        Some(after) => range.after(&(cx.account, cx.region.clone(), after.to_string())),
        None => range,
    };
    let keys = kms.store.read(|view| view.scan_keys(&KEYS, range, page.fetch()));
    let page = page.of(keys.map_err(Error::from)?, |(.., id)| id.clone());
    let entry = |(account, region, id): (AccountId, Region, String)| KeyListEntry {
        key_arn: Some(key_arn(account, &region, &id)),
        key_id: Some(id),
    };
    Ok(wire_kms::ListKeysResponse {
        keys: Some(page.items.into_iter().map(entry).collect()),
        next_marker: page.next_marker,
        truncated: page.truncated,
    })
}
