//! Domain types without I/O.

pub mod chance;
pub mod claims;
pub mod jwks;
pub mod jwt;
pub mod messages;
pub mod outbound;
pub mod saml;
pub mod seal;
pub mod tags;
