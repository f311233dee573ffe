//! What another server may cost.

use std::time::Duration;

/// Longest wait for a whole answer, connecting included.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// Certificates of a server's chain that are looked at.
pub const CHAIN_MAX: usize = 10;
