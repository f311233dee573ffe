//! When and where access keys were last used.

use crate::limits;
use crate::tables::{LastUseRecord, time};
use base::Time;
use parking_lot::Mutex;
use std::collections::{HashMap, HashSet};

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

/// The last use of each key, kept in memory and written to rows behind the calls. AWS too is minutes late with it.
#[derive(Default)]
pub struct LastUses(Mutex<Noted>);

#[derive(Default)]
struct Noted {
    all: HashMap<String, LastUse>,
    /// Keys whose use is newer than their row.
    changed: HashSet<String>,
}

impl LastUses {
    /// Notes a use. Uses within one minute of the same service and region are one.
    pub fn note(&self, access_key_id: &str, at: Time, service: &str, region: &str) {
        let mut noted = self.0.lock();
        let Noted { all: uses, changed } = &mut *noted;
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
        changed.insert(access_key_id.to_string());
        let (service, region) = (service.to_string(), region.to_string());
        uses.insert(access_key_id.to_string(), LastUse { at, service, region });
    }

    /// The last use, if there was one.
    pub fn get(&self, access_key_id: &str) -> Option<LastUse> {
        self.0.lock().all.get(access_key_id).cloned()
    }

    /// Up to `max` rows to be written; they count as written from now on.
    pub fn take_changed(&self, max: usize) -> Vec<(String, LastUseRecord)> {
        let mut noted = self.0.lock();
        let Noted { all, changed } = &mut *noted;
        let ids: Vec<_> = changed.iter().take(max).cloned().collect();
        let row = |id: String| {
            changed.remove(&id);
            let LastUse { at, service, region } = all.get(&id)?.clone();
            Some((id, LastUseRecord { at_ms: at.unix_ms(), service, region }))
        };
        ids.into_iter().filter_map(row).collect()
    }

    /// A row that could not be written is to be written later.
    pub fn put_back(&self, access_key_id: String) {
        self.0.lock().changed.insert(access_key_id);
    }

    /// What a row says, unless more is known.
    pub fn load(&self, access_key_id: String, record: LastUseRecord) {
        let mut noted = self.0.lock();
        if noted.all.len() < limits::LAST_USES_MAX {
            let LastUseRecord { at_ms, service, region } = record;
            let last = LastUse { at: time(at_ms), service, region };
            noted.all.entry(access_key_id).or_insert(last);
        }
    }

    /// Forgets a key that is gone.
    pub fn forget(&self, access_key_id: &str) {
        let mut noted = self.0.lock();
        noted.all.remove(access_key_id);
        noted.changed.remove(access_key_id);
    }

    /// Forgets all.
    pub fn clear(&self) {
        let mut noted = self.0.lock();
        noted.all.clear();
        noted.changed.clear();
    }
}
