//! AWS Key Management Service: keys that never leave, and what is done with them.
//!
//! - Tables: [`tables`]. Key material is in the rows sealed with AES-256-GCM under a key derived from the cloud's root
//!   key; the account, the key and the material are authenticated with it.
//! - Loops: [`loops::timers`] deletes keys whose waiting period is over, rotates keys, and lets imported material expire.
//! - Seams: offers [`seams::Keys`], by which other services encrypt on behalf of a caller with a key of the customer or
//!   with the account's AWS managed key for that service, made on first use. Asks [`seams::Authorizer`] and
//!   [`seams::Identities`].
//! - Limits: [`limits`].
//!
//! # Invariants
//! - Plain key material exists in memory only, in buffers that are wiped when dropped.
//! - A key is used only after [`access`] asked the authorizer with the key's policy, whose consent is required even in
//!   the key's own account; a grant can stand in for it.
//! - Every change of what a key's row says of other tables (aliases, regions, timers) is in the same transaction.
//! - The key that opens an import is in no row: the import token carries it, sealed, for 24 hours and for one key.
//! - A rotated key keeps its old material, so that old ciphertexts go on to open.
//!
//! # Known gaps and differences
//! - Custom key stores, external key stores, key specs SM2 and ML-DSA, and Nitro enclaves (`Recipient`) are not built.
//! - A multi-Region key of origin `EXTERNAL` takes one material, to be imported in each of its regions; it is not rotated.
//! - `GetKeyLastUsage` is not built.
//! - A key policy that names a user or role that was deleted goes on to name its ARN; grants do follow the unique id.
//! - The request names an alias: between the decision and the use the alias may have been pointed at another key.
//! - Keys are made in one go: `ReplicateKey` answers `Creating`, as AWS does, and the replica can be used at once.

#![forbid(unsafe_code)]

pub mod access;
pub mod crypto;
pub mod errors;
pub mod keys;
pub mod limits;
pub mod loops;
pub mod model;
pub mod ops;
mod routes;
mod seams;
pub mod tables;

use ::seams::{Authorizer, Identities};
use base::{Clock, Entropy};
use errors::Error;
use sealing::{NamingKey, RootKey, SealingKey};
use std::sync::Arc;
use store::{Store, Tx};

/// What the service is made from.
pub struct Deps {
    /// Where rows are.
    pub store: Store,
    /// Seals key material.
    pub root_key: RootKey,
    /// Decides calls that come through other services.
    pub authorizer: Arc<dyn Authorizer>,
    /// Knows the principals that grants name.
    pub identities: Arc<dyn Identities>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance: keys, ids, nonces.
    pub entropy: Arc<dyn Entropy>,
}

/// The service.
pub struct Kms {
    store: Store,
    authorizer: Arc<dyn Authorizer>,
    identities: Arc<dyn Identities>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    /// Seals key material.
    material_key: SealingKey,
    /// Seals grant tokens and import tokens.
    token_key: SealingKey,
    /// Names imported material, so that it is known again.
    naming_key: NamingKey,
}

impl Kms {
    /// A service over its rows.
    pub fn new(deps: Deps) -> Arc<Self> {
        Arc::new(Kms {
            material_key: deps.root_key.derive("kms key material 1"),
            token_key: deps.root_key.derive("kms tokens 1"),
            naming_key: deps.root_key.derive_namer("kms imported material 1"),
            store: deps.store,
            authorizer: deps.authorizer,
            identities: deps.identities,
            clock: deps.clock,
            entropy: deps.entropy,
        })
    }

    fn now_ms(&self) -> u64 {
        self.clock.now().unix_ms()
    }

    /// A transaction whose faults are AWS's.
    async fn write<T: Send + 'static>(
        &self,
        f: impl FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.store.transact(f).await
    }
}

impl rt::Service for Kms {
    fn routes(self: Arc<Self>) -> rt::Routes {
        routes::routes(&self)
    }

    fn start(self: Arc<Self>, tasks: &rt::Tasks) {
        loops::timers::start(&self, tasks);
    }
}
