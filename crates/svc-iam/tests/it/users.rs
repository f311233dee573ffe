use crate::cloud::{Cloud, document, text, texts};

#[tokio::test]
async fn life_of_a_user() {
    let cloud = Cloud::new();
    let created = cloud
        .call(
            "CreateUser",
            &[
                ("UserName", "Ann"),
                ("Path", "/team/"),
                ("Tags.member.1.Key", "k"),
                ("Tags.member.1.Value", "v"),
            ],
        )
        .await;
    assert_eq!(text(&created, "Arn"), "arn:aws:iam::123456789012:user/team/Ann");
    assert!(text(&created, "UserId").starts_with("AIDA"));
    assert_eq!(text(&created, "CreateDate"), "2023-11-14T22:13:20Z");
    let (code, message) = cloud.fail("CreateUser", &[("UserName", "ANN")]).await;
    assert_eq!((&*code, &*message), ("EntityAlreadyExists", "User with name ANN already exists."));

    let got = cloud.call("GetUser", &[("UserName", "Ann")]).await;
    assert_eq!(text(&got, "Key"), "k");
    let listed = cloud.call("ListUsers", &[]).await;
    assert!(!listed.contains("<Key>") && listed.contains("<IsTruncated>false"));

    cloud
        .call("UpdateUser", &[("UserName", "Ann"), ("NewUserName", "Bea"), ("NewPath", "/")])
        .await;
    let (code, message) = cloud.fail("GetUser", &[("UserName", "Ann")]).await;
    assert_eq!(code, "NoSuchEntity");
    assert_eq!(message, "The user with name Ann cannot be found.");
    let got = cloud.call("GetUser", &[("UserName", "Bea")]).await;
    assert_eq!(text(&got, "UserId"), text(&created, "UserId"));
    cloud.call("DeleteUser", &[("UserName", "Bea")]).await;
    assert_eq!(cloud.fail("DeleteUser", &[("UserName", "Bea")]).await.0, "NoSuchEntity");
}

#[tokio::test]
async fn the_caller_is_meant_where_no_name_is_given() {
    let cloud = Cloud::new();
    let root = cloud.call("GetUser", &[]).await;
    assert_eq!(text(&root, "Arn"), "arn:aws:iam::123456789012:root");
    let ann = cloud.user("ann").await;
    let own = [
        ("UserName", "ann"),
        ("PolicyName", "own"),
        ("PolicyDocument", &document("Allow", "iam:*", "arn:aws:iam::*:user/${aws:username}")),
    ];
    cloud.call("PutUserPolicy", &own).await;
    let got = cloud.call_as(&ann, "GetUser", &[]).await.unwrap();
    assert_eq!(text(&got, "UserName"), "ann");
    let (code, message) = cloud.fail("ListAccessKeys", &[]).await;
    assert_eq!(code, "ValidationError");
    assert_eq!(message, "Must specify userName when calling with non-User credentials");
}

#[tokio::test]
async fn pages_and_prefixes() {
    let cloud = Cloud::new();
    for (name, path) in [("b", "/x/"), ("a", "/x/"), ("c", "/y/"), ("d", "/x/")] {
        cloud.call("CreateUser", &[("UserName", name), ("Path", path)]).await;
    }
    let page = |marker: Option<String>| {
        let cloud = &cloud;
        async move {
            let mut params = vec![("PathPrefix", "/x/"), ("MaxItems", "2")];
            if let Some(marker) = &marker {
                params.push(("Marker", marker));
            }
            cloud.call("ListUsers", &params).await
        }
    };
    let first = page(None).await;
    assert_eq!(texts(&first, "UserName"), ["a", "b"]);
    assert_eq!(text(&first, "IsTruncated"), "true");
    let second = page(Some(text(&first, "Marker"))).await;
    assert_eq!(texts(&second, "UserName"), ["d"]);
    assert_eq!(text(&second, "IsTruncated"), "false");
    assert_eq!(cloud.fail("ListUsers", &[("Marker", "?")]).await.0, "ValidationError");
}

#[tokio::test]
async fn access_keys() {
    let cloud = Cloud::new();
    cloud.call("CreateUser", &[("UserName", "ann")]).await;
    let first = text(&cloud.call("CreateAccessKey", &[("UserName", "ann")]).await, "AccessKeyId");
    cloud.call("CreateAccessKey", &[("UserName", "ann")]).await;
    let (code, message) = cloud.fail("CreateAccessKey", &[("UserName", "ann")]).await;
    assert_eq!(
        (&*code, &*message),
        ("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2")
    );
    let listed = cloud.call("ListAccessKeys", &[("UserName", "ann")]).await;
    assert_eq!(texts(&listed, "Status"), ["Active", "Active"]);
    assert!(!listed.contains("SecretAccessKey"));

    use seams::Identities;
    let is_active = || cloud.iam.long_term_credential(&first).unwrap().is_some();
    assert!(is_active());
    let own = [("UserName", "ann"), ("AccessKeyId", &*first), ("Status", "Inactive")];
    cloud.call("UpdateAccessKey", &own).await;
    assert!(!is_active());
    let last = cloud.call("GetAccessKeyLastUsed", &[("AccessKeyId", &first)]).await;
    assert_eq!(text(&last, "ServiceName"), "N/A");
    cloud.call("CreateUser", &[("UserName", "bob")]).await;
    let (code, message) =
        cloud.fail("DeleteAccessKey", &[("UserName", "bob"), ("AccessKeyId", &first)]).await;
    assert_eq!(code, "NoSuchEntity");
    assert_eq!(message, format!("The Access Key with id {first} cannot be found."));
    let (code, message) = cloud.fail("DeleteUser", &[("UserName", "ann")]).await;
    assert_eq!(
        (&*code, &*message),
        ("DeleteConflict", "Cannot delete entity, must delete access keys first.")
    );
    cloud.call("DeleteAccessKey", &[("UserName", "ann"), ("AccessKeyId", &first)]).await;
    assert_eq!(
        texts(&cloud.call("ListAccessKeys", &[("UserName", "ann")]).await, "Status").len(),
        1
    );
}

#[tokio::test]
async fn tags() {
    let cloud = Cloud::new();
    cloud.call("CreateUser", &[("UserName", "ann")]).await;
    let tag = [("UserName", "ann"), ("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "a")];
    cloud.call("TagUser", &tag).await;
    let twice =
        [tag[0], tag[1], tag[2], ("Tags.member.2.Key", "team"), ("Tags.member.2.Value", "b")];
    let (code, message) = cloud.fail("TagUser", &twice).await;
    assert_eq!(code, "InvalidInput");
    assert!(message.starts_with("Duplicate tag keys found."));
    assert_eq!(text(&cloud.call("ListUserTags", &[("UserName", "ann")]).await, "Value"), "a");
    cloud.call("UntagUser", &[("UserName", "ann"), ("TagKeys.member.1", "TEAM")]).await;
    assert!(!cloud.call("ListUserTags", &[("UserName", "ann")]).await.contains("<Value>"));
}
