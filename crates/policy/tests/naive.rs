//! The compiled evaluator against a second one, written for plainness: it reads the JSON again for every request,
//! matches wildcards by recursion and follows the rules in the order in which AWS's manual tells them.

use base::AccountId;
use policy::*;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;

const ACTIONS: [&str; 4] = ["s3:GetObject", "s3:PutObject", "lambda:GetFunction", "iam:PassRole"];
const RESOURCES: [&str; 4] =
    ["arn:aws:s3:::b/ann/x", "arn:aws:s3:::b/bob/y", "arn:aws:lambda:eu:1:function:f", "*"];
const USERS: [&str; 2] =
    ["arn:aws:iam::111111111111:user/ann", "arn:aws:iam::111111111111:user/bob"];

fn one_or_many(values: Vec<&'static str>) -> Value {
    if values.len() == 1 { json!(values[0]) } else { json!(values) }
}

fn some_of(all: &'static [&'static str]) -> impl Strategy<Value = Value> {
    proptest::collection::vec(proptest::sample::select(all), 1..3).prop_map(one_or_many)
}

fn condition() -> impl Strategy<Value = Option<Value>> {
    const OPERATORS: &[&str] = &[
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringLikeIfExists",
        "ForAllValues:StringEquals",
        "ForAnyValue:StringEquals",
        "ForAnyValue:StringNotEquals",
    ];
    let keys = proptest::sample::select(&["aws:username", "aws:TagKeys", "s3:prefix"][..]);
    let values = some_of(&["ann", "a*", "${aws:username}", "x", "y"]);
    let block = (proptest::sample::select(OPERATORS), keys, values);
    proptest::option::of(block.prop_map(|(operator, key, values)| json!({operator: {key: values}})))
}

fn statement(of_resource: bool) -> impl Strategy<Value = Value> {
    let effects = proptest::sample::select(&["Allow", "Allow", "Deny"][..]);
    let actions = some_of(&["*", "s3:*", "S3:get*", "lambda:GetFunction", "*:P*", "iam:?assRole"]);
    let resources = some_of(&[
        "*",
        "arn:aws:s3:::b/*",
        "arn:aws:s3:::b/${aws:username}/*",
        "arn:aws:lambda:*:*:function:?",
        "arn:aws:s3:::b/ann/x",
    ]);
    let principals = proptest::sample::select(vec![
        json!("*"),
        json!({"AWS": "111111111111"}),
        json!({"AWS": USERS[0]}),
        json!({"AWS": [USERS[1], "222222222222"]}),
        json!({"Service": "lambda.amazonaws.com"}),
    ]);
    let negations = (any::<bool>(), any::<bool>(), any::<bool>());
    (effects, actions, resources, principals, condition(), negations).prop_map(
        move |(
            effect,
            actions,
            resources,
            principals,
            condition,
            (no_action, no_resource, no_one),
        )| {
            let mut statement = json!({"Effect": effect});
            statement[if no_action { "NotAction" } else { "Action" }] = actions;
            statement[if no_resource { "NotResource" } else { "Resource" }] = resources;
            if of_resource {
                statement[if no_one { "NotPrincipal" } else { "Principal" }] = principals;
            }
            if let Some(condition) = condition {
                statement["Condition"] = condition;
            }
            statement
        },
    )
}

fn document(of_resource: bool) -> impl Strategy<Value = Value> {
    proptest::collection::vec(statement(of_resource), 1..4)
        .prop_map(|statements| json!({"Version": "2012-10-17", "Statement": statements}))
}

/// Who asks: which user, for what; and the context.
#[derive(Debug, Clone)]
struct Ask {
    user: usize,
    action: &'static str,
    resource: &'static str,
    prefix: Option<&'static str>,
    tag_keys: Option<Vec<&'static str>>,
}

fn ask() -> impl Strategy<Value = Ask> {
    let tags = proptest::collection::vec(proptest::sample::select(&["x", "y", "z"][..]), 0..3);
    (
        0..2_usize,
        proptest::sample::select(&ACTIONS[..]),
        proptest::sample::select(&RESOURCES[..]),
        proptest::option::of(proptest::sample::select(&["ann", "abc", "x"][..])),
        proptest::option::of(tags),
    )
        .prop_map(|(user, action, resource, prefix, tag_keys)| Ask {
            user,
            action,
            resource,
            prefix,
            tag_keys,
        })
}

