//! What a function has to know to go on: operations in the order in which they began, in pages.

use crate::durable::operation::Shown;
use crate::durable::tables::{DURABLE_OPERATIONS, OperationRecord};
use crate::limits;
use crate::ops::rows::TxResult;
use base::RequestId;
use std::collections::HashMap;
use store::{Prefix, View};
use wire_lambda as w;

/// A page of operations.
#[derive(Debug)]
pub struct Page {
    /// The operations.
    pub operations: Vec<Shown>,
    /// The sequence number with which the next page begins.
    pub next: Option<u64>,
}

/// The page of at most `items` operations that begins with the sequence number `from`.
pub fn page(view: &View<'_>, id: RequestId, from: u64, items: usize) -> TxResult<Page> {
    let rows = visible(all(view, id)?);
    let mut page = Page { operations: Vec::new(), next: None };
    let mut bytes = 0;
    for (operation, record) in rows.into_iter().filter(|(_, record)| record.sequence >= from) {
        let sequence = record.sequence;
        let shown = Shown::read(view, id, operation, record)?;
        bytes += shown.bytes();
        let full = page.operations.len() >= items || bytes > limits::DURABLE_PAGE_BYTES;
        if full && !page.operations.is_empty() {
            page.next = Some(sequence);
            break;
        }
        page.operations.push(shown);
    }
    Ok(page)
}

/// All operations of an execution, which has at most [`limits::DURABLE_OPERATIONS_MAX`], in their order.
fn all(view: &View<'_>, id: RequestId) -> TxResult<Vec<(String, OperationRecord)>> {
    // One more than the limit: the execution itself.
    let most = limits::DURABLE_OPERATIONS_MAX as usize + 1;
    let rows = view.scan(&DURABLE_OPERATIONS, Prefix::of((id,)), most)?;
    let mut rows: Vec<_> = rows.into_iter().map(|((_, operation), row)| (operation, row)).collect();
    rows.sort_by_key(|(_, record)| record.sequence);
    Ok(rows)
}

/// Leaves out what is below ended contexts: their result is all that a replay needs, unless the SDK said otherwise.
fn visible(rows: Vec<(String, OperationRecord)>) -> Vec<(String, OperationRecord)> {
    // Parents begin before their children, so one pass in order finds all that is hidden.
    let mut hides: HashMap<String, bool> = HashMap::new();
    let mut kept = Vec::with_capacity(rows.len());
    for (operation, record) in rows {
        let hidden = record.parent.as_ref().is_some_and(|parent| hides.get(parent) == Some(&true));
        if record.kind == w::OperationType::Context {
            let closed = record.has_ended() && !record.replay_children;
            hides.insert(operation.clone(), hidden || closed);
        }
        if !hidden {
            kept.push((operation, record));
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(
        id: &str,
        sequence: u64,
        parent: Option<&str>,
        ended: bool,
        replay: bool,
    ) -> (String, OperationRecord) {
        let record = OperationRecord {
            sequence,
            parent: parent.map(Into::into),
            name: None,
            kind: if id.starts_with('c') {
                w::OperationType::Context
            } else {
                w::OperationType::Step
            },
            sub_type: None,
            status: w::OperationStatus::Started,
            started_ms: 0,
            ended_ms: ended.then_some(1),
            attempt: 0,
            due_ns: None,
            outcome: None,
            replay_children: replay,
            callback: None,
        };
        (id.to_string(), record)
    }

    #[test]
    fn ended_contexts_hide_what_is_below() {
        let rows = vec![
            row("c1", 1, None, true, false),
            row("s1", 2, Some("c1"), true, false),
            row("c2", 3, Some("c1"), false, false),
            row("s2", 4, Some("c2"), false, false),
            row("c3", 5, None, true, true),
            row("s3", 6, Some("c3"), true, false),
            row("s4", 7, None, false, false),
        ];
        let shown: Vec<String> = visible(rows).into_iter().map(|(id, _)| id).collect();
        assert_eq!(shown, ["c1", "c3", "s3", "s4"]);
    }
}
