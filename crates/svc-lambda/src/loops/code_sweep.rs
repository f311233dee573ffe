//! Removes packages that no function and no layer names any more.

use crate::Lambda;
use crate::limits::CODE_SWEEP_PERIOD;
use crate::tables::{Configuration, FUNCTIONS, LAYER_VERSIONS, VERSIONS, VersionRecord};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashSet;
use std::sync::Arc;
use store::{Key, Prefix, Store, Table};

/// Rows that are read at once.
const PAGE: usize = 500;

/// One sweep, and some time until the next.
pub(crate) async fn activate(lambda: Arc<Lambda>) {
    match named(&lambda.deps.store).await {
        Ok(named) => lambda.packages.sweep(named, lambda.deps.clock.now()).await,
        Err(error) => tracing::error!(%error, "functions could not be read"),
    }
    lambda.deps.clock.sleep(CODE_SWEEP_PERIOD).await;
}

/// The digests of all packages that functions, versions and layers name.
async fn named(store: &Store) -> Result<HashSet<String>, store::Error> {
    let mut named = HashSet::new();
    each(store, &FUNCTIONS, |function| name_version(&mut named, &function.latest)).await?;
    each(store, &VERSIONS, |version| name_version(&mut named, version)).await?;
    each(store, &LAYER_VERSIONS, |layer| named.extend([layer.code.digest.clone()])).await?;
    Ok(named)
}

/// A version's layers may be deleted ones, which no other row names.
fn name_version(named: &mut HashSet<String>, version: &VersionRecord) {
    named.insert(version.code.digest.clone());
    let layers = |configuration: &Configuration| {
        configuration.layers.iter().map(|layer| layer.code.digest.clone()).collect::<Vec<_>>()
    };
    named.extend(layers(&version.configuration));
    if let Some(before) = &version.before_update {
        named.insert(before.code.digest.clone());
        named.extend(layers(&before.configuration));
    }
}

/// Shows `see` every row of `table`, a page at a time.
async fn each<K, R>(
    store: &Store,
    table: &'static Table<K, R>,
    mut see: impl FnMut(&R),
) -> Result<(), store::Error>
where
    K: Key,
    R: Serialize + DeserializeOwned,
{
    let mut last: Option<K> = None;
    loop {
        let range = match &last {
            Some(last) => Prefix::all().after(last),
            None => Prefix::all(),
        };
        let page = store.view(|view| view.scan(table, range, PAGE)).await;
        let page: Vec<(K, R)> = page.map_err(|error: store::Error| error)?;
        page.iter().for_each(|(_, row)| see(row));
        if page.len() < PAGE {
            return Ok(());
        }
        last = page.into_iter().next_back().map(|(key, _)| key);
    }
}