impl Ask {
    fn name(&self) -> &'static str {
        ["ann", "bob"][self.user]
    }

    fn values(&self, key: &str) -> Option<Vec<String>> {
        match key {
            "aws:username" => Some(vec![self.name().to_string()]),
            "s3:prefix" => self.prefix.map(|p| vec![p.to_string()]),
            "aws:TagKeys" => {
                self.tag_keys.as_ref().map(|keys| keys.iter().map(|k| k.to_string()).collect())
            }
            _ => None,
        }
    }
}

// The plain evaluator.

fn like(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|skipped| like(rest, &text[skipped..])),
        Some((b'?', rest)) => !text.is_empty() && like(rest, &text[1..]),
        Some((byte, rest)) => text.first() == Some(byte) && like(rest, &text[1..]),
    }
}

fn list(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(all) => all.iter().map(|v| v.as_str().unwrap().to_string()).collect(),
        _ => panic!("neither text nor list"),
    }
}

fn element(statement: &Value, name: &str, matches: impl Fn(&str) -> bool) -> bool {
    match statement.get(name) {
        Some(values) => list(values).iter().any(|value| matches(value)),
        None => !list(&statement[format!("Not{name}")]).iter().any(|value| matches(value)),
    }
}

fn condition_holds(operator: &str, key: &str, policy: &[String], ask: &Ask) -> bool {
    let (set, operator) = operator.split_once(':').map_or(("", operator), |(set, op)| (set, op));
    let (operator, if_exists) =
        operator.strip_suffix("IfExists").map_or((operator, false), |op| (op, true));
    let one = |given: &str| {
        policy.iter().any(|value| {
            let value = value.replace("${aws:username}", ask.name());
            let wild = operator.starts_with("StringLike");
            if wild { like(value.as_bytes(), given.as_bytes()) } else { value == given }
        })
    };
    let negated = operator.contains("Not");
    let given = ask.values(key);
    match (set, given) {
        ("ForAllValues", None) => true,
        ("ForAnyValue", None) => if_exists,
        ("ForAllValues", Some(given)) => given.iter().all(|g| one(g) != negated),
        ("ForAnyValue", Some(given)) => given.iter().any(|g| one(g) != negated),
        (_, given) => match given.filter(|given| !given.is_empty()) {
            None => negated || if_exists,
            Some(given) => given.iter().any(|g| one(g)) != negated,
        },
    }
}

/// None: does not apply. Otherwise whether the user itself (or everybody) is named, not just its account.
fn names(statement: &Value, ask: &Ask) -> Option<bool> {
    let covers = |principal: &Value| -> Option<bool> {
        if principal == "*" {
            return Some(true);
        }
        let named = principal.get("AWS").map(list).unwrap_or_default();
        if named.iter().any(|name| name == USERS[ask.user]) {
            return Some(true);
        }
        named.iter().any(|name| name == "111111111111").then_some(false)
    };
    if let Some(principal) = statement.get("Principal") {
        return covers(principal);
    }
    match statement.get("NotPrincipal") {
        Some(principal) => covers(principal).is_none().then_some(true),
        None => Some(true),
    }
}

fn applies(statement: &Value, ask: &Ask) -> Option<bool> {
    let action = ask.action.to_lowercase();
    let by_action = |p: &str| like(p.to_lowercase().as_bytes(), action.as_bytes());
    let by_resource = |p: &str| {
        like(p.replace("${aws:username}", ask.name()).as_bytes(), ask.resource.as_bytes())
    };
    let direct = names(statement, ask)?;
    let conditions = statement.get("Condition").and_then(Value::as_object);
    let held = conditions.into_iter().flatten().all(|(operator, keys)| {
        let keys = keys.as_object().unwrap();
        keys.iter().all(|(key, values)| condition_holds(operator, key, &list(values), ask))
    });
    let all = element(statement, "Action", by_action)
        && element(statement, "Resource", by_resource)
        && held;
    all.then_some(direct)
}

