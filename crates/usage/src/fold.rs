//! Old hours become days, old days months, and the oldest months go: so that years of use stay bounded.
//!
//! A folded row stands where the first hour of its time stood. Some rows at a time are taken out and added to it, in one
//! transaction: after a crash the rest is folded, and a bill that is asked for meanwhile is the same.

use crate::limits::{DAYS_KEPT, FOLD_ROWS_MAX, HOURS_KEPT, MONTHS_KEPT};
use crate::tables::{FOLDED, FoldedRecord, HOURS, HourRecord, Span};
use base::{AccountId, Region, Time};
use std::collections::BTreeMap;
use store::{Prefix, Store, Tx};

type Key = (AccountId, Time, Region, String, String, String);

/// Folds and removes what has become old at `now`. Error: the store failed; what was folded until then stays so.
pub async fn fold(store: &Store, now: Time) -> Result<(), store::Error> {
    let before = store.get(&FOLDED, &())?.unwrap_or_default();
    let hours_until = Span::Day.begin(now - HOURS_KEPT);
    let days_until = Span::Month.begin(now - DAYS_KEPT);
    let after = FoldedRecord {
        hours_until_s: hours_until.unix_s().max(before.hours_until_s),
        days_until_s: days_until.unix_s().max(before.days_until_s),
    };
    if before == after {
        return Ok(());
    }
    let removed_until = Span::Month.begin(now - MONTHS_KEPT);
    let mut account = AccountId::parse("000000000000");
    while let Some(from) = account {
        let next = store.view(|view| view.scan_keys(&HOURS, Prefix::all().from((from,)), 1));
        let next: Vec<Key> = next.await?;
        let Some((found, ..)) = next.into_iter().next() else { break };
        remove(store, found, removed_until).await?;
        let days = (Time::from_unix_s(before.days_until_s), days_until);
        fold_into(store, found, Span::Month, days).await?;
        let hours = (Time::from_unix_s(before.hours_until_s).max(days_until), hours_until);
        fold_into(store, found, Span::Day, hours).await?;
        account = AccountId::parse(&format!("{:012}", found.number() + 1));
    }
    store.transact(move |tx| tx.put(&FOLDED, &(), &after)).await
}

async fn remove(store: &Store, account: AccountId, until: Time) -> Result<(), store::Error> {
    loop {
        let some = move |tx: &mut Tx<'_>| {
            let range = Prefix::of((account,)).below((account, until));
            let keys = tx.scan_keys(&HOURS, range, FOLD_ROWS_MAX)?;
            keys.iter().try_for_each(|key| tx.delete(&HOURS, key))?;
            Ok::<_, store::Error>(keys.len())
        };
        if store.transact(some).await? < FOLD_ROWS_MAX {
            return Ok(());
        }
    }
}

/// Makes rows about `span` of all that lie in the time from `from` to `until`, both of which are beginnings of one.
async fn fold_into(
    store: &Store,
    account: AccountId,
    span: Span,
    (from, until): (Time, Time),
) -> Result<(), store::Error> {
    let mut last: Option<Key> = None;
    loop {
        let after = last.clone();
        last =
            store.transact(move |tx| fold_some(tx, account, span, (from, until), &after)).await?;
        if last.is_none() {
            return Ok(());
        }
    }
}

/// Folds the rows behind `after`, as many as one transaction does. The last of them, if there may be more.
fn fold_some(
    tx: &mut Tx<'_>,
    account: AccountId,
    span: Span,
    (from, until): (Time, Time),
    after: &Option<Key>,
) -> Result<Option<Key>, store::Error> {
    let range = Prefix::of((account,)).from((account, from)).below((account, until));
    let range = match after {
        Some(after) => range.after(after),
        None => range,
    };
    let rows = tx.scan(&HOURS, range, FOLD_ROWS_MAX)?;
    let mut sums: BTreeMap<Key, u64> = BTreeMap::new();
    for (key, record) in &rows {
        if record.span == span {
            continue;
        }
        let mut folded = key.clone();
        folded.1 = span.begin(key.1);
        let sum = sums.entry(folded).or_default();
        *sum = sum.saturating_add(record.quantity);
        tx.delete(&HOURS, key)?;
    }
    for (key, sum) in &sums {
        // What earlier transactions have folded, or what was used since: the row of the first hour was deleted above.
        let before = tx.get(&HOURS, key)?.map_or(0, |before| before.quantity);
        tx.put(&HOURS, key, &HourRecord { quantity: before.saturating_add(*sum), span })?;
    }
    let full = rows.len() == FOLD_ROWS_MAX;
    Ok(rows.into_iter().next_back().map(|(key, _)| key).filter(|_| full))
}

#[cfg(test)]
mod tests;
