//! Users and roles with their policies compiled, kept in memory for as long as the tables stay the same.

use crate::errors::{self, Error};
use crate::limits;
use crate::model::aws_policies;
use crate::ops;
use crate::tables::{
    GROUPS, Grants, GroupRecord, Holder, Named, POLICIES, ROLES, RoleRecord, Tags, USERS,
    UserRecord, key,
};
use base::{AccountId, Arn};
use parking_lot::RwLock;
use policy::{Kind, Malformed, Policy, PolicyType};
use seams::RoleIdentity;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use store::{Store, View};

/// The generations of the tables that decisions depend on.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Stamp([u64; 4]);

impl Stamp {
    /// The present one; taken before rows are read.
    pub fn now(store: &Store) -> Self {
        Stamp([
            store.generation(&USERS),
            store.generation(&GROUPS),
            store.generation(&ROLES),
            store.generation(&POLICIES),
        ])
    }

    /// One number that grows whenever any of them does.
    pub fn sum(self) -> u64 {
        self.0.iter().sum()
    }
}

/// A user ready for decisions.
pub struct CompiledUser {
    /// Its own policies and those of its groups.
    pub policies: Vec<Arc<Policy>>,
    /// What they are called.
    pub names: Vec<String>,
    /// Its permissions boundary.
    pub boundary: Option<Arc<Policy>>,
    /// Its tags.
    pub tags: Tags,
}

/// A role ready for decisions.
pub struct CompiledRole {
    /// Who it is.
    pub identity: RoleIdentity,
    /// Who may assume it.
    pub trust: Arc<Policy>,
    /// Its policies.
    pub policies: Vec<Arc<Policy>>,
    /// What they are called.
    pub names: Vec<String>,
    /// Its permissions boundary.
    pub boundary: Option<Arc<Policy>>,
    /// Its tags.
    pub tags: Tags,
}

/// Users and roles by ARN, and texts of session and resource policies.
#[derive(Default)]
pub struct Compiled {
    users: Cache<CompiledUser>,
    roles: Cache<CompiledRole>,
    session_policies: Texts,
    resource_policies: Texts,
}

/// Compiled policies by their texts, which say all about them.
type Texts = RwLock<HashMap<String, Arc<Policy>>>;

struct Cache<V>(RwLock<(Stamp, HashMap<String, Arc<V>>)>);

impl<V> Default for Cache<V> {
    fn default() -> Self {
        Cache(RwLock::new((Stamp::default(), HashMap::new())))
    }
}

impl<V> Cache<V> {
    fn get(
        &self,
        store: &Store,
        arn: &str,
        load: impl FnOnce(&View<'_>) -> Result<Option<V>, Error>,
    ) -> Result<Option<Arc<V>>, Error> {
        let stamp = Stamp::now(store);
        {
            let cached = self.0.read();
            if cached.0 == stamp
                && let Some(value) = cached.1.get(arn)
            {
                return Ok(Some(Arc::clone(value)));
            }
        }
        let Some(value) = store.read(load)? else { return Ok(None) };
        let value = Arc::new(value);
        let mut cached = self.0.write();
        if cached.0 != stamp || cached.1.len() >= limits::COMPILED_IDENTITIES_MAX {
            cached.1.clear();
            cached.0 = stamp;
        }
        cached.1.insert(arn.to_string(), Arc::clone(&value));
        Ok(Some(value))
    }
}

impl Compiled {
    /// The user with this ARN.
    pub fn user(&self, store: &Store, arn: &str) -> Result<Option<Arc<CompiledUser>>, Error> {
        self.users.get(store, arn, |view| {
            let Some((account, name)) = account_and_name(arn, "user/") else { return Ok(None) };
            let user = view.get(&USERS, &key(account, name))?;
            let user = user.filter(|user: &UserRecord| user.arn(account) == arn);
            user.map(|user| compile_user(view, account, user)).transpose()
        })
    }

    /// The role with this ARN.
    pub fn role(&self, store: &Store, arn: &str) -> Result<Option<Arc<CompiledRole>>, Error> {
        self.roles.get(store, arn, |view| {
            let Some((account, name)) = account_and_name(arn, "role/") else { return Ok(None) };
            let role = view.get(&ROLES, &key(account, name))?;
            let role = role.filter(|role: &RoleRecord| role.arn(account) == arn);
            role.map(|role| compile_role(view, account, role)).transpose()
        })
    }

    /// A session policy.
    pub fn session_policy(&self, text: &str) -> Result<Arc<Policy>, Error> {
        compile_text(&self.session_policies, text, |text| Policy::parse(text, Kind::Session))
    }

    /// The own policy of `resource`. What is wrong with one that was stored nonetheless is logged, and what makes no sense
    /// in it matches nobody: were every call refused instead, the owner could not even mend or remove it.
    pub fn resource_policy(&self, text: &str, resource: &str) -> Result<Arc<Policy>, Error> {
        compile_text(&self.resource_policies, text, |text| {
            Policy::parse(text, Kind::Resource).or_else(|malformed| {
                tracing::warn!(resource, %malformed, "a stored policy holds only as far as it makes sense");
                Policy::read(text, PolicyType::ResourceBased)
            })
        })
    }

