//! Whether a root key is the one that the secrets of a store were sealed with.

use crate::data_dir::RESTORE;
use crate::failure::{Attempt, Failure, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealing::RootKey;
use serde::{Deserialize, Serialize};
use store::{Store, Tx, table};

table! {
    /// What tells the root key from others; one row. Size: 60 bytes.
    KEY_CHECK: () => KeyCheckRecord, name = "nuage.key_check", version = 1;
}

/// What tells the root key from others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct KeyCheckRecord {
    /// Base64 of 32 bytes that are derived from the key for this alone: the key does not follow from them.
    derived: String,
}

/// Ok if the store was made with `key`, or says nothing yet: then it does from now on.
pub async fn check(store: &Store, key: &RootKey) -> Result<()> {
    let record = KeyCheckRecord { derived: STANDARD.encode(key.derive_secret("key check 1")) };
    let known = store.transact(move |tx: &mut Tx<'_>| {
        let known = tx.get(&KEY_CHECK, &())?;
        if known.is_none() {
            tx.put(&KEY_CHECK, &(), &record)?;
        }
        Ok::<_, store::Error>(known.is_none_or(|known| known == record))
    });
    match known.await.attempt("the root key can not be checked")? {
        true => Ok(()),
        false => Err(Failure::new(
            "root.key is not the key that sealed the secrets of this data directory",
        )
        .hint(RESTORE)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_key_alone() {
        let (store, first, second) =
            (Store::in_memory(), RootKey::new([1; 32]), RootKey::new([2; 32]));
        check(&store, &first).await.unwrap();
        check(&store, &first).await.unwrap();
        assert!(check(&store, &second).await.is_err());
        check(&store, &first).await.unwrap();
    }
}
