//! When and where access keys were last used.

use crate::limits;
use base::Time;
use parking_lot::Mutex;
use std::collections::HashMap;

/// One use of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastUse {
    /// When; not older than a minute before the true last use.
    pub at: Time,
    /// The prefix of the action, such as `lambda`.
    pub service: String,
    /// The region of the request.
    pub region: String,
}

/// The last use of each key, kept in memory. AWS too is minutes late with it.
#[derive(Default)]
pub struct LastUses(Mutex<HashMap<String, LastUse>>);

impl LastUses {
    /// Notes a use. Uses within one minute of the same service and region are one.
    pub fn note(&self, access_key_id: &str, at: Time, service: &str, region: &str) {
        let mut uses = self.0.lock();
        let last = uses.get(access_key_id);
        let is_known = last.is_some_and(|last| {
            at.since(last.at).as_secs() < 60 && last.service == service && last.region == region
        });
        if is_known {
            return;
        }
        if uses.len() >= limits::LAST_USES_MAX && last.is_none() {
            uses.clear();
        }
        let (service, region) = (service.to_string(), region.to_string());
        uses.insert(access_key_id.to_string(), LastUse { at, service, region });
    }

    /// The last use, if there was one since the start.
    pub fn get(&self, access_key_id: &str) -> Option<LastUse> {
        self.0.lock().get(access_key_id).cloned()
    }

    /// Forgets all.
    pub fn clear(&self) {
        self.0.lock().clear();
    }
}
