//! What the front end and other services ask of STS.

mod credentials;
mod denial_messages;
mod issuers;
mod known;
mod roles;
mod token_issuers;

pub use credentials::root_account;
pub use issuers::Issuers;
pub use known::Known;
pub use token_issuers::{OutboundKeys, TokenIssuers};
