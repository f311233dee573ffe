//! The vocabulary that every crate shares: accounts, regions, ARNs, time, chance and sizes.
//!
//! Small and dull on purpose: no async runtime, no serialization framework, no AWS service by name.
//!
//! # Invariants
//! - Nothing here does I/O except [`clock::OsClock`] and [`entropy::OsEntropy`].
//! - A value of a validated type ([`AccountId`], [`Region`], [`Arn`]) is always well-formed.

#![warn(missing_docs)]

pub mod access_key;
pub mod arn;
pub mod clock;
pub mod entropy;
pub mod ids;
pub mod size;
pub mod time;

use std::future::Future;
use std::pin::Pin;

pub use access_key::{access_key_account, access_key_id};
pub use arn::Arn;
pub use clock::{Clock, OsClock, SimClock};
pub use entropy::{Entropy, OsEntropy, SeededEntropy};
pub use ids::{AccountId, Region, RequestId};
pub use size::{GIB, KIB, MIB};
pub use time::Time;

/// A boxed future: what asynchronous methods of trait objects return.
pub type BoxFut<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
