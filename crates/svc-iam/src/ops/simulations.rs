//! What the two simulations share: policies from requests and from rows.

use super::policies::{self, Managed};
use crate::errors::{self, Error};
use crate::model::page::PageRequest;
use crate::model::simulation::{Simulation, Source};
use crate::tables::{Grants, GroupRecord, Holder, Named, RoleRecord, UserRecord};
use base::{AccountId, Arn};
use policy::{Context, Kind, Policy, Principal};
use std::borrow::Cow;
use std::sync::Arc;
use store::View;
use wire_iam::{ContextEntry, PolicySourceType, SimulatePolicyResponse};

/// What both requests say.
pub struct Wanted<'a> {
    /// Policies as texts.
    pub policies: &'a [String],
    /// At most one.
    pub boundaries: &'a [String],
    /// The resource's own policy.
    pub resource_policy: Option<&'a str>,
    /// An account, as its root user's ARN or 12 digits.
    pub resource_owner: Option<&'a str>,
    /// Whom to take for the one who asks.
    pub caller_arn: Option<&'a str>,
    /// Condition keys.
    pub context: &'a [ContextEntry],
    /// What is asked for.
    pub actions: &'a [String],
    /// What it is asked of; everything if there is none.
    pub resources: &'a [String],
    /// Which part of the results.
    pub page: PageRequest,
}

impl Wanted<'_> {
    /// Simulates with the policies of the request and those of `rows`, whose owner is `owner_arn`.
    pub fn simulate(
        &self,
        account: AccountId,
        owner_arn: &str,
        rows: Vec<Source>,
        boundary: Option<Arc<Policy>>,
    ) -> Result<SimulatePolicyResponse, Error> {
        let mut sources = rows;
        for (index, text) in self.policies.iter().enumerate() {
            let id = format!("PolicyInputList.{}", index + 1);
            sources.push(source(id, PolicySourceType::None, text, Kind::Session)?);
        }
        let given = self.boundaries.first();
        let given = given.map(|text| Policy::parse(text, Kind::Session).map(Arc::new));
        let resource = self.resource_policy.map(|text| {
            let policy =
                source("ResourcePolicy".into(), PolicySourceType::Resource, text, Kind::Resource)?;
            Ok::<_, Error>((policy, self.owner().unwrap_or(account)))
        });
        let simulation = Simulation {
            principal: principal(account, self.caller_arn.unwrap_or(owner_arn)),
            context: self.context(),
            sources,
            boundary: given.transpose()?.or(boundary),
            resource: resource.transpose()?,
        };
        let everything = ["*".to_string()];
        let resources = if self.resources.is_empty() { &everything[..] } else { self.resources };
        let results = simulation.run(self.actions, resources);
        let numbered = results.into_iter().enumerate();
        let page = self.page.of(numbered, |(index, _)| format!("{index:010}"));
        let page = page.map(|(_, result)| result);
        Ok(SimulatePolicyResponse {
            evaluation_results: Some(page.items),
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    }

    fn owner(&self) -> Option<AccountId> {
        let owner = self.resource_owner?;
        AccountId::parse(owner).or_else(|| Arn::parse(owner)?.account_id())
    }

    fn context(&self) -> Context<'_> {
        let mut context = Context::with_capacity(self.context.len());
        for entry in self.context {
            let name = entry.context_key_name.as_deref().unwrap_or_default();
            match entry.context_key_values.as_deref().unwrap_or_default() {
                [one] => context.put(name, &**one),
                many => context.put_many(name, many.iter().map(|v| Cow::Borrowed(&**v)).collect()),
            }
        }
        context
    }
}

fn principal(account: AccountId, arn: &str) -> Principal<'_> {
    let account = Arn::parse(arn).and_then(|arn| arn.account_id()).unwrap_or(account);
    match arn.splitn(6, ':').nth(5) {
        Some(resource) if resource.starts_with("role/") => {
            Principal::RoleSession { session_arn: arn, role_arn: arn, account }
        }
        _ => Principal::User { arn, account },
    }
}

fn source(id: String, kind: PolicySourceType, text: &str, document: Kind) -> Result<Source, Error> {
    let policy = Arc::new(Policy::parse(text, document)?);
    Ok(Source { id, kind, text: text.to_string(), policy })
}

/// The policies of the user, group or role with this ARN, and its boundary.
pub fn sources_of(
    view: &View<'_>,
    account: AccountId,
    arn: &str,
) -> Result<(Vec<Source>, Option<Arc<Policy>>), Error> {
    let parsed = Arn::parse(arn).ok_or_else(errors::unparsable_arn)?;
    let (kind, path) = parsed.resource().split_once('/').unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    let mut sources = Vec::new();
    let grants = match kind {
        "user" => {
            let user = UserRecord::load(view, account, name)?;
            add(view, account, &user, PolicySourceType::User, &mut sources)?;
            for group in &user.groups {
                let group = GroupRecord::load(view, account, group)?;
                add(view, account, &group, PolicySourceType::Group, &mut sources)?;
            }
            user.grants
        }
        "group" => {
            let group = GroupRecord::load(view, account, name)?;
            add(view, account, &group, PolicySourceType::Group, &mut sources)?;
            group.grants
        }
        "role" => {
            let role = RoleRecord::load(view, account, name)?;
            add(view, account, &role, PolicySourceType::Role, &mut sources)?;
            role.grants
        }
        _ => return Err(errors::invalid_arn(arn)),
    };
    Ok((sources, boundary(view, account, &grants)?))
}

fn boundary(
    view: &View<'_>,
    account: AccountId,
    grants: &Grants,
) -> Result<Option<Arc<Policy>>, Error> {
    let Some(arn) = &grants.boundary else { return Ok(None) };
    let (text, _) = managed(view, account, arn)?;
    Ok(Some(Arc::new(Policy::parse(&text, Kind::Session)?)))
}

fn add<H: Holder>(
    view: &View<'_>,
    account: AccountId,
    holder: &H,
    kind: PolicySourceType,
    sources: &mut Vec<Source>,
) -> Result<(), Error> {
    for (name, text) in &holder.grants().inline {
        let id = format!("{}_{}_{name}", H::NOUN, holder.name());
        sources.push(source(id, kind, text, Kind::Session)?);
    }
    for arn in &holder.grants().attached {
        let (text, kind) = managed(view, account, arn)?;
        let name = arn.rsplit('/').next().unwrap_or_default();
        sources.push(source(name.to_string(), kind, &text, Kind::Session)?);
    }
    Ok(())
}

/// The document of the default version, and whose it is.
fn managed(
    view: &View<'_>,
    account: AccountId,
    arn: &str,
) -> Result<(String, PolicySourceType), Error> {
    match policies::load(view, account, arn)? {
        Managed::Aws(policy) => Ok((policy.document(), PolicySourceType::AwsManaged)),
        Managed::Own(mut policy) => {
            let version = policy.versions.remove(&policy.default_version);
            let version = version.ok_or_else(|| errors::no_such_policy(arn))?;
            Ok((version.document, PolicySourceType::UserManaged))
        }
    }
}
