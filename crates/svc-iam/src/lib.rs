//! IAM: users, groups, roles, managed policies, and the decision about every call.
//!
//! - Tables: [`tables`], one row per user, group, role, managed policy, access key, instance profile, MFA device,
//!   identity provider and server certificate. Inline policies, tags and memberships live in the row of whom they belong
//!   to; passwords, certificates and other keys of a user in a row beside the user's.
//! - Loops: [`loops::uses_write`] writes when keys, users and roles were last used.
//! - Offers: [`seams::Authorizer`] (decides calls) and [`seams::Identities`] (what STS needs to make and verify
//!   sessions).
//! - Quotas: [`limits`].
//!
//! # Invariants
//! - Decisions read compiled policies from memory. They are stamped with the generations of the tables that they were
//!   read from, so a decision that begins after a change was acknowledged sees the change.
//! - Secrets of access keys, seeds of MFA devices and private keys are in rows only sealed under the root key; of
//!   passwords there are slow hashes.
//! - A code of an MFA device is accepted once.
//! - A policy that cannot be compiled denies: nothing is decided without it.
//!
//! # Known gaps and differences
//! - A trust policy that names a user or role that was deleted goes on to show its ARN, where AWS shows its unique id;
//!   neither trusts another one of the same name.
//! - `aws:SecureTransport` is always true: requests come in the clear over the loopback interface, and policies that
//!   demand TLS would lock everybody out.
//! - `SourcePolicyType` of simulations is what the public model allows; AWS itself answers `IAM Policy`.
//! - Root users may assume roles whose trust policy names their account, which AWS refuses: the well-known development
//!   key is a root user.
//! - Root users have no access keys of their own in the tables.
//! - Organizations, and so service and resource control policies, do not exist yet.
//! - Last uses of access keys, services and roles are written every few minutes and at the end: a crash forgets the newest.
//!   Reports of last accesses know the services that `model/service_access.rs` names, and are read from the newest state
//!   rather than that of their beginning.
//! - Of AWS's managed policies the default version is known; their unique ids are not AWS's.
//! - Service-linked roles are known of the services in `model/service_linked_roles.rs`; the others are refused. As no
//!   service uses its role here, deletions always succeed.
//! - There is no console: nothing signs in with a password, and nothing accepts service-specific credentials, SSH keys
//!   or signing certificates. API keys of Amazon Bedrock answer 501.
//! - The chain of a server certificate is checked by names, not by signatures. Thumbprints of OpenID Connect providers
//!   that are left out stay empty. SAML metadata may have 900,000 bytes.
//! - Issuers of outbound tokens are names below `localhost`, with the cloud's port: another port makes another issuer.
//! - Delegation requests and the features of Organizations (central root access and `AssumeRoot` with it) are not built.

#![forbid(unsafe_code)]

mod accesses;
pub mod errors;
pub mod limits;
mod loops;
mod model;
mod ops;
mod routes;
mod seams;
pub mod tables;

use base::{BoxFut, Clock, Entropy, Time};
use errors::Error;
use sealing::{RootKey, SealingKey};
use std::sync::Arc;
use store::{Store, Tx, View};

/// What the service is made from.
pub struct Deps {
    /// Where its rows are.
    pub store: Store,
    /// Seals the secrets of access keys.
    pub root_key: RootKey,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance: ids and secrets.
    pub entropy: Arc<dyn Entropy>,
    /// Where the cloud listens, such as `http://127.0.0.1:4566`: issuers of outbound tokens have names at its port.
    pub endpoint_url: String,
}

/// The service.
pub struct Iam {
    store: Store,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    endpoint_url: String,
    secrets: SealingKey,
    compiled: seams::Compiled,
    last_uses: seams::LastUses,
    explanations: seams::Explanations,
    accesses: accesses::Accesses,
}

impl Iam {
    /// Reads nothing yet.
    pub fn new(deps: Deps) -> Self {
        Iam {
            secrets: deps.root_key.derive("iam secret access keys 1"),
            store: deps.store,
            clock: deps.clock,
            entropy: deps.entropy,
            endpoint_url: deps.endpoint_url,
            compiled: seams::Compiled::default(),
            last_uses: seams::LastUses::default(),
            explanations: seams::Explanations::default(),
            accesses: accesses::Accesses::default(),
        }
    }

    fn now(&self) -> Time {
        self.clock.now()
    }

    /// A transaction whose faults are AWS's.
    async fn write<T: Send + 'static>(
        &self,
        f: impl FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, wire::Error> {
        Ok(self.store.transact(f).await?)
    }

    /// A consistent read whose faults are AWS's.
    async fn read<T>(
        &self,
        f: impl FnOnce(&View<'_>) -> Result<T, Error> + Send,
    ) -> Result<T, wire::Error> {
        Ok(self.store.view(f).await?)
    }
}

impl rt::Service for Iam {
    fn routes(self: Arc<Self>) -> rt::Routes {
        routes::routes(&self)
    }

    fn start(self: Arc<Self>, tasks: &rt::Tasks) {
        loops::uses_write::start(&self, tasks);
    }

    fn stop(&self) -> BoxFut<'_, ()> {
        Box::pin(loops::uses_write::write(self))
    }

    fn reset(&self) -> BoxFut<'_, ()> {
        self.compiled.clear();
        self.last_uses.clear();
        self.accesses.clear();
        Box::pin(async {})
    }
}
