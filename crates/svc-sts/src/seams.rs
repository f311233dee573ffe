//! What the front end and other services ask of STS.

mod credentials;
mod known;
mod roles;

pub use credentials::root_account;
pub use known::Known;