    /// Forgets all.
    pub fn clear(&self) {
        self.users.0.write().1.clear();
        self.roles.0.write().1.clear();
        self.session_policies.write().clear();
        self.resource_policies.write().clear();
    }
}

fn compile_text(
    texts: &Texts,
    text: &str,
    compile: impl FnOnce(&str) -> Result<Policy, Malformed>,
) -> Result<Arc<Policy>, Error> {
    if let Some(policy) = texts.read().get(text) {
        return Ok(Arc::clone(policy));
    }
    let policy = Arc::new(compile(text)?);
    let mut texts = texts.write();
    if texts.len() >= limits::COMPILED_TEXTS_MAX {
        texts.clear();
    }
    texts.insert(text.to_string(), Arc::clone(&policy));
    Ok(policy)
}

/// Of `arn:aws:iam::123456789012:user/path/name`.
fn account_and_name<'a>(arn: &'a str, kind: &str) -> Option<(AccountId, &'a str)> {
    let account = Arn::parse(arn).filter(|arn| arn.service() == "iam")?.account_id()?;
    let resource = arn.splitn(6, ':').nth(5)?.strip_prefix(kind)?;
    Some((account, resource.rsplit('/').next()?))
}

fn compile_user(
    view: &View<'_>,
    account: AccountId,
    user: UserRecord,
) -> Result<CompiledUser, Error> {
    let (mut policies, mut names) = (Vec::new(), Vec::new());
    let owner = format!("user {}", user.name);
    compile_grants(view, account, (&owner, user.grants()), &mut policies, &mut names)?;
    for group in &user.groups {
        if let Some(group) = view.get(&GROUPS, &(account, group.clone()))? {
            let group: GroupRecord = group;
            let owner = format!("group {}", group.name);
            compile_grants(view, account, (&owner, group.grants()), &mut policies, &mut names)?;
        }
    }
    let boundary = compile_boundary(view, account, user.grants())?;
    Ok(CompiledUser { policies, names, boundary, tags: user.tags })
}

fn compile_role(
    view: &View<'_>,
    account: AccountId,
    role: RoleRecord,
) -> Result<CompiledRole, Error> {
    let (mut policies, mut names) = (Vec::new(), Vec::new());
    let owner = format!("role {}", role.name);
    compile_grants(view, account, (&owner, role.grants()), &mut policies, &mut names)?;
    let boundary = compile_boundary(view, account, role.grants())?;
    let mut trust = Policy::parse(&role.trust, Kind::Trust)?;
    let mut gone = HashSet::new();
    for (arn, id) in &role.trusted_ids {
        if ops::unique_id(view, arn)?.as_ref() != Some(id) {
            gone.insert(arn.as_str());
        }
    }
    trust.forget_principals(&|arn| gone.contains(arn));
    let identity = RoleIdentity {
        account,
        arn: role.arn(account),
        id: role.id.clone(),
        name: role.name.clone(),
        session_duration_max: Duration::from_secs(role.session_duration_s_max.into()),
    };
    Ok(CompiledRole {
        identity,
        trust: Arc::new(trust),
        policies,
        names,
        boundary,
        tags: role.tags,
    })
}

fn compile_grants(
    view: &View<'_>,
    account: AccountId,
    (owner, grants): (&str, &Grants),
    policies: &mut Vec<Arc<Policy>>,
    names: &mut Vec<String>,
) -> Result<(), Error> {
    for (name, document) in &grants.inline {
        names.push(format!("{name} in {owner}"));
        policies.push(Arc::new(Policy::parse(document, Kind::Identity)?));
    }
    for arn in &grants.attached {
        if let Some(policy) = managed(view, account, arn)? {
            names.push(format!("{arn} attached to {owner}"));
            policies.push(policy);
        }
    }
    Ok(())
}

fn compile_boundary(
    view: &View<'_>,
    account: AccountId,
    grants: &Grants,
) -> Result<Option<Arc<Policy>>, Error> {
    let Some(arn) = &grants.boundary else { return Ok(None) };
    // Without its boundary nothing may be decided for it.
    managed(view, account, arn)?.ok_or_else(|| errors::no_such_policy(arn)).map(Some)
}

/// The default version of a managed policy.
fn managed(view: &View<'_>, account: AccountId, arn: &str) -> Result<Option<Arc<Policy>>, Error> {
    if let Some(policy) = aws_policies::find(arn) {
        return Ok(Some(policy.compiled()));
    }
    let name = arn.rsplit('/').next().unwrap_or_default();
    let Some(record) = view.get(&POLICIES, &key(account, name))? else { return Ok(None) };
    let version = record.versions.get(&record.default_version);
    version.map(|v| Ok(Arc::new(Policy::parse(&v.document, Kind::Identity)?))).transpose()
}