/// Whether any statement of any document has the effect; and whether one of those names the user directly.
fn effect(documents: &[Value], effect: &str, ask: &Ask) -> (bool, bool) {
    let statements = documents.iter().flat_map(|d| d["Statement"].as_array().unwrap());
    let found: Vec<bool> =
        statements.filter(|s| s["Effect"] == effect).filter_map(|s| applies(s, ask)).collect();
    (!found.is_empty(), found.contains(&true))
}

#[derive(Debug, Clone)]
struct World {
    identity: Vec<Value>,
    resource: Option<Value>,
    boundary: Option<Value>,
    session: Option<Value>,
    same_account: bool,
    required: bool,
}

fn world() -> impl Strategy<Value = World> {
    (
        proptest::collection::vec(document(false), 0..3),
        proptest::option::of(document(true)),
        proptest::option::weighted(0.3, document(false)),
        proptest::option::weighted(0.3, document(false)),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(identity, resource, boundary, session, same_account, required)| World {
            identity,
            resource,
            boundary,
            session,
            same_account,
            required,
        })
}

fn naive(world: &World, ask: &Ask) -> bool {
    let everything: Vec<Value> = [&world.resource, &world.boundary, &world.session]
        .into_iter()
        .flatten()
        .chain(&world.identity)
        .cloned()
        .collect();
    if effect(&everything, "Deny", ask).0 {
        return false;
    }
    let allowed_by = |document: &Option<Value>| match document {
        Some(document) => effect(std::slice::from_ref(document), "Allow", ask).0,
        None => true,
    };
    let own = effect(&world.identity, "Allow", ask).0
        && allowed_by(&world.boundary)
        && allowed_by(&world.session);
    let resource: Vec<Value> = world.resource.iter().cloned().collect();
    let (granted, directly) = effect(&resource, "Allow", ask);
    match (world.same_account, world.required) {
        (false, _) => own && granted,
        (true, _) if directly => true,
        (true, true) => own && granted,
        (true, false) => own,
    }
}

fn compiled(world: &World, ask: &Ask) -> bool {
    let parse = |document: &Value, kind| {
        Arc::new(Policy::parse(&document.to_string(), kind).expect("generated documents are valid"))
    };
    let identity: Vec<_> = world.identity.iter().map(|d| parse(d, Kind::Identity)).collect();
    let resource = world.resource.as_ref().map(|d| parse(d, Kind::Resource));
    let boundary = world.boundary.as_ref().map(|d| parse(d, Kind::Identity));
    let session = world.session.as_ref().map(|d| [parse(d, Kind::Session)]);
    let account = |text| AccountId::parse(text).unwrap();
    let mut context = Context::new();
    for key in ["aws:username", "s3:prefix"] {
        if let Some(values) = ask.values(key) {
            context.put(key, values[0].clone());
        }
    }
    if let Some(values) = ask.values("aws:TagKeys") {
        context.put_many("AWS:tagkeys", values.into_iter().map(Into::into).collect());
    }
    let principal = Principal::User { arn: USERS[ask.user], account: account("111111111111") };
    let request = Request::new(principal, ask.action, ask.resource, &context);
    let mut policies = Policies::of(Identity::Policies(&identity));
    policies.boundary = boundary.as_deref();
    policies.session = session.as_ref().map(|one| &one[..]);
    policies.resource = Some(ResourceSide {
        account: account(if world.same_account { "111111111111" } else { "222222222222" }),
        policy: resource.as_deref(),
        policy_type: PolicyType::ResourceBased,
        required: world.required,
        granted: false,
    });
    evaluate(&request, &policies).is_allowed()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any documents, any request: both evaluators agree.
    #[test]
    fn agrees_with_a_plain_evaluator(world in world(), ask in ask()) {
        prop_assert_eq!(compiled(&world, &ask), naive(&world, &ask));
    }

    /// No text makes the parser panic.
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        for kind in [Kind::Identity, Kind::Session, Kind::Trust, Kind::Resource] {
            let _ = Policy::parse(&text, kind);
        }
    }

    /// Wildcards agree with the recursive definition.
    #[test]
    fn wildcards_agree(pattern in "[ab*?]{0,8}", text in "[ab]{0,10}") {
        prop_assert_eq!(wildcard_matches(&pattern, &text), like(pattern.as_bytes(), text.as_bytes()));
    }
}
