//! Which kinds of policies decide, and what is said of a denial.

use base::AccountId;
use policy::*;
use std::sync::Arc;

const USER: &str = "arn:aws:iam::111111111111:user/team/ann";
const ROLE: &str = "arn:aws:iam::111111111111:role/work";
const SESSION: &str = "arn:aws:sts::111111111111:assumed-role/work/s";
const RESOURCE: &str = "arn:aws:lambda:us-east-1:111111111111:function:f";

fn account(text: &str) -> AccountId {
    AccountId::parse(text).unwrap()
}

fn user() -> Principal<'static> {
    Principal::User { arn: USER, account: account("111111111111") }
}

fn session() -> Principal<'static> {
    let account = account("111111111111");
    Principal::RoleSession { session_arn: SESSION, role_arn: ROLE, account }
}

fn parse(statement: &str, kind: Kind) -> Arc<Policy> {
    let document = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
    Arc::new(Policy::parse(&document, kind).unwrap_or_else(|error| panic!("{document}: {error}")))
}

fn allow(action: &str) -> Arc<Policy> {
    let statement = format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"*"}}"#);
    parse(&statement, Kind::Identity)
}

fn deny(action: &str) -> Arc<Policy> {
    parse(&format!(r#"{{"Effect":"Deny","Action":"{action}","Resource":"*"}}"#), Kind::Identity)
}

fn of_resource(effect: &str, principal: &str) -> Arc<Policy> {
    let statement = format!(
        r#"{{"Effect":"{effect}","Principal":{principal},"Action":"lambda:*","Resource":"*"}}"#
    );
    parse(&statement, Kind::Resource)
}

fn side<'a>(policy: Option<&'a Policy>, owner: &str, required: bool) -> Option<ResourceSide<'a>> {
    let policy_type = PolicyType::ResourceBased;
    Some(ResourceSide { account: account(owner), policy, policy_type, required, granted: false })
}

fn decide(principal: Principal<'_>, policies: &Policies<'_>) -> String {
    let context = Context::new();
    let request = Request::new(principal, "lambda:GetFunction", RESOURCE, &context);
    match evaluate(&request, policies) {
        Decision::Allowed => "allowed".to_string(),
        Decision::Denied(denial) => {
            let text = denial.message("A", "lambda:GetFunction", None);
            text.strip_prefix("User: A is not authorized to perform: lambda:GetFunction ")
                .unwrap()
                .to_string()
        }
    }
}

const NO_IDENTITY: &str = "because no identity-based policy allows the lambda:GetFunction action";
const NO_RESOURCE: &str = "because no resource-based policy allows the lambda:GetFunction action";
const NO_BOUNDARY: &str = "because no permissions boundary allows the lambda:GetFunction action";
const NO_SESSION: &str = "because no session policy allows the lambda:GetFunction action";

#[test]
fn the_whole_message() {
    let context = Context::new();
    let request = Request::new(user(), "lambda:GetFunction", RESOURCE, &context);
    let Decision::Denied(denial) = evaluate(&request, &Policies::of(Identity::Policies(&[])))
    else {
        panic!("nothing allows it");
    };
    assert_eq!(
        denial.message(USER, request.action(), Some(RESOURCE)),
        "User: arn:aws:iam::111111111111:user/team/ann is not authorized to perform: lambda:GetFunction on \
         resource: arn:aws:lambda:us-east-1:111111111111:function:f because no identity-based policy allows the \
         lambda:GetFunction action"
    );
}

#[test]
fn identity_policies() {
    let check = |list: &[Arc<Policy>], expected: &str| {
        assert_eq!(decide(user(), &Policies::of(Identity::Policies(list))), expected);
    };
    check(&[], NO_IDENTITY);
    check(&[allow("s3:*")], NO_IDENTITY);
    check(&[allow("s3:*"), allow("LAMBDA:get*")], "allowed");
    check(
        &[allow("*"), deny("lambda:Get?unction")],
        "with an explicit deny in an identity-based policy",
    );
    let root = Principal::Root { account: account("111111111111") };
    assert_eq!(decide(root, &Policies::of(Identity::Everything)), "allowed");
}

