//! What users and roles last used, by service and action.

use crate::limits;
use base::Time;
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap};

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

/// The last uses of each user and role by its ARN, kept in memory. AWS too is hours late with them.
#[derive(Default)]
pub struct Accesses(Mutex<HashMap<String, Uses>>);

impl Accesses {
    /// Notes a use of `action`, such as `s3:GetObject`. Uses within one minute are one.
    pub fn note(&self, arn: &str, action: &str, at: Time, region: &str) {
        let Some((service, action)) = action.split_once(':') else { return };
        let is_recent = |used: &Use| at.since(used.at).as_secs() < 60 && used.region == region;
        let mut all = self.0.lock();
        let known = all.get(arn).and_then(|uses| uses.get(service));
        if known.is_some_and(|known| known.actions.get(action).is_some_and(is_recent)) {
            return;
        }
        if all.len() >= limits::ACCESSES_MAX && !all.contains_key(arn) {
            all.clear();
        }
        let used = Use { at, region: region.to_string() };
        let uses = all.entry(arn.to_string()).or_default();
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

    /// What the user or role used since the start.
    pub fn of(&self, arn: &str) -> Uses {
        self.0.lock().get(arn).cloned().unwrap_or_default()
    }

    /// The last use of anything.
    pub fn last(&self, arn: &str) -> Option<Use> {
        let all = self.0.lock();
        all.get(arn)?.values().map(|used| &used.last).max_by_key(|used| used.at).cloned()
    }

    /// Forgets all.
    pub fn clear(&self) {
        self.0.lock().clear();
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
}
