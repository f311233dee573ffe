//! Amazon S3: buckets, and objects of up to whatever the disk holds.
//!
//! - Tables: [`tables`]. Bodies are in `blobs`, sealed chunk by chunk ([`sealed`]) under a data key of their own, which the
//!   row of the object keeps: sealed under the cloud's root key (SSE-S3) or encrypted by KMS (SSE-KMS).
//! - Loops: [`loops::garbage`] removes bodies that nobody can reach any more.
//! - Seams: [`Objects`] offers [`::seams::ObjectReader`] and [`::seams::ObjectWriter`], by which other services read and
//!   write objects with the rights of a caller, and [`::seams::EventTarget`]. Asks [`::seams::Authorizer`] and [`::seams::Keys`].
//! - Limits: [`limits`].
//!
//! # Invariants
//! - No object is in memory as a whole: [`bodies`] takes it in and gives it out in pieces of [`limits::BATCH_BYTES`].
//! - A body is on disk before the row that names it. One row names a body, so it can be removed with that row.
//! - What is read is not removed before it was read: [`bodies::Reading`].
//! - The policy of a bucket stands beside every question to the authorizer ([`access`]).
//!
//! # Known gaps and differences
//! - ACLs are as they are in new buckets of AWS: switched off (`BucketOwnerEnforced`). Their operations are not built.
//! - SSE-C, Object Lock, storage classes that have to be restored, Requester Pays, lifecycle, replication, notifications,
//!   websites, CORS, access points, directory buckets and S3 Select are not built.
//! - `Content-MD5` and checksums are compared for objects and parts, not for bodies of XML.
//! - Checksums XXHASH and SHA-512 are refused.
//! - A process that is killed, or a client that leaves, between the writing of a body and of its row leaves the body on disk
//!   for ever.
//! - Signature Version 2, which boto3 still uses for URLs unless it is told `signature_version="s3v4"`, is refused by name.
//! - Condition keys of the signature (`s3:authType`, `s3:signatureAge` and their kin) are not there.

#![forbid(unsafe_code)]

pub mod access;
pub mod bodies;
pub mod encryption;
pub mod errors;
pub mod limits;
pub mod loops;
pub mod model;
pub mod ops;
mod routes;
pub mod sealed;
mod seams;
pub mod tables;
pub mod versions;

use ::seams::{Authorizer, Keys};
use base::{AccountId, BoxFut, Clock, Entropy};
use blobs::Blobs;
use bodies::Reading;
use errors::Failure;
use model::ids::IdKey;
use sealing::{RootKey, SealingKey};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use store::{Store, Tx};
use tokio::sync::Notify;
use wire::{Error, Timestamp};

pub use self::seams::Objects;

/// What the service is made of.
pub struct Deps {
    /// Where rows are.
    pub store: Store,
    /// Where bodies are.
    pub blobs: Blobs,
    /// Seals data keys and vouches for ids.
    pub root_key: RootKey,
    /// Decides what the front end cannot: single keys of many, and calls of other services.
    pub authorizer: Arc<dyn Authorizer>,
    /// Encrypts data keys for SSE-KMS.
    pub keys: Arc<dyn Keys>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance: ids, data keys, nonces.
    pub entropy: Arc<dyn Entropy>,
}

/// The service.
pub struct S3 {
    store: Store,
    blobs: Blobs,
    authorizer: Arc<dyn Authorizer>,
    keys: Arc<dyn Keys>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    /// Seals data keys.
    data_key_key: SealingKey,
    ids: IdKey,
    reading: Arc<Reading>,
    /// Wakes the loop that removes bodies.
    garbage: Arc<Notify>,
}

impl S3 {
    /// A service over its rows and bodies.
    pub fn new(deps: Deps) -> Arc<Self> {
        let garbage = Arc::new(Notify::new());
        Arc::new(S3 {
            data_key_key: deps.root_key.derive("s3 data keys 1"),
            ids: IdKey::new(&deps.root_key.derive_secret("s3 ids 1")),
            store: deps.store,
            blobs: deps.blobs,
            authorizer: deps.authorizer,
            keys: deps.keys,
            clock: deps.clock,
            entropy: deps.entropy,
            reading: Arc::new(Reading::new(garbage.clone())),
            garbage,
        })
    }

    fn now_ms(&self) -> u64 {
        self.clock.now().unix_ms()
    }

    /// A random id, never zero.
    fn new_id(&self) -> u64 {
        self.entropy.next_u64().max(1)
    }

    /// A transaction whose faults are AWS's.
    async fn write<T: Send + 'static>(
        &self,
        f: impl FnMut(&mut Tx<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Error> {
        Ok(self.store.transact(f).await?)
    }
}

impl rt::Service for S3 {
    fn routes(self: Arc<Self>) -> rt::Routes {
        routes::routes(&self)
    }

    fn start(self: Arc<Self>, tasks: &rt::Tasks) {
        loops::garbage::start(&self, tasks);
    }

    fn reset(&self) -> BoxFut<'_, ()> {
        Box::pin(async {})
    }
}

/// `arn:aws:s3:::bucket`.
pub fn bucket_arn(name: &str) -> String {
    format!("arn:aws:s3:::{name}")
}

/// `arn:aws:s3:::bucket/key`.
pub fn object_arn(name: &str, key: &str) -> String {
    format!("arn:aws:s3:::{name}/{key}")
}

/// The id under which ACLs and listings know an account: 64 hexadecimal digits.
pub fn canonical_id(account: AccountId) -> String {
    let digest = Sha256::digest(format!("s3 canonical user {account}"));
    hex(&digest)
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// S3 knows whole seconds alone.
fn timestamp(ms: u64) -> Option<Timestamp> {
    Timestamp::new(i64::try_from(ms / 1_000).ok()?, 0)
}
