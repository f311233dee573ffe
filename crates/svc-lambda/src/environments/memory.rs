//! Whether this host has memory for one more environment.
//!
//! An environment may grow to its function's memory size, but few do, so what is counted is what the host has left now,
//! less what is expected of the environments that are being started: for each what the last one of this function used.

use crate::Lambda;
use crate::limits::ENVIRONMENT_MEMORY_BYTES_DEFAULT;
use crate::resolve::Target;
use base::MIB;
use parking_lot::Mutex;
use std::sync::Arc;

/// Counts what is being started.
pub struct HostMemory {
    /// Left for everything else on this host.
    reserve_bytes: u64,
    expected_bytes: Mutex<u64>,
}

/// Room for an environment that is being started; given back when dropped, because the host's own count shows it then.
pub struct Room {
    memory: Arc<HostMemory>,
    bytes: u64,
}

impl HostMemory {
    /// Starts leave `reserve_bytes` of the host's memory free.
    pub fn new(reserve_bytes: u64) -> Self {
        HostMemory { reserve_bytes, expected_bytes: Mutex::default() }
    }

    /// Room for an environment of `target`, made by ending idle ones where necessary, or else snapshots of other functions.
    /// None: there is none.
    pub fn room(self: &Arc<Self>, lambda: &Lambda, target: &Target) -> Option<Room> {
        let Lambda { pool, snapshots, .. } = lambda;
        let configuration = &target.record.configuration;
        let used = pool.memory_of(&target.record.configuration_revision);
        let bytes = used
            .unwrap_or(ENVIRONMENT_MEMORY_BYTES_DEFAULT)
            .min(u64::from(configuration.memory_mib) * MIB);
        let available = lambda.deps.engine.memory_available_bytes();
        let needed = {
            let mut expected = self.expected_bytes.lock();
            *expected += bytes;
            self.reserve_bytes.saturating_add(*expected)
        };
        let room = Room { memory: self.clone(), bytes };
        let lacking = needed.saturating_sub(available);
        let freed = |lacking: u64| {
            let own = &target.record.configuration_revision;
            pool.evict_bytes(lacking) >= lacking || snapshots.evict_bytes(lacking, own) >= lacking
        };
        (lacking == 0 || freed(lacking)).then_some(room)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        *self.memory.expected_bytes.lock() -= self.bytes;
    }
}
