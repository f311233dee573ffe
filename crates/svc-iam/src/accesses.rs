//! What users and roles last used, by service and action.

use crate::limits;
use crate::tables::{ServiceUseRecord, UseRecord, time};
use base::Time;
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap, HashSet};

/// When and where something was last used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// When; not older than a minute before the true last use.
    pub at: Time,
    /// The region of the request.
    pub region: String,
}

/// The last use of a service.
#[derive(Clone, Debug)]
pub struct ServiceUse {
    /// Of any of its actions.
    pub last: Use,
    /// By action, such as `GetObject`.
    pub actions: BTreeMap<String, Use>,
}

/// The last uses of a user or role by the namespace of the service, such as `s3`.
pub type Uses = HashMap<String, ServiceUse>;

/// The last uses of each user and role by its unique id, kept in memory and written to rows behind the calls. AWS too is
/// hours late with them.
#[derive(Default)]
pub struct Accesses(Mutex<Noted>);

#[derive(Default)]
struct Noted {
    all: HashMap<String, Uses>,
    /// Which of them are newer than their rows: unique id, service.
    changed: HashSet<(String, String)>,
}

impl ServiceUse {
    /// As a row has it.
    fn record(&self) -> ServiceUseRecord {
        let record =
            |used: &Use| UseRecord { at_ms: used.at.unix_ms(), region: used.region.clone() };
        let actions = self.actions.iter().map(|(action, used)| (action.clone(), record(used)));
        ServiceUseRecord { last: record(&self.last), actions: actions.collect() }
    }

    /// Of a row.
    fn of(record: ServiceUseRecord) -> Self {
        let used = |record: UseRecord| Use { at: time(record.at_ms), region: record.region };
        let actions = record.actions.into_iter().map(|(action, record)| (action, used(record)));
        ServiceUse { last: used(record.last), actions: actions.collect() }
    }
}

impl Accesses {
    /// Notes a use of `action`, such as `s3:GetObject`. Uses within one minute are one.
    pub fn note(&self, id: &str, action: &str, at: Time, region: &str) {
        let Some((service, action)) = action.split_once(':') else { return };
        let is_recent = |used: &Use| at.since(used.at).as_secs() < 60 && used.region == region;
        let mut noted = self.0.lock();
        let Noted { all, changed } = &mut *noted;
        let known = all.get(id).and_then(|uses| uses.get(service));
        if known.is_some_and(|known| known.actions.get(action).is_some_and(is_recent)) {
            return;
        }
        if all.len() >= limits::ACCESSES_MAX && !all.contains_key(id) {
            all.clear();
        }
        changed.insert((id.to_string(), service.to_string()));
        let used = Use { at, region: region.to_string() };
        let uses = all.entry(id.to_string()).or_default();
        let known = uses.entry(service.to_string());
        let known =
            known.or_insert_with(|| ServiceUse { last: used.clone(), actions: BTreeMap::new() });
        known.last = used.clone();
        if known.actions.len() < limits::ACTIONS_PER_SERVICE_MAX
            || known.actions.contains_key(action)
        {
            known.actions.insert(action.to_string(), used);
        }
    }

    /// What the user or role used.
    pub fn of(&self, id: &str) -> Uses {
        self.0.lock().all.get(id).cloned().unwrap_or_default()
    }

    /// The last use of anything.
    pub fn last(&self, id: &str) -> Option<Use> {
        let noted = self.0.lock();
        noted.all.get(id)?.values().map(|used| &used.last).max_by_key(|used| used.at).cloned()
    }

    /// Up to `max` rows to be written; they count as written from now on.
    pub fn take_changed(&self, max: usize) -> Vec<((String, String), ServiceUseRecord)> {
        let mut noted = self.0.lock();
        let Noted { all, changed } = &mut *noted;
        let keys: Vec<_> = changed.iter().take(max).cloned().collect();
        let row = |key: (String, String)| {
            changed.remove(&key);
            let record = all.get(&key.0)?.get(&key.1)?.record();
            Some((key, record))
        };
        keys.into_iter().filter_map(row).collect()
    }

    /// A row that could not be written is to be written later.
    pub fn put_back(&self, key: (String, String)) {
        self.0.lock().changed.insert(key);
    }

    /// What a row says, unless more is known.
    pub fn load(&self, (id, service): (String, String), record: ServiceUseRecord) {
        let mut noted = self.0.lock();
        if noted.all.len() < limits::ACCESSES_MAX || noted.all.contains_key(&id) {
            let uses = noted.all.entry(id).or_default();
            uses.entry(service).or_insert_with(|| ServiceUse::of(record));
        }
    }

    /// Forgets a user or role that is gone.
    pub fn forget(&self, id: &str) {
        let mut noted = self.0.lock();
        noted.all.remove(id);
        noted.changed.retain(|(changed, _)| changed != id);
    }

    /// Forgets all.
    pub fn clear(&self) {
        let mut noted = self.0.lock();
        noted.all.clear();
        noted.changed.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_use_counts() {
        let accesses = Accesses::default();
        let at = Time::from_unix_s;
        accesses.note("ann", "s3:GetObject", at(100), "us-east-1");
        accesses.note("ann", "s3:GetObject", at(130), "us-east-1");
        accesses.note("ann", "s3:PutObject", at(131), "eu-west-1");
        accesses.note("ann", "sqs:SendMessage", at(50), "us-east-1");
        let uses = accesses.of("ann");
        assert_eq!(uses["s3"].actions["GetObject"].at, at(100));
        assert_eq!((uses["s3"].last.at, &*uses["s3"].last.region), (at(131), "eu-west-1"));
        assert_eq!(accesses.last("ann").unwrap().at, at(131));
        assert!(accesses.last("bob").is_none() && accesses.of("bob").is_empty());
    }

    #[test]
    fn rows_are_written_once_and_read_back() {
        let (accesses, again) = (Accesses::default(), Accesses::default());
        let at = Time::from_unix_s;
        accesses.note("ann", "s3:GetObject", at(100), "us-east-1");
        accesses.note("ann", "s3:PutObject", at(200), "us-east-1");
        accesses.note("bob", "sqs:SendMessage", at(100), "us-east-1");
        let rows = accesses.take_changed(10);
        assert_eq!((rows.len(), accesses.take_changed(10).len()), (2, 0));
        accesses.put_back(("bob".to_string(), "sqs".to_string()));
        assert_eq!(accesses.take_changed(10)[0].0.0, "bob");
        again.note("bob", "sqs:SendMessage", at(300), "us-east-1");
        for (key, record) in rows {
            again.load(key, record);
        }
        assert_eq!(again.of("ann")["s3"].actions["GetObject"].at, at(100));
        assert_eq!(again.last("ann").unwrap().at, at(200));
        // What is known is newer than what was written.
        assert_eq!(again.last("bob").unwrap().at, at(300));
        again.forget("bob");
        assert!(again.last("bob").is_none() && again.take_changed(10).is_empty());
    }
}
