//! What every service runs on: routes from operations to functions, background tasks, the clock of the process.
//!
//! # Invariants
//! - An operation without an access rule cannot be registered: [`Routes::on`] takes both.
//! - Nothing runs in the background but through [`Tasks`], so shutdown waits for it and panics are seen.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod routes;
mod service;
mod site;
mod tasks;

pub use routes::{Access, Notes, Routes};
pub use service::Service;
pub use site::{Site, Visit};
pub use tasks::Tasks;

use std::time::Duration;

/// The operating system's clock, sleeping on the async runtime.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the process's clock meets the runtime"
)]
pub fn os_clock() -> base::OsClock {
    base::OsClock::new(|by: Duration| Box::pin(tokio::time::sleep(by)))
}
