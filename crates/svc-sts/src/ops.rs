//! One file per operation of AWS; beside them `sessions` and `role_sessions`, what the operations
//! that make sessions share.

mod assume_role;
mod assume_role_with_saml;
mod assume_role_with_web_identity;
mod decode_authorization_message;
mod get_access_key_info;
mod get_caller_identity;
mod get_federation_token;
mod get_session_token;
mod get_web_identity_token;
mod role_sessions;
mod sessions;

pub use assume_role::assume_role;
pub use assume_role_with_saml::assume_role_with_saml;
pub use assume_role_with_web_identity::assume_role_with_web_identity;
pub use decode_authorization_message::decode_authorization_message;
pub use get_access_key_info::get_access_key_info;
pub use get_caller_identity::get_caller_identity;
pub use get_federation_token::get_federation_token;
pub use get_session_token::get_session_token;
pub use get_web_identity_token::get_web_identity_token;
