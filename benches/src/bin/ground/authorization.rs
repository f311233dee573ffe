//! What authorization adds to a warm invocation: a session of a role with 20 statements and a boundary invokes a function
//! that has a policy, in turn with the root user, whom nothing limits.

use crate::functions::{Host, PYTHON, python};
use base::{AccountId, Region, RequestId, SeededEntropy, SimClock, Time};
use benches::client::{Client, Keys, escaped, keys_in};
use benches::cloud::Cloud;
use benches::table::{self, Bar, Times};
use http::{HeaderMap, Method};
use rt::Service as _;
use seams::{AccessRequest, Authorizer, CallCx, Caller, Principal, Session};
use serde_json::{Value, json};
use std::sync::Arc;
use store::Store;
use svc_iam::{Deps, Iam};
use wire::{Body, Protocol, Request};

/// Invocations of each kind.
const INVOCATIONS: usize = 8_000;
/// Decisions that are timed.
const DECISIONS: usize = 20_000;
/// What authorization may add, in milliseconds.
const ADDED_MS: f64 = 0.02;
const ACCOUNT: &str = "000000000000";

/// Prints the whole way's difference, and the decision alone.
pub fn authorization(host: &Host) {
    let cloud = Cloud::start();
    let mut root = cloud.client();
    root.role(false);
    for function in ["open", "guarded"] {
        root.create(&python(host, function, PYTHON));
        root.settled(function);
    }
    root.send(Method::POST, "/2015-03-31/functions/guarded/policy", Some(permission()), 201);
    let keys = session(&mut root);
    let mut callers = [
        Timed::new(&cloud, None, "open"),
        Timed::new(&cloud, None, "guarded"),
        Timed::new(&cloud, Some(keys), "guarded"),
    ];
    for _ in 0..500 {
        for one in &mut callers {
            let _ = one.call();
        }
    }
    for _ in 0..INVOCATIONS {
        for one in &mut callers {
            let time = one.call();
            one.times.push(time);
        }
    }
    let [open, guarded, role] = callers.map(|one| Times::new(one.times));
    table::times("warm invoke as the root user, no policy", &open, Bar::None, &[]);
    table::times("- of a function with a policy", &guarded, Bar::None, &[]);
    let beside = [("root", open.p50())];
    table::times("- as a role: 20 statements, boundary, policy", &role, Bar::None, &beside);
    let added = (role.p50() - open.p50()) * 1e3;
    table::number("authorization adds", added, "µs", Bar::Most(ADDED_MS * 1e3), &[]);
    let decided = decided();
    let beside = [("the role's invoke", role.p50())];
    table::times("- the decision, in process", &decided, Bar::Most(ADDED_MS), &beside);
}

/// A connection that invokes the same function again and again.
struct Timed {
    client: Client,
    request: Vec<u8>,
    event: Value,
    times: Vec<f64>,
}

impl Timed {
    fn new(cloud: &Cloud, keys: Option<Keys>, function: &str) -> Self {
        let (mut client, event) = (cloud.client(), json!({ "n": 20 }));
        if let Some(keys) = keys {
            client.sign_as(keys);
        }
        let request = client.invocation(function, &event);
        Timed { client, request, event, times: Vec::new() }
    }

    /// How long one invocation took, in milliseconds.
    fn call(&mut self) -> f64 {
        let mut answer = None;
        let time = benches::milliseconds(|| answer = Some(self.client.call(&self.request)));
        answer.expect("it was called").echoes(&self.event);
        time
    }
}

/// The keys of a session of the role `work`, which a user takes on: a root user cannot.
fn session(root: &mut Client) -> Keys {
    root.iam("CreateUser&UserName=u");
    let all = escaped(&document(&[allow("*", "*")]));
    root.iam(&format!("PutUserPolicy&UserName=u&PolicyName=p&PolicyDocument={all}"));
    let user = keys_in(&root.iam("CreateAccessKey&UserName=u"));
    let made =
        root.iam(&format!("CreatePolicy&PolicyName=b&PolicyDocument={}", escaped(&boundary())));
    assert!(made.contains(":policy/b"), "{made}");
    for form in role_forms() {
        root.iam(&form);
    }
    root.sign_as(user);
    keys_in(&root.sts(&format!(
        "AssumeRole&RoleArn=arn:aws:iam::{ACCOUNT}:role/work&RoleSessionName=session"
    )))
}

/// The operations that make the role.
fn role_forms() -> [String; 2] {
    let mut trust = allow("sts:AssumeRole", "*");
    trust.as_object_mut().expect("an object").remove("Resource");
    trust["Principal"] = json!({ "AWS": ACCOUNT });
    let trust = escaped(&document(&[trust]));
    let policy = escaped(&document(&statements()));
    let boundary = format!("arn:aws:iam::{ACCOUNT}:policy/b");
    [
        format!(
            "CreateRole&RoleName=work&AssumeRolePolicyDocument={trust}&PermissionsBoundary={boundary}\
             &Tags.member.1.Key=team&Tags.member.1.Value=orders"
        ),
        format!("PutRolePolicy&RoleName=work&PolicyName=p&PolicyDocument={policy}"),
    ]
}

