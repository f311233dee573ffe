//! What other services see.

use crate::cloud::{Cloud, account, document, trust};
use base::{AccountId, Arn};
use seams::{
    AccessRequest, AssumeRole, Authorizer, CallCx, Caller, Identities, Principal, Session,
};
use std::sync::Arc;

const ROLE: &str = "arn:aws:iam::123456789012:role/work";

async fn role(cloud: &Cloud, principal: &str) {
    let trust = trust(principal);
    cloud.call("CreateRole", &[("RoleName", "work"), ("AssumeRolePolicyDocument", &trust)]).await;
}

fn session() -> Caller {
    Caller {
        account: account(),
        arn: "arn:aws:sts::123456789012:assumed-role/work/s".to_string(),
        user_id: "AROAX:s".to_string(),
        principal: Principal::AssumedRole {
            role_name: "work".to_string(),
            role_arn: ROLE.to_string(),
            session_name: "s".to_string(),
        },
        access_key_id: None,
        session: Some(Session::default()),
    }
}

fn wish() -> AssumeRole<'static> {
    AssumeRole { role_arn: ROLE, session_name: "s", ..AssumeRole::default() }
}

#[tokio::test]
async fn decisions_follow_every_change() {
    let cloud = Cloud::new();
    role(&cloud, r#""Service":"lambda.amazonaws.com""#).await;
    let key = "arn:aws:s3:::b/k";
    for round in 0..3 {
        let denied = cloud.decide(&session(), "s3:GetObject", key).await.unwrap_err();
        assert!(denied.contains("no identity-based policy"), "round {round}: {denied}");
        let allow = document("Allow", "s3:GetObject", "*");
        cloud
            .call(
                "PutRolePolicy",
                &[("RoleName", "work"), ("PolicyName", "p"), ("PolicyDocument", &allow)],
            )
            .await;
        cloud.decide(&session(), "s3:GetObject", key).await.unwrap();
        cloud.call("DeleteRolePolicy", &[("RoleName", "work"), ("PolicyName", "p")]).await;
    }
}

#[tokio::test]
async fn session_policies_and_tags() {
    let cloud = Cloud::new();
    role(&cloud, r#""Service":"lambda.amazonaws.com""#).await;
    let allow = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::${aws:PrincipalTag/Team}/*"}}"#;
    cloud
        .call(
            "PutRolePolicy",
            &[("RoleName", "work"), ("PolicyName", "p"), ("PolicyDocument", allow)],
        )
        .await;
    cloud
        .call(
            "TagRole",
            &[("RoleName", "work"), ("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "red")],
        )
        .await;
    cloud.decide(&session(), "s3:GetObject", "arn:aws:s3:::red/k").await.unwrap();
    let mut tagged = session();
    let tags = &mut tagged.session.as_mut().unwrap().tags;
    tags.insert("Team".to_string(), "blue".to_string());
    cloud.decide(&tagged, "s3:GetObject", "arn:aws:s3:::blue/k").await.unwrap();
    assert!(cloud.decide(&tagged, "s3:GetObject", "arn:aws:s3:::red/k").await.is_err());
    let mut limited = session();
    limited.session.as_mut().unwrap().policies.push(document("Allow", "s3:PutObject", "*"));
    let denied = cloud.decide(&limited, "s3:GetObject", "arn:aws:s3:::red/k").await.unwrap_err();
    assert!(
        denied.ends_with("because no session policy allows the s3:GetObject action"),
        "{denied}"
    );
}

#[tokio::test]
async fn root_and_other_accounts() {
    let cloud = Cloud::new();
    let root = Caller::root(account(), None);
    let function = "arn:aws:lambda:us-east-1:123456789012:function:f";
    cloud.decide(&root, "lambda:GetFunction", function).await.unwrap();
    let other = Caller::root(AccountId::parse("222222222222").unwrap(), None);
    let denied = cloud.decide(&other, "lambda:GetFunction", function).await.unwrap_err();
    assert!(denied.contains("because no resource-based policy allows"), "{denied}");
    let mut request = AccessRequest::new("lambda:GetFunction", function);
    request.resource_policy = Some(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"lambda:*","Resource":"*"}}"#.into(),
    );
    cloud.iam.authorize(&cloud.cx(&other), &request).await.unwrap();
    let lambda = Caller::service(account(), "lambda.amazonaws.com");
    assert!(cloud.decide(&lambda, "s3:GetObject", "arn:aws:s3:::b/k").await.is_err());
}

/// A policy that AWS would not have taken: what makes no sense in it matches nobody, the rest holds, and the owner is not
/// locked out.
#[tokio::test]
async fn malformed_resource_policies() {
    let cloud = Cloud::new();
    let other = Caller::root(AccountId::parse("222222222222").unwrap(), None);
    let mut request = AccessRequest::new("lambda:GetFunction", FUNCTION);
    request.resource_policy = Some(
        r#"{"Version":"2012-10-17","Statement":[
            {"Sid":"s","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:role/*"},"Action":"lambda:*","Resource":"*"},
            {"Sid":"s","Effect":"Allow","Principal":{"AWS":"333333333333"},"Action":"lambda:*","Resource":"*"},
            {"Effect":"deny","Principal":{"AWS":"444444444444"},"Action":"lambda:*","Resource":"*"}]}"#
            .into(),
    );
    let decide = async |caller: &Caller| cloud.iam.authorize(&cloud.cx(caller), &request).await;
    decide(&Caller::root(account(), None)).await.unwrap();
    let third = Caller::root(AccountId::parse("333333333333").unwrap(), None);
    decide(&third).await.unwrap();
    let denied = decide(&other).await.unwrap_err().message;
    assert!(denied.contains("because no resource-based policy allows"), "{denied}");
    let fourth = Caller::root(AccountId::parse("444444444444").unwrap(), None);
    let denied = decide(&fourth).await.unwrap_err().message;
    assert!(denied.contains("with an explicit deny in a resource-based policy"), "{denied}");
}

#[tokio::test]
async fn trust_of_services() {
    let cloud = Cloud::new();
    role(&cloud, r#""Service":"lambda.amazonaws.com""#).await;
    let lambda = Caller::service(account(), "lambda.amazonaws.com");
    let found = cloud.iam.check_assume(&cloud.cx(&lambda), &wish()).unwrap();
    assert_eq!((&*found.arn, &*found.name), (ROLE, "work"));
    let ec2 = Caller::service(account(), "ec2.amazonaws.com");
    let error = cloud.iam.check_assume(&cloud.cx(&ec2), &wish()).unwrap_err();
    assert_eq!((error.status, &*error.code), (403, "AccessDenied"));
}

/// A user named by the trust policy needs no policy of its own; one of a trusted account does.
#[tokio::test]
async fn trust_of_users() {
    let cloud = Cloud::new();
    let ann = cloud.user("ann").await;
    let bob = cloud.user("bob").await;
    role(&cloud, r#""AWS":"arn:aws:iam::123456789012:user/ann""#).await;
    cloud.iam.check_assume(&cloud.cx(&ann), &wish()).unwrap();
    let error = cloud.iam.check_assume(&cloud.cx(&bob), &wish()).unwrap_err();
    let expected = format!(
        "User: {} is not authorized to perform: sts:AssumeRole on resource: {ROLE}",
        bob.arn
    );
    assert_eq!(error.message, expected);
    let account = trust(r#""AWS":"123456789012""#);
    cloud
        .call("UpdateAssumeRolePolicy", &[("RoleName", "work"), ("PolicyDocument", &account)])
        .await;
    assert!(cloud.iam.check_assume(&cloud.cx(&bob), &wish()).is_err());
    let allow = document("Allow", "sts:AssumeRole", ROLE);
    cloud
        .call(
            "PutUserPolicy",
            &[("UserName", "bob"), ("PolicyName", "p"), ("PolicyDocument", &allow)],
        )
        .await;
    cloud.iam.check_assume(&cloud.cx(&bob), &wish()).unwrap();
    let mut tagging = wish();
    tagging.tags.insert("k".to_string(), "v".to_string());
    let error = cloud.iam.check_assume(&cloud.cx(&bob), &tagging).unwrap_err();
    assert!(error.message.contains("sts:TagSession"), "{}", error.message);
}

#[tokio::test]
async fn external_ids() {
    let cloud = Cloud::new();
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"42"}}}}"#;
    cloud.call("CreateRole", &[("RoleName", "work"), ("AssumeRolePolicyDocument", trust)]).await;
    let ann = cloud.user("ann").await;
    assert!(cloud.iam.check_assume(&cloud.cx(&ann), &wish()).is_err());
    let knowing = AssumeRole { external_id: Some("42"), ..wish() };
    cloud.iam.check_assume(&cloud.cx(&ann), &knowing).unwrap();
}

#[tokio::test]
async fn what_sts_asks() {
    let cloud = Cloud::new();
    let before = cloud.iam.generation();
    role(&cloud, r#""Service":"lambda.amazonaws.com""#).await;
    assert_ne!(cloud.iam.generation(), before);
    let first = cloud.iam.role(ROLE).unwrap().unwrap();
    cloud.call("DeleteRole", &[("RoleName", "work")]).await;
    assert!(cloud.iam.role(ROLE).unwrap().is_none());
    role(&cloud, r#""Service":"lambda.amazonaws.com""#).await;
    assert_ne!(cloud.iam.role(ROLE).unwrap().unwrap().id, first.id);
    let basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    assert!(cloud.iam.managed_policy(basic).unwrap().is_some());
    assert!(cloud.iam.managed_policy("arn:aws:iam::aws:policy/None").unwrap().is_none());
    assert!(cloud.iam.user(account(), "nobody").unwrap().is_none());
}

/// As on AWS, a name that is given again does not inherit the trust.
#[tokio::test]
async fn trust_ends_with_the_user() {
    let cloud = Cloud::new();
    let ann = cloud.user("ann").await;
    role(&cloud, r#""AWS":"arn:aws:iam::123456789012:user/ann""#).await;
    cloud.iam.check_assume(&cloud.cx(&ann), &wish()).unwrap();
    let key = ann.access_key_id.clone().unwrap();
    cloud.call("DeleteAccessKey", &[("UserName", "ann"), ("AccessKeyId", &key)]).await;
    cloud.call("DeleteUser", &[("UserName", "ann")]).await;
    let other = cloud.user("ann").await;
    assert!(cloud.iam.check_assume(&cloud.cx(&other), &wish()).is_err());
    let trust = trust(r#""AWS":"arn:aws:iam::123456789012:user/ann""#);
    cloud.call("UpdateAssumeRolePolicy", &[("RoleName", "work"), ("PolicyDocument", &trust)]).await;
    cloud.iam.check_assume(&cloud.cx(&other), &wish()).unwrap();
}

/// A resource's policy as `AddPermission` of Lambda writes it, with one more condition.
fn permission(principal: &str, condition: &str) -> Arc<str> {
    format!(
        r#"{{"Version":"2012-10-17","Id":"default","Statement":[{{"Sid":"s","Effect":"Allow",
            "Principal":{{"Service":"{principal}"}},"Action":"lambda:InvokeFunction",
            "Resource":"{FUNCTION}","Condition":{condition}}}]}}"#
    )
    .into()
}

const FUNCTION: &str = "arn:aws:lambda:us-east-1:123456789012:function:f";

/// Whether the service may invoke the function on behalf of `source`, which is in `account`.
async fn may_invoke(
    cloud: &Cloud,
    (service, account, source): (&str, &str, &str),
    resource_policy: Option<Arc<str>>,
) -> bool {
    let caller = Caller::service(AccountId::parse(account).unwrap(), service);
    let cx = CallCx { source_arn: Arn::parse(source), hops: 1, ..cloud.cx(&caller) };
    let request = AccessRequest {
        resource_policy,
        ..AccessRequest::new("lambda:InvokeFunction", FUNCTION)
            .with("lambda:EventSourceToken", "token")
    };
    cloud.iam.authorize(&cx, &request).await.is_ok()
}

/// The confused deputy: a service that acts for somebody's resource gets in for that resource alone.
#[tokio::test]
async fn services_act_for_the_resources_that_policies_name() {
    let cloud = Cloud::new();
    let (own, other) = ("123456789012", "210987654321");
    for (service, source, elsewhere) in [
        ("s3.amazonaws.com", "arn:aws:s3:::bucket", "arn:aws:s3:::other"),
        (
            "sns.amazonaws.com",
            "arn:aws:sns:us-east-1:123456789012:t",
            "arn:aws:sns:us-east-1:123456789012:u",
        ),
        (
            "events.amazonaws.com",
            "arn:aws:events:us-east-1:123456789012:rule/r",
            "arn:aws:events:us-east-1:210987654321:rule/r",
        ),
        (
            "apigateway.amazonaws.com",
            "arn:aws:execute-api:us-east-1:123456789012:a/prod/GET/x",
            "arn:aws:execute-api:us-east-1:123456789012:b/prod/GET/x",
        ),
        (
            "logs.us-east-1.amazonaws.com",
            "arn:aws:logs:us-east-1:123456789012:log-group:g:*",
            "arn:aws:logs:us-east-1:123456789012:log-group:h:*",
        ),
    ] {
        let is_allowed = async |source: (&str, &str), principal: &str, condition: &str| {
            let policy = permission(principal, condition);
            may_invoke(&cloud, (service, source.0, source.1), Some(policy)).await
        };
        assert!(!may_invoke(&cloud, (service, own, source), None).await, "{service}: no policy");
        assert!(is_allowed((own, source), service, "{}").await, "{service}");
        assert!(!is_allowed((own, source), "ec2.amazonaws.com", "{}").await, "{service}");
        let of_source = format!(r#"{{"ArnLike":{{"AWS:SourceArn":"{source}"}}}}"#);
        assert!(is_allowed((own, source), service, &of_source).await, "{service}");
        assert!(!is_allowed((own, elsewhere), service, &of_source).await, "{service}");
        let of_account = format!(r#"{{"StringEquals":{{"AWS:SourceAccount":"{own}"}}}}"#);
        assert!(is_allowed((own, source), service, &of_account).await, "{service}");
        // The account of a source is that in its ARN; a bucket's ARN has none.
        let stranger = source.replace(own, other);
        assert!(!is_allowed((other, &stranger), service, &of_account).await, "{service}");
        let keys = format!(
            r#"{{"StringEquals":{{"aws:PrincipalServiceName":"{service}","lambda:EventSourceToken":"token"}},
                "Bool":{{"aws:PrincipalIsAWSService":"true"}},
                "ForAnyValue:StringEquals":{{"aws:PrincipalServiceNamesList":["{service}"]}}}}"#
        );
        assert!(is_allowed((own, source), service, &keys).await, "{service}");
        let token = r#"{"StringEquals":{"lambda:EventSourceToken":"another"}}"#;
        assert!(!is_allowed((own, source), service, token).await, "{service}");
    }
    let general =
        r#"{"ForAnyValue:StringEquals":{"aws:PrincipalServiceNamesList":["logs.amazonaws.com"]}}"#;
    let logs = ("logs.us-east-1.amazonaws.com", own, "arn:aws:logs:us-east-1:123456789012:x");
    assert!(may_invoke(&cloud, logs, Some(permission("logs.amazonaws.com", general))).await);
}
