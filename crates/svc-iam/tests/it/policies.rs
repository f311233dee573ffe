use crate::cloud::{Cloud, document, text, texts};

const ARN: &str = "arn:aws:iam::123456789012:policy/team/P";
const BASIC: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

async fn with_policy() -> Cloud {
    let cloud = Cloud::new();
    let document = document("Allow", "s3:Get*", "*");
    let params = [("PolicyName", "P"), ("Path", "/team/"), ("PolicyDocument", &*document)];
    let created = cloud.call("CreatePolicy", &params).await;
    assert_eq!(text(&created, "Arn"), ARN);
    assert_eq!(text(&created, "DefaultVersionId"), "v1");
    cloud
}

#[tokio::test]
async fn life_of_a_managed_policy() {
    let cloud = with_policy().await;
    let arn = [("PolicyArn", ARN)];
    let params = [("PolicyName", "p"), ("PolicyDocument", &*document("Allow", "*", "*"))];
    let (code, message) = cloud.fail("CreatePolicy", &params).await;
    assert_eq!(code, "EntityAlreadyExists");
    assert_eq!(message, "A policy called p already exists. Duplicate names are not allowed.");
    assert_eq!(text(&cloud.call("GetPolicy", &arn).await, "AttachmentCount"), "0");
    let missing = "arn:aws:iam::123456789012:policy/P";
    let (code, message) = cloud.fail("GetPolicy", &[("PolicyArn", missing)]).await;
    assert_eq!((&*code, &*message), ("NoSuchEntity", &*format!("Policy {missing} was not found.")));
    cloud
        .call("TagPolicy", &[arn[0], ("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")])
        .await;
    assert_eq!(text(&cloud.call("ListPolicyTags", &arn).await, "Value"), "v");
    cloud.call("DeletePolicy", &arn).await;
    assert_eq!(cloud.fail("DeletePolicy", &arn).await.0, "NoSuchEntity");
}

#[tokio::test]
async fn versions() {
    let cloud = with_policy().await;
    let document = document("Allow", "s3:Put*", "*");
    let new = [("PolicyArn", ARN), ("PolicyDocument", &*document)];
    for number in 2..=5 {
        let version = cloud.call("CreatePolicyVersion", &new).await;
        assert_eq!(text(&version, "VersionId"), format!("v{number}"));
    }
    let (code, message) = cloud.fail("CreatePolicyVersion", &new).await;
    assert_eq!(code, "LimitExceeded");
    assert!(message.starts_with("A managed policy can have up to 5 versions."), "{message}");
    let listed = cloud.call("ListPolicyVersions", &new[..1]).await;
    assert_eq!(texts(&listed, "VersionId"), ["v5", "v4", "v3", "v2", "v1"]);
    cloud.call("SetDefaultPolicyVersion", &[new[0], ("VersionId", "v3")]).await;
    assert_eq!(text(&cloud.call("GetPolicy", &new[..1]).await, "DefaultVersionId"), "v3");
    let third = cloud.call("GetPolicyVersion", &[new[0], ("VersionId", "v3")]).await;
    assert!(text(&third, "Document").contains("s3%3APut%2A"));
    let (code, message) = cloud.fail("DeletePolicyVersion", &[new[0], ("VersionId", "v3")]).await;
    assert_eq!(
        (&*code, &*message),
        ("DeleteConflict", "Cannot delete the default version of a policy.")
    );
    assert_eq!(cloud.fail("DeletePolicy", &new[..1]).await.0, "DeleteConflict");
    for number in ["v1", "v2", "v4", "v5"] {
        cloud.call("DeletePolicyVersion", &[new[0], ("VersionId", number)]).await;
    }
    let (code, message) = cloud.fail("GetPolicyVersion", &[new[0], ("VersionId", "v1")]).await;
    assert_eq!(code, "NoSuchEntity");
    assert_eq!(message, format!("Policy {ARN} version v1 does not exist or is not attachable."));
    cloud.call("DeletePolicy", &new[..1]).await;
}

#[tokio::test]
async fn attachments() {
    let cloud = with_policy().await;
    let ann = cloud.user("ann").await;
    let attach = [("UserName", "ann"), ("PolicyArn", ARN)];
    cloud.call("AttachUserPolicy", &attach).await;
    cloud.call("AttachUserPolicy", &attach).await;
    cloud.call("AttachUserPolicy", &[attach[0], ("PolicyArn", BASIC)]).await;
    cloud.decide(&ann, "s3:GetObject", "arn:aws:s3:::b/k").await.unwrap();
    let stream = "arn:aws:logs:us-east-1:123456789012:log-group:g:log-stream:s";
    cloud.decide(&ann, "logs:PutLogEvents", stream).await.unwrap();
    let listed = cloud.call("ListAttachedUserPolicies", &attach[..1]).await;
    assert_eq!(texts(&listed, "PolicyName"), ["AWSLambdaBasicExecutionRole", "P"]);
    assert_eq!(text(&cloud.call("GetPolicy", &attach[1..]).await, "AttachmentCount"), "1");
    let entities = cloud.call("ListEntitiesForPolicy", &attach[1..]).await;
    assert_eq!(texts(&entities, "UserName"), ["ann"]);
    let (code, message) = cloud.fail("DeletePolicy", &attach[1..]).await;
    assert_eq!(
        (&*code, &*message),
        ("DeleteConflict", "Cannot delete a policy attached to entities.")
    );
    assert_eq!(cloud.fail("DeleteUser", &attach[..1]).await.0, "DeleteConflict");

    cloud.call("UpdateUser", &[attach[0], ("NewUserName", "bea")]).await;
    let entities = cloud.call("ListEntitiesForPolicy", &attach[1..]).await;
    assert_eq!(texts(&entities, "UserName"), ["bea"]);
    let attach = [("UserName", "bea"), attach[1]];
    cloud.call("DetachUserPolicy", &attach).await;
    let (code, message) = cloud.fail("DetachUserPolicy", &attach).await;
    assert_eq!((&*code, &*message), ("NoSuchEntity", &*format!("Policy {ARN} was not found.")));
    for (arn, expected) in [
        ("P-as-a-name-of-some-length", ("ValidationError", "Invalid ARN:  Could not be parsed!")),
        (
            "arn:aws:iam::123456789012:role/P",
            ("ValidationError", "ARN arn:aws:iam::123456789012:role/P is not valid."),
        ),
        (
            "arn:aws:iam::123456789012:policy/P123",
            (
                "NoSuchEntity",
                "Policy arn:aws:iam::123456789012:policy/P123 does not exist or is not attachable.",
            ),
        ),
    ] {
        let (code, message) =
            cloud.fail("AttachUserPolicy", &[attach[0], ("PolicyArn", arn)]).await;
        assert_eq!((&*code, &*message), expected);
    }
}

