//! The front end with one real protocol, one operation and a handful of keys, over real connections.

mod cloud;
mod identity;
mod requests;
mod sites;
