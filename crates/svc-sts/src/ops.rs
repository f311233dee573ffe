//! One file per operation of AWS; beside them `sessions`, what the operations that make sessions share.

mod assume_role;
mod get_access_key_info;
mod get_caller_identity;
mod get_federation_token;
mod get_session_token;
mod sessions;

pub use assume_role::assume_role;
pub use get_access_key_info::get_access_key_info;
pub use get_caller_identity::get_caller_identity;
pub use get_federation_token::get_federation_token;
pub use get_session_token::get_session_token;
