//! `ListAliases`: the aliases of the account in the region, or those of one key.

use crate::Kms;
use crate::errors::Error;
use crate::limits;
use crate::model::key_ref::alias_arn;
use crate::model::metadata::time;
use crate::model::page::PageRequest;
use crate::tables::ALIASES;
use base::{AccountId, Region};
use seams::CallCx;
use std::sync::Arc;
use store::Prefix;
use wire_kms::AliasListEntry;

/// See the module.
pub async fn list_aliases(
    kms: Arc<Kms>,
    cx: Arc<CallCx>,
    input: wire_kms::ListAliasesRequest,
) -> Result<wire_kms::ListAliasesResponse, wire::Error> {
    let page = PageRequest::parse(input.marker.as_deref(), input.limit, limits::PAGE_ITEMS_SMALL)?;
    let (account, region) = (cx.account, cx.region.clone());
    let rows = match &input.key_id {
        Some(key_id) => {
            let key = kms.find_by_id(&cx, key_id)?;
            let names = key.record.aliases.into_iter();
            names.map(|name| (account, region.clone(), name)).collect()
        }
        None => {
            let range = Prefix::of((account, region.clone()));
            let range = match page.after() {
                Some(after) => range.after(&(account, region.clone(), after.to_string())),
                None => range,
            };
            kms.store
                .read(|view| view.scan_keys(&ALIASES, range, page.fetch()))
                .map_err(Error::from)?
        }
    };
    let page = page.of(rows, |(.., name): &(AccountId, Region, String)| name.clone());
    let mut aliases = Vec::new();
    for row_key in page.items {
        let row = kms.store.get(&ALIASES, &row_key).map_err(Error::from)?;
        let Some(row) = row else { continue };
        aliases.push(AliasListEntry {
            alias_arn: Some(alias_arn(row_key.0, &row_key.1, &row_key.2)),
            alias_name: Some(row_key.2),
            target_key_id: Some(row.key_id),
            creation_date: Some(time(row.created_ms)),
            last_updated_date: Some(time(row.updated_ms)),
        });
    }
    Ok(wire_kms::ListAliasesResponse {
        aliases: Some(aliases),
        next_marker: page.next_marker,
        truncated: page.truncated,
    })
}