#[test]
fn negations() {
    let not_action = parse(
        r#"{"Effect":"Allow","NotAction":["iam:*"],"Resource":"arn:aws:lambda:*:*:function:*"}"#,
        Kind::Identity,
    );
    let not_resource = parse(
        r#"{"Effect":"Deny","Action":"*","NotResource":["arn:aws:lambda:*:*:function:g"]}"#,
        Kind::Identity,
    );
    let check = |list: &[Arc<Policy>], expected: &str| {
        assert_eq!(decide(user(), &Policies::of(Identity::Policies(list))), expected);
    };
    check(std::slice::from_ref(&not_action), "allowed");
    check(&[not_action, not_resource], "with an explicit deny in an identity-based policy");
}

#[test]
fn boundaries_and_session_policies_limit() {
    let all = [allow("*")];
    let narrow = allow("s3:*");
    let mut policies = Policies::of(Identity::Policies(&all));
    policies.boundary = Some(&narrow);
    assert_eq!(decide(session(), &policies), NO_BOUNDARY);
    let denying = deny("lambda:*");
    policies.boundary = Some(&denying);
    assert_eq!(decide(session(), &policies), "with an explicit deny in a permissions boundary");
    policies.boundary = None;
    let narrow = [allow("s3:*")];
    policies.session = Some(&narrow);
    assert_eq!(decide(session(), &policies), NO_SESSION);
    let denying = [deny("*")];
    policies.session = Some(&denying);
    assert_eq!(decide(session(), &policies), "with an explicit deny in a session policy");
    policies.session = Some(&all);
    assert_eq!(decide(session(), &policies), "allowed");
}

#[test]
fn organizations_limit() {
    let all = [allow("*")];
    let narrow = [allow("s3:*")];
    let mut policies = Policies::of(Identity::Everything);
    let levels: [&[Arc<Policy>]; 2] = [&all, &narrow];
    policies.service_control = &levels;
    let root = Principal::Root { account: account("111111111111") };
    let no_control = "because no service control policy allows the lambda:GetFunction action";
    assert_eq!(decide(root, &policies), no_control);
    let levels: [&[Arc<Policy>]; 2] = [&all, &all];
    policies.service_control = &levels;
    assert_eq!(decide(root, &policies), "allowed");
    let denying = [deny("*")];
    let levels: [&[Arc<Policy>]; 1] = [&denying];
    policies.resource_control = &levels;
    assert_eq!(decide(root, &policies), "with an explicit deny in a resource control policy");
}

