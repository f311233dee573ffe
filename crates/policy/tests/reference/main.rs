//! The compiled engine against a second evaluator that shares nothing with it but the JSON it reads: written for
//! plainness after AWS's manual, it looks at the document anew for every question, matches wildcards by recursion and
//! compares dates and numbers in its own way. Both decide 100,000 generated requests.
//!
//! Manual: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

mod generated;
mod plain;

use base::AccountId;
use generated::{Chance, World};
use policy::{
    Context, Decision, Identity, Policies, Policy, PolicyType, Principal, Reason, Request,
    ResourceSide, evaluate,
};
use serde_json::Value;
use std::sync::Arc;

const SEED: u64 = 20_260_101;
const WORLDS: u64 = 20_000;
const REQUESTS_PER_WORLD: usize = 5;

#[test]
fn both_decide_alike() {
    let (mut decided, mut counts) = (0_u64, [0_u64; 3]);
    for number in 0..WORLDS {
        let seed = SEED + number;
        let mut chance = Chance::new(seed);
        let world = World::generate(&mut chance);
        let compiled = Compiled::new(&world);
        for _ in 0..REQUESTS_PER_WORLD {
            let ask = world.ask(&mut chance);
            let (engine, plain) = (compiled.decide(&world, &ask), plain::decide(&world, &ask));
            assert_eq!(engine, plain, "seed {seed}\n{world:#?}\n{ask:#?}");
            decided += 1;
            counts[engine as usize] += 1;
        }
    }
    println!("{decided} requests decided alike from seed {SEED}: {counts:?}");
    // What never happens is not tested.
    assert!(counts.iter().all(|count| *count > decided / 20), "{counts:?}");
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Verdict {
    Allowed,
    ImplicitlyDenied,
    ExplicitlyDenied,
}

struct Compiled {
    identity: Vec<Arc<Policy>>,
    resource: Option<Arc<Policy>>,
    boundary: Option<Arc<Policy>>,
    session: Option<Vec<Arc<Policy>>>,
    endpoint: Option<Vec<Arc<Policy>>>,
    service_control: Vec<Vec<Arc<Policy>>>,
    resource_control: Vec<Vec<Arc<Policy>>>,
}

fn compile(document: &Value, policy_type: PolicyType) -> Arc<Policy> {
    let text = document.to_string();
    Arc::new(Policy::read(&text, policy_type).unwrap_or_else(|error| panic!("{text}: {error}")))
}

impl Compiled {
    fn new(world: &World) -> Self {
        let all = |documents: &[Value], policy_type| -> Vec<Arc<Policy>> {
            documents.iter().map(|document| compile(document, policy_type)).collect()
        };
        let levels = |levels: &[Vec<Value>], policy_type| -> Vec<Vec<Arc<Policy>>> {
            levels.iter().map(|level| all(level, policy_type)).collect()
        };
        let one = |document: &Option<Value>, policy_type| {
            document.as_ref().map(|document| compile(document, policy_type))
        };
        Compiled {
            identity: all(&world.identity, PolicyType::IdentityBased),
            resource: one(&world.resource, PolicyType::ResourceBased),
            boundary: one(&world.boundary, PolicyType::PermissionsBoundary),
            session: one(&world.session, PolicyType::Session).map(|policy| vec![policy]),
            endpoint: one(&world.endpoint, PolicyType::VpcEndpoint).map(|policy| vec![policy]),
            service_control: levels(&world.service_control, PolicyType::ServiceControl),
            resource_control: levels(&world.resource_control, PolicyType::ResourceControl),
        }
    }

    fn decide(&self, world: &World, ask: &generated::Ask) -> Verdict {
        let mut context = Context::new();
        for (key, value) in &ask.context {
            match value {
                Value::String(text) => context.put(key.clone(), text.clone()),
                Value::Array(values) => {
                    let text = |value: &Value| value.as_str().unwrap().to_string().into();
                    context.put_many(key.clone(), values.iter().map(text).collect());
                }
                _ => unreachable!("contexts hold texts"),
            }
        }
        let request = Request::new(principal(ask.principal), ask.action, ask.resource, &context);
        let slices = |levels: &'_ [Vec<Arc<Policy>>]| -> Vec<Vec<Arc<Policy>>> { levels.to_vec() };
        let (service, resource) = (slices(&self.service_control), slices(&self.resource_control));
        let service: Vec<&[Arc<Policy>]> = service.iter().map(Vec::as_slice).collect();
        let resource: Vec<&[Arc<Policy>]> = resource.iter().map(Vec::as_slice).collect();
        let mut policies = Policies::of(Identity::Policies(&self.identity));
        if matches!(principal(ask.principal), Principal::Root { .. }) {
            policies.identity = Identity::Everything;
        }
        policies.resource = Some(ResourceSide {
            account: AccountId::parse(world.owner).unwrap(),
            policy: self.resource.as_deref(),
            policy_type: PolicyType::ResourceBased,
            required: world.consent_required,
            granted: false,
        });
        policies.boundary = self.boundary.as_deref();
        policies.session = self.session.as_deref();
        policies.endpoint = self.endpoint.as_deref();
        policies.service_control = &service;
        policies.resource_control = &resource;
        match evaluate(&request, &policies) {
            Decision::Allowed => Verdict::Allowed,
            Decision::Denied(denial) => match denial.reason {
                Reason::Explicit(_) => Verdict::ExplicitlyDenied,
                Reason::Implicit(_) => Verdict::ImplicitlyDenied,
            },
        }
    }
}

fn principal(name: &'static str) -> Principal<'static> {
    let account = AccountId::parse("111111111111").unwrap();
    match name {
        generated::ROOT => Principal::Root { account },
        generated::ANN => Principal::User { arn: name, account },
        generated::SESSION => {
            Principal::RoleSession { session_arn: name, role_arn: generated::ROLE, account }
        }
        generated::FEDERATED => {
            Principal::FederatedUser { arn: name, user_arn: Some(generated::ANN), account }
        }
        generated::SERVICE => Principal::Service { name },
        generated::PROVIDER => Principal::Federated { provider: name },
        _ => Principal::Anonymous,
    }
}
