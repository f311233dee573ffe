//! Removes packages that no function names any more.

use crate::Lambda;
use crate::limits::CODE_SWEEP_PERIOD;
use crate::tables::{FUNCTIONS, VERSIONS};
use std::collections::HashSet;
use std::sync::Arc;
use store::{Prefix, Store};

/// Rows that are read at once.
const PAGE: usize = 500;

/// One sweep, some time after the last.
pub(crate) async fn activate(lambda: Arc<Lambda>) {
    lambda.deps.clock.sleep(CODE_SWEEP_PERIOD).await;
    match named(&lambda.deps.store).await {
        Ok(named) => lambda.packages.sweep(named, lambda.deps.clock.now()).await,
        Err(error) => tracing::error!(%error, "functions could not be read"),
    }
}

/// The digests of all packages that functions and versions name.
async fn named(store: &Store) -> Result<HashSet<String>, store::Error> {
    let mut named = HashSet::new();
    let mut last = None;
    loop {
        let mut range = Prefix::all();
        if let Some(last) = &last {
            range = range.after(last);
        }
        let page = store.view(|view| view.scan(&FUNCTIONS, range, PAGE)).await;
        let page: Vec<_> = page.map_err(|error: store::Error| error)?;
        named.extend(page.iter().map(|(_, function)| function.latest.code.digest.clone()));
        if page.len() < PAGE {
            break;
        }
        last = page.into_iter().next_back().map(|(key, _)| key);
    }
    let mut last = None;
    loop {
        let mut range = Prefix::all();
        if let Some(last) = &last {
            range = range.after(last);
        }
        let page = store.view(|view| view.scan(&VERSIONS, range, PAGE)).await;
        let page: Vec<_> = page.map_err(|error: store::Error| error)?;
        named.extend(page.iter().map(|(_, version)| version.code.digest.clone()));
        if page.len() < PAGE {
            return Ok(named);
        }
        last = page.into_iter().next_back().map(|(key, _)| key);
    }
}
