//! STS: who calls, and sessions of roles and users.
//!
//! - Tables: none. The token of a session carries its claims, sealed under the cloud's root key: making a session writes
//!   nothing, and sessions outlive restarts.
//! - Loops: none.
//! - Offers: [`seams::Credentials`] (the secret of an access key) and [`seams::Roles`] (roles that services take on).
//! - Hosts: [`TokenIssuers`], what verifiers of this cloud's own tokens read.
//! - Asks: [`seams::Identities`], [`seams::Authorizer`] and [`seams::Web`] for the keys of identity providers.
//! - Quotas: [`limits`].
//!
//! # Invariants
//! - A session is worth nothing without its role or user: if that is deleted, or made again under the same name, the
//!   session's credentials are refused.
//! - The access key and the secret follow from the token alone, by a key that never leaves this process.
//!
//! # Known gaps
//! - `AssumeRoot` and `GetDelegatedAccessToken` answer 501: they need organizations and delegation requests.
//! - Of SAML's assertions, signatures with SHA-1, inclusive canonicalization, and encryption by AES-CBC are refused.
//! - The attribute `SessionDuration` of an assertion, which AWS heeds at the console's sign-in alone, counts where the call
//!   says nothing of the duration, as far as the role allows.
//! - Tokens for services elsewhere do not name the Lambda function or instance that asked for them.
//! - Tokens of Login with Amazon and Facebook, which are not OpenID Connect's, answer 501.
//! - Root users may assume roles, which AWS refuses: the key of everyday development here is a root user's.
//! - `PackedPolicySize` is the share of the plain text's limit: AWS's packing is not public.

#![forbid(unsafe_code)]

mod errors;
pub mod limits;
mod model;
mod ops;
mod routes;
mod seams;

use ::seams::{Authorizer, Identities, Web};
use base::{BoxFut, Clock, Entropy};
use model::messages::Messages;
use model::seal::Seal;
use std::sync::Arc;

pub use seams::TokenIssuers;

/// What the service is made from.
pub struct Deps {
    /// The cloud's root key. Whoever has it can make credentials of anybody.
    pub root_key: [u8; 32],
    /// An access key of the default account's root user that was generated, where the well-known one does not do.
    pub root_access_key: Option<RootAccessKey>,
    /// Users and roles.
    pub identities: Arc<dyn Identities>,
    /// Decides calls.
    pub authorizer: Arc<dyn Authorizer>,
    /// Fetches the keys of identity providers.
    pub web: Arc<dyn Web>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance: nonces.
    pub entropy: Arc<dyn Entropy>,
}

/// An access key of the default account's root user, from anywhere.
pub struct RootAccessKey {
    /// The access key.
    pub id: String,
    /// The secret that signs.
    pub secret: String,
}

/// The service.
pub struct Sts {
    root_access_key: Option<RootAccessKey>,
    identities: Arc<dyn Identities>,
    authorizer: Arc<dyn Authorizer>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    /// Signing keys of accounts follow from it.
    root_key: [u8; 32],
    outbound: seams::OutboundKeys,
    seal: Seal,
    messages: Messages,
    issuers: seams::Issuers,
    web: Arc<dyn Web>,
    known: seams::Known,
}

impl Sts {
    /// Derives its keys from the root key.
    pub fn new(deps: Deps) -> Self {
        Sts {
            root_access_key: deps.root_access_key,
            identities: deps.identities,
            authorizer: deps.authorizer,
            clock: deps.clock,
            entropy: deps.entropy,
            root_key: deps.root_key,
            outbound: seams::OutboundKeys::default(),
            seal: Seal::new(&deps.root_key),
            messages: Messages::new(&deps.root_key),
            issuers: seams::Issuers::default(),
            web: deps.web,
            known: seams::Known::default(),
        }
    }
}

impl rt::Service for Sts {
    fn routes(self: Arc<Self>) -> rt::Routes {
        routes::routes(&self)
    }

    fn reset(&self) -> BoxFut<'_, ()> {
        self.known.clear();
        self.issuers.clear();
        self.outbound.clear();
        Box::pin(async {})
    }
}
