//! What other services and the front end ask of IAM.

mod authorizer;
mod compiled;
mod context;
mod explanation;
mod identities;
mod last_uses;
mod principals;

pub use compiled::Compiled;
pub use explanation::Explanations;
pub use last_uses::LastUses;
