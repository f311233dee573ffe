//! From the name in a request to the version that runs, without reading the disk.
//!
//! What was resolved is kept with the generations of the tables that it was read from, so a commit to any of them makes
//! all of it stale at once.

use crate::failure::Failure;
use crate::model::alias;
use crate::model::name::{self as names, FunctionKey, FunctionName, LATEST, Qualifier};
use crate::model::policy;
use crate::tables::{
    ALIASES, CONCURRENCY, FUNCTIONS, POLICIES, PolicyRecord, VERSIONS, VersionRecord,
};
use crate::{errors, limits};
use base::Entropy;
use parking_lot::RwLock;
use seams::{AccessRequest, Principals};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use store::{Store, View};
use usage::Resource;

/// A version that can be run, as the pool of environments knows it.
#[derive(Debug)]
pub struct Target {
    /// The function.
    pub function: FunctionKey,
    /// The function on the bill.
    pub resource: Arc<Resource>,
    /// `$LATEST` or a number.
    pub version: String,
    /// Its configuration and code.
    pub record: VersionRecord,
    /// Reserved concurrency of the function.
    pub reserved_concurrency: Option<u32>,
    /// Whose invocations its environments run, where the function keeps tenants apart.
    pub tenant: Option<String>,
}

/// Between the configuration's revision and the tenant in what environments are found by; no revision has it.
const TENANT_MARK: char = '\n';

/// The configuration's revision in what environments are found by.
pub fn revision_of_all_tenants(revision: &str) -> &str {
    revision.split(TENANT_MARK).next().unwrap_or(revision)
}

impl Target {
    /// The version for invocations of `tenant`, whose environments serve nobody else. Errors where the function does not
    /// keep tenants apart, or does and there is none.
    pub fn of_tenant(self: Arc<Self>, tenant: Option<&str>) -> Result<Arc<Target>, wire::Error> {
        match (self.record.configuration.tenant_isolation, tenant) {
            (false, None) => Ok(self),
            (false, Some(_)) => Err(errors::tenant_id_not_used()),
            (true, None) => Err(errors::tenant_id_required()),
            (true, Some(tenant)) => {
                let mut record = self.record.clone();
                record.configuration_revision.push(TENANT_MARK);
                record.configuration_revision.push_str(tenant);
                Ok(Arc::new(Target {
                    function: self.function.clone(),
                    resource: self.resource.clone(),
                    version: self.version.clone(),
                    record,
                    reserved_concurrency: self.reserved_concurrency,
                    tenant: Some(tenant.to_string()),
                }))
            }
        }
    }
}

/// What a name and a qualifier stand for.
#[derive(Debug)]
pub struct Resolved {
    /// The version that the alias or the qualifier names.
    version: String,
    /// Traffic that goes to other versions.
    weights: BTreeMap<String, f64>,
    /// All versions of both.
    targets: Vec<Arc<Target>>,
    /// When the function was created, in milliseconds since the epoch.
    pub created_ms: u64,
}

impl Resolved {
    /// The version that the next invocation goes to.
    pub fn choose(&self, entropy: &dyn Entropy) -> Result<Arc<Target>, wire::Error> {
        let version = if self.weights.is_empty() {
            &self.version
        } else {
            alias::choose(&self.version, &self.weights, entropy.next_u64())
        };
        let target = self.targets.iter().find(|target| target.version == *version);
        // An alias may outlive a version that it gave a part of its traffic to.
        let target = target.or_else(|| self.targets.iter().find(|t| t.version == self.version));
        target.cloned().ok_or_else(|| errors::internal("an alias without its version"))
    }
}

/// What a function has to say about who may do what to it.
#[derive(Clone, Debug)]
pub struct Guard {
    policy: Option<Arc<str>>,
    tags: Arc<BTreeMap<String, String>>,
}

impl Guard {
    /// The question whether the caller may do `action` to `arn`: the function that this is of, or a version or alias.
    pub fn request(&self, action: &'static str, arn: String) -> AccessRequest {
        AccessRequest {
            resource_policy: self.policy.clone(),
            ..AccessRequest::new(action, arn).with_resource_tags(&*self.tags)
        }
    }
}

type CacheKey = (FunctionKey, Option<String>);

/// Remembers what names stand for.
pub struct Resolver {
    store: Store,
    principals: Arc<dyn Principals>,
    resolved: RwLock<Generation<Arc<Resolved>>>,
    guards: RwLock<Generation<Guard>>,
}

/// What was read while the tables had these generations.
struct Generation<V> {
    stamp: [u64; 4],
    values: HashMap<CacheKey, V>,
}

impl<V> Default for Generation<V> {
    fn default() -> Self {
        Generation { stamp: [0; 4], values: HashMap::new() }
    }
}

impl<V: Clone> Generation<V> {
    fn get(&self, stamp: [u64; 4], key: &CacheKey) -> Option<V> {
        (self.stamp == stamp).then(|| self.values.get(key).cloned()).flatten()
    }

    /// `stamp` was taken before the value was read, so a value that is newer than its stamp is only read again.
    fn put(&mut self, stamp: [u64; 4], key: CacheKey, value: V) {
        if self.stamp != stamp || self.values.len() >= limits::RESOLUTIONS_MAX {
            self.values.clear();
            self.stamp = stamp;
        }
        self.values.insert(key, value);
    }
}

impl Resolver {
    /// Whether `name` is there and keeps tenants apart.
    pub async fn keeps_tenants_apart(&self, name: &FunctionName) -> bool {
        let resolved = self.resolve(name).await;
        resolved.is_ok_and(|resolved| {
            resolved.targets.iter().any(|target| target.record.configuration.tenant_isolation)
        })
    }

