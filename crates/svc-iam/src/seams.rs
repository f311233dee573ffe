//! What other services and the front end ask of IAM.

mod authorizer;
mod compiled;
mod context;
mod identities;
mod last_uses;

pub use compiled::Compiled;
pub use last_uses::LastUses;
