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
    ("OpenIDConnectProviderArn", "arn:aws:iam::123456789012:oidc-provider/example.com"),
    ("ClientID", "c"),
    ("Url", "https://example.com"),
    ("ThumbprintList.member.1", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
    ("SAMLProviderArn", "arn:aws:iam::123456789012:saml-provider/s"),
    ("Name", "s"),
    ("SerialNumber", "arn:aws:iam::123456789012:mfa/m"),
    ("AuthenticationCode1", "000000"),
    ("AuthenticationCode2", "000001"),
    ("VirtualMFADeviceName", "m"),
    ("Password", "p"),
    ("OldPassword", "p"),
    ("NewPassword", "q"),
    ("ServerCertificateName", "s"),
    ("CertificateBody", "x"),
    ("PrivateKey", "x"),
    ("CertificateId", "CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC"),
    ("SSHPublicKeyId", "APKAAAAAAAAAAAAAAAAAA"),
    ("SSHPublicKeyBody", "x"),
    ("Encoding", "SSH"),
    ("ServiceName", "codecommit.amazonaws.com"),
    ("ServiceSpecificCredentialId", "ACCAAAAAAAAAAAAAAAAAA"),
    ("AWSServiceName", "ecs.amazonaws.com"),
    ("DeletionTaskId", "task/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS/x"),
    ("Arn", "arn:aws:iam::123456789012:user/u"),
    ("JobId", "000000000000000000000000000000000000"),
    ("ServiceNamespace", "s3"),
    ("ServiceNamespaces.member.1", "s3"),
    ("GlobalEndpointTokenVersion", "v2Token"),
];

#[tokio::test]
async fn nothing_is_allowed_without_a_policy() {
    let cloud = Cloud::new();
    let ann = cloud.user("ann").await;
    let built = cloud.iam.clone().routes().names();
    assert!(built.len() >= 150, "{}", built.len());
    let metadata = "x".repeat(1_000);
    let required = [REQUIRED, &[("SAMLMetadataDocument", &*metadata)]].concat();
    for operation in built {
        let fault = match cloud.call_as(&ann, operation, &required).await {
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
    let fault = cloud.call_as(&root, "ListOrganizationsFeatures", &[]).await.unwrap_err();
    assert_eq!((&*fault.code, fault.status), ("NotImplemented", 501));
}
