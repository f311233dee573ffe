//! How long IAM takes to decide, with policies compiled as the authorizer keeps them: a session of a role with 20
//! statements, of which the last one that is looked at allows; the same below a permissions boundary and with a
//! resource's policy; and compiling the 20 statements. Beside it: one look into a `HashMap` with 20 entries, and the same
//! document read as a `serde_json::Value`.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use base::AccountId;
use benches::{median, readable};
use policy::{
    Context, Decision, Identity, Kind, Policies, Policy, PolicyType, Principal, Request,
    ResourceSide, evaluate,
};
use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

const ROLE: &str = "arn:aws:iam::123456789012:role/service/orders";
const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/orders/orders-function";
const FUNCTION: &str = "arn:aws:lambda:us-east-1:123456789012:function:orders";

fn main() {
    let document = document();
    let policies = [Arc::new(Policy::parse(&document, Kind::Identity).expect("a valid policy"))];
    assert_eq!(policies[0].statement_count(), 20);
    let boundary = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["lambda:*","s3:*"],"Resource":"*"}}"#;
    let boundary = Policy::parse(boundary, Kind::Identity).expect("a valid policy");
    let of_resource = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"123456789012"}},"Action":"lambda:InvokeFunction","Resource":"{FUNCTION}"}}}}"#
    );
    let of_resource = Policy::parse(&of_resource, Kind::Resource).expect("a valid policy");
    let account = AccountId::parse("123456789012").expect("an account");
    let context = context();
    let principal = Principal::RoleSession { session_arn: SESSION, role_arn: ROLE, account };

    let plain = Policies::of(Identity::Policies(&policies));
    let mut whole = plain;
    whole.boundary = Some(&boundary);
    whole.resource = Some(ResourceSide {
        account,
        policy: Some(&of_resource),
        policy_type: PolicyType::ResourceBased,
        required: false,
        granted: false,
    });
    let decide = |action: &str, policies: &Policies<'_>| {
        let request = Request::new(principal, action, FUNCTION, &context);
        evaluate(black_box(&request), black_box(policies))
    };
    let invoke = "lambda:InvokeFunction";
    assert_eq!(decide(invoke, &plain), Decision::Allowed);
    assert_eq!(decide(invoke, &whole), Decision::Allowed);
    assert!(!decide("lambda:DeleteFunction", &plain).is_allowed());

    let print = |what: &str, time: Duration| println!("{what:<58} {:>10}", readable(time));
    print(
        "allowed by the role's 20 statements",
        time(|| {
            let _ = black_box(decide(invoke, &plain));
        }),
    );
    print(
        "the same, with a boundary and a resource's policy",
        time(|| {
            let _ = black_box(decide(invoke, &whole));
        }),
    );
    print(
        "denied, as none of the 20 statements allows",
        time(|| {
            let _ = black_box(decide("lambda:DeleteFunction", &plain));
        }),
    );
    print(
        "compiling the 20 statements",
        time(|| {
            drop(black_box(Policy::parse(black_box(&document), Kind::Identity)));
        }),
    );
    let map: HashMap<String, usize> = (0..20).map(|n| (format!("service{n}:Action"), n)).collect();
    print(
        "floor: one look into a HashMap with 20 entries",
        time(|| {
            black_box(map.get(black_box("service7:Action")));
        }),
    );
    print(
        "floor: the document read as a serde_json::Value",
        time(|| {
            drop(black_box(serde_json::from_str::<serde_json::Value>(black_box(&document))));
        }),
    );
}

/// 20 statements as roles have them: actions with wildcards, resources with variables, conditions, two that deny.
fn document() -> String {
    let mut statements = Vec::new();
    for n in 0..6 {
        statements.push(format!(
            r#"{{"Effect":"Allow","Action":["s3:GetObject","s3:List*","s3:PutObject"],"Resource":["arn:aws:s3:::bucket-{n}","arn:aws:s3:::bucket-{n}/${{aws:PrincipalTag/team}}/*"]}}"#
        ));
        statements.push(format!(
            r#"{{"Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:PutItem","dynamodb:Query"],"Resource":"arn:aws:dynamodb:*:123456789012:table/table-{n}*"}}"#
        ));
        statements.push(format!(
            r#"{{"Effect":"Allow","Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:*:*:function:other-{n}-?","Condition":{{"StringEquals":{{"aws:PrincipalTag/team":"team-{n}"}}}}}}"#
        ));
    }
    statements.push(
        r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"},"NotIpAddress":{"aws:SourceIp":["10.0.0.0/8","127.0.0.0/8"]}}}"#.into(),
    );
    statements.push(
        r#"{"Effect":"Allow","Action":"lambda:Invoke*","Resource":"arn:aws:lambda:*:123456789012:function:*","Condition":{"StringLike":{"aws:PrincipalTag/team":"o*"},"DateGreaterThan":{"aws:CurrentTime":"2024-01-01T00:00:00Z"}}}"#.into(),
    );
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

/// As many keys as a call of a role's session has.
fn context() -> Context<'static> {
    let mut context = Context::with_capacity(24);
    for (key, value) in [
        ("lambda:FunctionArn", FUNCTION),
        ("aws:PrincipalIsAWSService", "false"),
        ("aws:PrincipalType", "AssumedRole"),
        ("aws:PrincipalArn", ROLE),
        ("aws:PrincipalAccount", "123456789012"),
        ("aws:userid", "AROAEXAMPLE:orders-function"),
        ("aws:TokenIssueTime", "2026-01-01T00:00:00Z"),
        ("aws:MultiFactorAuthPresent", "false"),
        ("aws:PrincipalTag/team", "orders"),
        ("aws:CurrentTime", "2026-01-01T00:10:00Z"),
        ("aws:EpochTime", "1767226200"),
        ("aws:RequestedRegion", "us-east-1"),
        ("aws:SecureTransport", "true"),
        ("aws:ViaAWSService", "false"),
        ("aws:SourceIp", "127.0.0.1"),
        ("aws:UserAgent", "Boto3/1.40.0"),
    ] {
        context.put(key, value);
    }
    context
}

/// The median of rounds of about 20 ms.
fn time(mut once: impl FnMut()) -> Duration {
    let begin = Instant::now();
    let mut count = 0_u32;
    while begin.elapsed() < Duration::from_millis(20) {
        once();
        count += 1;
    }
    let rounds = (0..15).map(|_| {
        let begin = Instant::now();
        (0..count).for_each(|_| once());
        begin.elapsed().as_secs_f64() / f64::from(count)
    });
    Duration::from_secs_f64(median(rounds.collect()))
}
