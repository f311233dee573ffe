//! Every operation is refused to a user without permissions, with AWS's sentence.

use crate::cloud::Cloud;
use rt::Service;

/// What is needed for the input to pass validation.
const REQUIRED: &[(&str, &str)] = &[
    ("UserName", "u"),
    ("GroupName", "g"),
    ("RoleName", "r"),
    ("InstanceProfileName", "i"),
    ("PolicyName", "p"),
    ("PolicyArn", "arn:aws:iam::123456789012:policy/p"),
    ("PolicyDocument", "{}"),
    ("AssumeRolePolicyDocument", "{}"),
    ("PermissionsBoundary", "arn:aws:iam::123456789012:policy/p"),
    ("VersionId", "v1"),
    ("AccessKeyId", "AKIAIOSFODNN7EXAMPLE"),
    ("Status", "Active"),
    ("Description", "d"),
    ("AccountAlias", "alias"),
    ("Tags.member.1.Key", "k"),
    ("Tags.member.1.Value", "v"),
    ("TagKeys.member.1", "k"),
    ("ActionNames.member.1", "s3:GetObject"),
    ("PolicyInputList.member.1", "{}"),
    ("PolicySourceArn", "arn:aws:iam::123456789012:user/u"),
];

#[tokio::test]
async fn nothing_is_allowed_without_a_policy() {
    let cloud = Cloud::new();
    let ann = cloud.user("ann").await;
    let built = cloud.iam.clone().routes().names();
    assert!(built.len() >= 80, "{}", built.len());
    for operation in built {
        let fault = match cloud.call_as(&ann, operation, REQUIRED).await {
            Ok(answer) => panic!("{operation} was allowed: {answer}"),
            Err(fault) => fault,
        };
        assert_eq!((&*fault.code, fault.status), ("AccessDenied", 403), "{operation}: {fault:?}");
        let start = format!(
            "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: iam:{operation} on resource: "
        );
        let end = format!(" because no identity-based policy allows the iam:{operation} action");
        let message = &fault.message;
        assert!(message.starts_with(&start) && message.ends_with(&end), "{message}");
    }
}

#[tokio::test]
async fn resources_are_named_as_aws_names_them() {
    let cloud = Cloud::new();
    let ann = cloud.user("ann").await;
    cloud.call("CreateUser", &[("UserName", "bob"), ("Path", "/team/")]).await;
    for (operation, resource) in [
        ("GetUser", "arn:aws:iam::123456789012:user/team/bob"),
        ("ListUsers", "arn:aws:iam::123456789012:user/"),
        ("GetAccountSummary", "*"),
    ] {
        let fault = cloud.call_as(&ann, operation, &[("UserName", "bob")]).await.unwrap_err();
        assert!(fault.message.contains(&format!(" on resource: {resource} because ")), "{fault:?}");
    }
}

#[tokio::test]
async fn unbuilt_operations_say_so() {
    let cloud = Cloud::new();
    let root = seams::Caller::root(crate::cloud::account(), None);
    let fault = cloud.call_as(&root, "CreateVirtualMFADevice", &[]).await.unwrap_err();
    assert_eq!((&*fault.code, fault.status), ("NotImplemented", 501));
}