fn document(statements: &[Value]) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn allow(action: &str, resource: &str) -> Value {
    json!({ "Effect": "Allow", "Action": action, "Resource": resource })
}

fn boundary() -> Value {
    document(&[allow("lambda:*", "*"), allow("s3:*", "*")])
}

/// 20 statements as roles have them; the last one that is looked at allows.
fn statements() -> Vec<Value> {
    let mut statements = Vec::new();
    for n in 0..6 {
        let bucket = format!("arn:aws:s3:::bucket-{n}/${{aws:PrincipalTag/team}}/*");
        statements.push(json!({
            "Effect": "Allow", "Action": ["s3:GetObject", "s3:List*"], "Resource": [bucket],
        }));
        let table = format!("arn:aws:dynamodb:*:{ACCOUNT}:table/table-{n}*");
        statements.push(allow("dynamodb:GetItem", &table));
        let mut other =
            allow("lambda:InvokeFunction", &format!("arn:aws:lambda:*:*:function:o-{n}-?"));
        other["Condition"] =
            json!({ "StringEquals": { "aws:PrincipalTag/team": format!("t{n}") } });
        statements.push(other);
    }
    statements.push(json!({
        "Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
    }));
    let mut last = allow("lambda:Invoke*", &format!("arn:aws:lambda:*:{ACCOUNT}:function:*"));
    last["Condition"] = json!({
        "StringLike": { "aws:PrincipalTag/team": "o*" },
        "DateGreaterThan": { "aws:CurrentTime": "2024-01-01T00:00:00Z" },
    });
    statements.push(last);
    assert_eq!(statements.len(), 20);
    statements
}

fn permission() -> Value {
    json!({
        "StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com",
        "SourceArn": "arn:aws:s3:::bucket", "SourceAccount": ACCOUNT,
    })
}

/// The same question to the authorizer itself, over rows in memory.
fn decided() -> Times {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let iam = Arc::new(Iam::new(Deps {
        store: Store::in_memory(),
        root_key: sealing::RootKey::new([7; 32]),
        clock: Arc::new(SimClock::new(Time::from_unix_s(1_790_000_000))),
        entropy: Arc::new(SeededEntropy::new(1)),
        endpoint_url: "http://127.0.0.1:0".to_owned(),
    }));
    let routes = iam.clone().routes();
    let account = AccountId::parse(ACCOUNT).expect("an account");
    let of = |caller: Caller| {
        let entropy = SeededEntropy::new(2);
        let (id, now) = (RequestId::new(&entropy), Time::from_unix_s(1_790_000_000));
        CallCx::internal(Arc::new(caller), Region::default(), id, now, None)
    };
    let boundary = format!("CreatePolicy&PolicyName=b&PolicyDocument={}", escaped(&boundary()));
    for form in std::iter::once(boundary).chain(role_forms()) {
        let body = format!("Action={form}&Version=2010-05-08");
        let action = form.split('&').next().unwrap_or_default();
        let request = Request {
            method: Method::POST,
            path: "/".to_owned(),
            query: String::new(),
            headers: HeaderMap::new(),
            body: Body::Full(body.into()),
        };
        let operation = wire_iam::SERVICE.operation(action).expect("an operation of IAM");
        let cx = Arc::new(of(Caller::root(account, None)));
        let called = routes.call(Protocol::AwsQuery, operation, request, cx, &*iam);
        runtime.block_on(called).expect("IAM takes it");
    }
    let caller = Caller {
        account,
        principal: Principal::AssumedRole {
            role_name: "work".to_owned(),
            role_arn: format!("arn:aws:iam::{ACCOUNT}:role/work"),
            session_name: "session".to_owned(),
        },
        arn: format!("arn:aws:sts::{ACCOUNT}:assumed-role/work/session"),
        user_id: "AROAEXAMPLE:session".to_owned(),
        access_key_id: Some("ASIAEXAMPLE".to_owned()),
        session: Some(Session::default()),
    };
    let function = format!("arn:aws:lambda:us-east-1:{ACCOUNT}:function:guarded");
    let policy = document(&[json!({
        "Sid": "s", "Effect": "Allow", "Principal": { "Service": "s3.amazonaws.com" },
        "Action": "lambda:InvokeFunction", "Resource": function,
        "Condition": { "ArnLike": { "AWS:SourceArn": "arn:aws:s3:::bucket" } },
    })]);
    let request = AccessRequest {
        resource_policy: Some(policy.to_string().into()),
        ..AccessRequest::new("lambda:InvokeFunction", function)
    };
    let cx = of(caller);
    let decide = || runtime.block_on(iam.authorize(&cx, &request)).expect("it is allowed");
    (0..1_000).for_each(|_| decide());
    Times::new((0..DECISIONS).map(|_| benches::milliseconds(decide)).collect())
}
