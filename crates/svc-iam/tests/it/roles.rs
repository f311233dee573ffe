use crate::cloud::{Cloud, document, text, texts, trust};

fn lambda() -> String {
    trust(r#""Service":"lambda.amazonaws.com""#)
}

#[tokio::test]
async fn life_of_a_role() {
    let cloud = Cloud::new();
    let trust = lambda();
    let new = [("RoleName", "work"), ("Path", "/svc/"), ("AssumeRolePolicyDocument", &*trust)];
    let created = cloud.call("CreateRole", &new).await;
    assert!(text(&created, "RoleId").starts_with("AROA"));
    assert!(
        text(&created, "AssumeRolePolicyDocument")
            .starts_with("%7B%22Version%22%3A%222012-10-17%22")
    );
    assert!(!created.contains("MaxSessionDuration"), "as recorded");
    let got = cloud.call("GetRole", &new[..1]).await;
    assert_eq!(text(&got, "MaxSessionDuration"), "3600");
    assert!(got.contains("RoleLastUsed"), "as recorded");
    assert_eq!(cloud.fail("CreateRole", &new).await.1, "Role with name work already exists.");

    cloud
        .call(
            "UpdateRole",
            &[("RoleName", "work"), ("MaxSessionDuration", "7200"), ("Description", "d")],
        )
        .await;
    let listed = cloud.call("ListRoles", &[("PathPrefix", "/svc/")]).await;
    assert_eq!(text(&listed, "MaxSessionDuration"), "7200");
    assert!(!listed.contains("RoleLastUsed"), "as recorded");
    cloud.call("UpdateRoleDescription", &[("RoleName", "work"), ("Description", "e")]).await;
    assert_eq!(text(&cloud.call("GetRole", &new[..1]).await, "Description"), "e");
    cloud
        .call(
            "TagRole",
            &[("RoleName", "work"), ("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")],
        )
        .await;
    assert_eq!(text(&cloud.call("ListRoleTags", &new[..1]).await, "Value"), "v");
    cloud.call("DeleteRole", &new[..1]).await;
    assert_eq!(
        cloud.fail("GetRole", &new[..1]).await.1,
        "The role with name work cannot be found."
    );
}

#[tokio::test]
async fn trust_policies_are_checked() {
    let cloud = Cloud::new();
    let create = |document: String| {
        let cloud = &cloud;
        async move {
            let params = [("RoleName", "r"), ("AssumeRolePolicyDocument", &*document)];
            cloud.fail("CreateRole", &params).await
        }
    };
    let (code, message) = create(document("Allow", "sts:AssumeRole", "*")).await;
    assert_eq!(
        (&*code, &*message),
        ("MalformedPolicyDocument", "Missing required field Principal")
    );
    let nobody = "arn:aws:iam::123456789012:user/nobody";
    let (code, message) = create(trust(&format!(r#""AWS":"{nobody}""#))).await;
    assert_eq!(code, "MalformedPolicyDocument");
    assert_eq!(message, format!("Invalid principal in policy: \"AWS\":\"{nobody}\""));
    let long = format!(r#""Service":"{}.amazonaws.com""#, "x".repeat(2_048));
    let (code, message) = create(trust(&long)).await;
    assert_eq!(
        (&*code, &*message),
        ("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048")
    );
    let trust = lambda();
    cloud.call("CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", &trust)]).await;
    let bad = [("RoleName", "r"), ("PolicyDocument", "{}")];
    assert_eq!(cloud.fail("UpdateAssumeRolePolicy", &bad).await.1, "Syntax errors in policy.");
    let account = crate::cloud::trust(r#""AWS":"123456789012""#);
    cloud.call("UpdateAssumeRolePolicy", &[("RoleName", "r"), ("PolicyDocument", &account)]).await;
    let got = cloud.call("GetRole", &[("RoleName", "r")]).await;
    assert!(text(&got, "AssumeRolePolicyDocument").contains("123456789012"));
}

#[tokio::test]
async fn inline_policies() {
    let cloud = Cloud::new();
    let trust = lambda();
    cloud.call("CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", &trust)]).await;
    let document = document("Allow", "s3:Get*", "arn:aws:s3:::b/a%3Ab");
    let put = [("RoleName", "r"), ("PolicyName", "p"), ("PolicyDocument", &*document)];
    cloud.call("PutRolePolicy", &put).await;
    let got = cloud.call("GetRolePolicy", &put[..2]).await;
    assert!(text(&got, "PolicyDocument").contains("a%253Ab"), "encoded once more, as recorded");
    assert_eq!(texts(&cloud.call("ListRolePolicies", &put[..1]).await, "member"), ["p"]);
    let (code, message) = cloud.fail("DeleteRole", &put[..1]).await;
    assert_eq!(
        (&*code, &*message),
        ("DeleteConflict", "Cannot delete entity, must delete policies first.")
    );
    cloud.call("DeleteRolePolicy", &put[..2]).await;
    let (code, message) = cloud.fail("GetRolePolicy", &put[..2]).await;
    assert_eq!(
        (&*code, &*message),
        ("NoSuchEntity", "The role policy with name p cannot be found.")
    );
    let long =
        crate::cloud::document("Allow", "s3:Get*", &format!("arn:aws:s3:::{}", "x".repeat(10_240)));
    let (code, message) =
        cloud.fail("PutRolePolicy", &[put[0], put[1], ("PolicyDocument", &long)]).await;
    assert_eq!(
        (&*code, &*message),
        ("LimitExceeded", "Maximum policy size of 10240 bytes exceeded for role r")
    );
}