#[tokio::test]
async fn a_boundary_limits() {
    let cloud = with_policy().await;
    let ann = cloud.user("ann").await;
    let all = document("Allow", "*", "*");
    cloud
        .call(
            "PutUserPolicy",
            &[("UserName", "ann"), ("PolicyName", "all"), ("PolicyDocument", &all)],
        )
        .await;
    let boundary = [("UserName", "ann"), ("PermissionsBoundary", ARN)];
    cloud.call("PutUserPermissionsBoundary", &boundary).await;
    let got = cloud.call("GetUser", &boundary[..1]).await;
    assert_eq!(text(&got, "PermissionsBoundaryArn"), ARN);
    cloud.decide(&ann, "s3:GetObject", "arn:aws:s3:::b/k").await.unwrap();
    let denied = cloud.decide(&ann, "s3:PutObject", "arn:aws:s3:::b/k").await.unwrap_err();
    assert!(
        denied.ends_with("because no permissions boundary allows the s3:PutObject action"),
        "{denied}"
    );
    assert_eq!(cloud.fail("DeletePolicy", &[("PolicyArn", ARN)]).await.0, "DeleteConflict");
    cloud.call("DeleteUserPermissionsBoundary", &boundary[..1]).await;
    cloud.decide(&ann, "s3:PutObject", "arn:aws:s3:::b/k").await.unwrap();
}

#[tokio::test]
async fn lists() {
    let cloud = with_policy().await;
    let local = cloud.call("ListPolicies", &[("Scope", "Local")]).await;
    assert_eq!(texts(&local, "PolicyName"), ["P"]);
    let ours = cloud
        .call(
            "ListPolicies",
            &[("Scope", "AWS"), ("MaxItems", "1000"), ("PathPrefix", "/service-role/")],
        )
        .await;
    assert!(texts(&ours, "PolicyName").contains(&"AWSLambdaBasicExecutionRole".to_string()));
    let attached = cloud.call("ListPolicies", &[("OnlyAttached", "true")]).await;
    assert!(texts(&attached, "PolicyName").is_empty());
    let version =
        cloud.call("GetPolicyVersion", &[("PolicyArn", BASIC), ("VersionId", "v1")]).await;
    assert!(text(&version, "Document").contains("logs%3APutLogEvents"));
    let summary = cloud.call("GetAccountSummary", &[]).await;
    assert!(summary.contains("<key>Policies</key><value>1</value>"), "{summary}");
}

#[tokio::test]
async fn documents_are_checked() {
    let cloud = with_policy().await;
    let long = document("Allow", "s3:Get*", &format!("arn:aws:s3:::{}", "x".repeat(6_144)));
    let (code, message) =
        cloud.fail("CreatePolicy", &[("PolicyName", "q"), ("PolicyDocument", &long)]).await;
    assert_eq!((&*code, &*message), ("LimitExceeded", "Cannot exceed quota for PolicySize: 6144"));
    let (code, message) =
        cloud.fail("CreatePolicyVersion", &[("PolicyArn", ARN), ("PolicyDocument", "no")]).await;
    assert_eq!((&*code, &*message), ("MalformedPolicyDocument", "Syntax errors in policy."));
    let bad = document("Allow", "get", "*");
    cloud.call("CreateUser", &[("UserName", "ann")]).await;
    let put = [("UserName", "ann"), ("PolicyName", "p"), ("PolicyDocument", &*bad)];
    let (_, message) = cloud.fail("PutUserPolicy", &put).await;
    assert_eq!(
        message,
        "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
    );
}

#[tokio::test]
async fn aliases() {
    let cloud = Cloud::new();
    cloud.call("CreateAccountAlias", &[("AccountAlias", "acme")]).await;
    assert_eq!(
        cloud.fail("CreateAccountAlias", &[("AccountAlias", "acme")]).await.0,
        "EntityAlreadyExists"
    );
    assert_eq!(texts(&cloud.call("ListAccountAliases", &[]).await, "member"), ["acme"]);
    assert_eq!(
        cloud.fail("DeleteAccountAlias", &[("AccountAlias", "other")]).await.0,
        "NoSuchEntity"
    );
    cloud.call("DeleteAccountAlias", &[("AccountAlias", "acme")]).await;
    assert!(texts(&cloud.call("ListAccountAliases", &[]).await, "member").is_empty());
}