    /// Over the tables of `store`, whose policies name `principals`.
    pub fn new(store: Store, principals: Arc<dyn Principals>) -> Self {
        Resolver { store, principals, resolved: RwLock::default(), guards: RwLock::default() }
    }

    /// What `name` stands for. Error: `ResourceNotFoundException` that names the ARN with its qualifier.
    pub async fn resolve(&self, name: &FunctionName) -> Result<Arc<Resolved>, wire::Error> {
        let stamp = [
            self.store.generation(&FUNCTIONS),
            self.store.generation(&VERSIONS),
            self.store.generation(&ALIASES),
            self.store.generation(&CONCURRENCY),
        ];
        let key = (name.key(), name.qualifier.clone());
        if let Some(resolved) = self.resolved.read().get(stamp, &key) {
            return Ok(resolved);
        }
        let resolved = self.store.view(|view| read(view, name)).await;
        let resolved = Arc::new(resolved.map_err(wire::Error::from)?);
        self.resolved.write().put(stamp, key, resolved.clone());
        Ok(resolved)
    }

    /// What decides about access to the function, version or alias beside the caller's own policies.
    pub fn guard(&self, name: &FunctionName) -> Result<Guard, wire::Error> {
        let stamp = [
            self.store.generation(&POLICIES),
            self.store.generation(&FUNCTIONS),
            self.principals.stamp(),
            0,
        ];
        let key = (name.key(), name.qualifier.clone());
        if let Some(guard) = self.guards.read().get(stamp, &key) {
            return Ok(guard);
        }
        let (account, region, function) = name.key();
        let row = (account, region, function, policy_qualifier(name).to_string());
        let mut record = self.store.get(&POLICIES, &row).map_err(Failure::from)?;
        record.iter_mut().try_for_each(|record| self.forget_gone(record))?;
        let policy = record.map(|record| Arc::from(policy::document(&record)));
        let function = self.store.get(&FUNCTIONS, &name.key()).map_err(Failure::from)?;
        let tags = Arc::new(function.map(|function| function.tags).unwrap_or_default());
        let guard = Guard { policy, tags };
        self.guards.write().put(stamp, key, guard.clone());
        Ok(guard)
    }

    /// Names users and roles that are gone as [`policy::forget_gone`] does.
    pub fn forget_gone(&self, record: &mut PolicyRecord) -> Result<(), wire::Error> {
        policy::forget_gone(record, |arn| self.principals.unique_id(arn).map_err(crate::from_seam))
    }

    /// Reads ahead what an invocation of `name` asks for.
    pub async fn prepare(&self, name: &FunctionName) {
        // One that is gone, or an error: shown to who asks.
        let _ = (self.resolve(name).await, self.guard(name));
    }

    /// Forgets everything.
    pub fn clear(&self) {
        *self.resolved.write() = Generation::default();
        *self.guards.write() = Generation::default();
    }
}

/// The qualifier under which a policy is stored: the function's own is that of `$LATEST` too.
pub fn policy_qualifier(name: &FunctionName) -> &str {
    match name.qualifier.as_deref() {
        Some(LATEST) | None => "",
        Some(qualifier) => qualifier,
    }
}

fn read(view: &View<'_>, name: &FunctionName) -> Result<Resolved, Failure> {
    let key = name.key();
    let missing = || {
        Failure::from(errors::function_not_found(&name.qualified_arn(name.qualifier_or_latest())))
    };
    let function = view.get(&FUNCTIONS, &key)?.ok_or_else(missing)?;
    let (account, region, arn) = (key.0, key.1.clone(), names::function_arn(&key));
    let resource = Arc::new(Resource { account, region, arn });
    let reserved_concurrency = view.get(&CONCURRENCY, &key)?.map(|record| record.reserved);
    let target = |version: &str| -> Result<Option<Arc<Target>>, Failure> {
        let record = match Qualifier::of(version) {
            Qualifier::Version(number) => {
                let (account, region, name) = key.clone();
                let row = view.get(&VERSIONS, &(account, region, name, number))?;
                row.map(VersionRecord::in_force)
            }
            _ => Some(function.latest.clone().in_force()),
        };
        Ok(record.map(|record| {
            Arc::new(Target {
                function: key.clone(),
                resource: resource.clone(),
                version: version.to_string(),
                record,
                reserved_concurrency,
                tenant: None,
            })
        }))
    };
    let (version, weights) = match Qualifier::of(name.qualifier_or_latest()) {
        Qualifier::Alias(alias) => {
            let (account, region, function) = key.clone();
            let row = view.get(&ALIASES, &(account, region, function, alias.to_string()))?;
            let row = row.ok_or_else(missing)?;
            (row.version, row.weights)
        }
        _ if name.qualifier.is_none() && function.latest.configuration.managed.is_some() => {
            (names::LATEST_PUBLISHED.to_string(), BTreeMap::new())
        }
        _ => (name.qualifier_or_latest().to_string(), BTreeMap::new()),
    };
    let first = target(&version)?.ok_or_else(|| match name.qualifier {
        None if version == names::LATEST_PUBLISHED => {
            Failure::from(errors::capacity_providers::no_published_version(&name.function_arn()))
        }
        _ => missing(),
    })?;
    let mut targets = vec![first];
    for other in weights.keys() {
        targets.extend(target(other)?);
    }
    Ok(Resolved { version, weights, targets, created_ms: function.created_ms })
}
