//! Domain types without I/O.

pub mod aws_policies;
pub mod certificate;
pub mod document;
pub mod id;
pub mod page;
pub mod password;
pub mod policy_arn;
pub mod qr_code;
pub mod saml_metadata;
pub mod service_access;
pub mod service_linked_roles;
pub mod shapes;
pub mod simulation;
pub mod ssh_key;
pub mod tags;
pub mod totp;