#[test]
fn resource_policies_in_the_same_account() {
    let narrow = allow("s3:*");
    // Principal of the policy, who asks, whether a boundary forbids, verdict.
    let by_user = format!(r#"{{"AWS":"{USER}"}}"#);
    let by_role = format!(r#"{{"AWS":"{ROLE}"}}"#);
    let by_session = format!(r#"{{"AWS":"{SESSION}"}}"#);
    let by_account = r#"{"AWS":"111111111111"}"#.to_string();
    for (named, principal, bounded, expected) in [
        (&by_user, user(), false, "allowed"),
        (&by_user, user(), true, "allowed"),
        (&by_user, session(), false, NO_IDENTITY),
        (&by_role, session(), false, "allowed"),
        (&by_role, session(), true, NO_BOUNDARY),
        (&by_session, session(), true, "allowed"),
        (&by_account, user(), false, NO_IDENTITY),
        (&r#""*""#.to_string(), session(), true, "allowed"),
    ] {
        let policy = of_resource("Allow", named);
        let mut policies = Policies::of(Identity::Policies(&[]));
        policies.resource = side(Some(&policy), "111111111111", false);
        policies.boundary = bounded.then_some(&narrow);
        assert_eq!(decide(principal, &policies), expected, "{named} {principal:?}");
    }
    let all = [allow("*")];
    let denying = of_resource("Deny", &by_account);
    let mut policies = Policies::of(Identity::Policies(&all));
    policies.resource = side(Some(&denying), "111111111111", false);
    assert_eq!(decide(user(), &policies), "with an explicit deny in a resource-based policy");
    policies.resource = side(None, "111111111111", false);
    assert_eq!(decide(user(), &policies), "allowed");
    policies.resource = side(None, "111111111111", true);
    assert_eq!(decide(user(), &policies), NO_RESOURCE);
    let delegating = of_resource("Allow", &by_account);
    policies.resource = side(Some(&delegating), "111111111111", true);
    assert_eq!(decide(user(), &policies), "allowed");
}

#[test]
fn other_accounts_need_both_sides() {
    let all = [allow("*")];
    let granting = of_resource("Allow", &format!(r#"{{"AWS":"{USER}"}}"#));
    let mut policies = Policies::of(Identity::Policies(&all));
    policies.resource = side(None, "222222222222", false);
    assert_eq!(decide(user(), &policies), NO_RESOURCE);
    policies.resource = side(Some(&granting), "222222222222", false);
    assert_eq!(decide(user(), &policies), "allowed");
    policies.identity = Identity::Policies(&[]);
    assert_eq!(decide(user(), &policies), NO_IDENTITY);
    let root = Principal::Root { account: account("111111111111") };
    policies.identity = Identity::Everything;
    assert_eq!(decide(root, &policies), NO_RESOURCE);
}

#[test]
fn services_and_strangers_live_on_resource_policies() {
    let lambda = Principal::Service { name: "lambda.amazonaws.com" };
    let granting = of_resource("Allow", r#"{"Service":"lambda.amazonaws.com"}"#);
    let other = of_resource("Allow", r#"{"Service":"ec2.amazonaws.com"}"#);
    let public = of_resource("Allow", r#"{"AWS":"*"}"#);
    for (policy, principal, expected) in [
        (&granting, lambda, "allowed"),
        (&other, lambda, NO_RESOURCE),
        (&public, lambda, "allowed"),
        (&public, Principal::Anonymous, "allowed"),
        (&granting, Principal::Anonymous, NO_RESOURCE),
    ] {
        let mut policies = Policies::of(Identity::Policies(&[]));
        policies.resource = side(Some(policy), "222222222222", false);
        assert_eq!(decide(principal, &policies), expected);
    }
}

#[test]
fn everybody_but() {
    let statement = format!(
        r#"{{"Effect":"Deny","NotPrincipal":{{"AWS":"{USER}"}},"Action":"*","Resource":"*"}}"#
    );
    let denying = parse(&statement, Kind::Resource);
    assert_eq!(denying.principal_arns().collect::<Vec<_>>(), [USER]);
    let all = [allow("*")];
    let mut policies = Policies::of(Identity::Policies(&all));
    policies.resource = side(Some(&denying), "111111111111", false);
    assert_eq!(decide(user(), &policies), "allowed");
    assert_eq!(decide(session(), &policies), "with an explicit deny in a resource-based policy");
}

#[test]
fn forgotten_principals() {
    let mut granting = (*of_resource("Allow", &format!(r#"{{"AWS":"{USER}"}}"#))).clone();
    let check = |policy: &Policy| {
        let mut policies = Policies::of(Identity::Policies(&[]));
        policies.resource = side(Some(policy), "111111111111", false);
        decide(user(), &policies)
    };
    assert_eq!(check(&granting), "allowed");
    granting.forget_principals(&|arn| arn == USER);
    assert_eq!(check(&granting), NO_IDENTITY);
}

/// A service goes by its name in the region too, and neither by another region's nor by another service's.
#[test]
fn services_have_a_name_in_each_region() {
    for (named, caller, is_allowed) in [
        ("logs.us-east-1.amazonaws.com", "logs.us-east-1.amazonaws.com", true),
        ("logs.amazonaws.com", "logs.us-east-1.amazonaws.com", true),
        ("logs.eu-west-1.amazonaws.com", "logs.us-east-1.amazonaws.com", false),
        ("logs.us-east-1.amazonaws.com", "logs.amazonaws.com", false),
        ("amazonaws.com", "logs.us-east-1.amazonaws.com", false),
        ("lambda.amazonaws.com", "logs.us-east-1.amazonaws.com", false),
        ("delivery.amazonaws.com", "delivery.logs.amazonaws.com", false),
        ("s3.amazonaws.com", "s3.amazonaws.com", true),
    ] {
        let policy = of_resource("Allow", &format!(r#"{{"Service":"{named}"}}"#));
        let mut policies = Policies::of(Identity::Policies(&[]));
        policies.resource = side(Some(&policy), "111111111111", false);
        let decided = decide(Principal::Service { name: caller }, &policies);
        assert_eq!(decided == "allowed", is_allowed, "{named} for {caller}: {decided}");
    }
}
