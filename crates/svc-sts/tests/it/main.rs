//! The service before a small directory of identities, called through its routes as the front end does.

mod cloud;
mod credentials;
mod operations;
mod roles;
mod web_identity;
