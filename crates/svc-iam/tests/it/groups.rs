use crate::cloud::{Cloud, document, text, texts};

#[tokio::test]
async fn life_of_a_group() {
    let cloud = Cloud::new();
    let created = cloud.call("CreateGroup", &[("GroupName", "team")]).await;
    assert!(text(&created, "GroupId").starts_with("AGPA"));
    let ann = cloud.user("ann").await;
    let member = [("GroupName", "team"), ("UserName", "ann")];
    cloud.call("AddUserToGroup", &member).await;
    cloud.call("AddUserToGroup", &member).await;
    assert_eq!(texts(&cloud.call("GetGroup", &member[..1]).await, "UserName"), ["ann"]);
    assert_eq!(texts(&cloud.call("ListGroupsForUser", &member[1..]).await, "GroupName"), ["team"]);

    let bucket = "arn:aws:s3:::bucket";
    assert!(cloud.decide(&ann, "s3:ListBucket", bucket).await.is_err());
    let allow = [
        ("GroupName", "team"),
        ("PolicyName", "p"),
        ("PolicyDocument", &*document("Allow", "s3:List*", "*")),
    ];
    cloud.call("PutGroupPolicy", &allow).await;
    cloud.decide(&ann, "s3:ListBucket", bucket).await.unwrap();
    cloud.call("UpdateGroup", &[("GroupName", "team"), ("NewGroupName", "crew")]).await;
    cloud.decide(&ann, "s3:ListBucket", bucket).await.unwrap();
    assert_eq!(texts(&cloud.call("ListGroups", &[]).await, "GroupName"), ["crew"]);

    let (code, message) = cloud.fail("DeleteGroup", &[("GroupName", "crew")]).await;
    assert_eq!(
        (&*code, &*message),
        ("DeleteConflict", "Cannot delete entity, must remove users from group first.")
    );
    let member = [("GroupName", "crew"), ("UserName", "ann")];
    cloud.call("RemoveUserFromGroup", &member).await;
    assert!(cloud.decide(&ann, "s3:ListBucket", bucket).await.is_err());
    assert_eq!(cloud.fail("RemoveUserFromGroup", &member).await.0, "NoSuchEntity");
    let (code, message) = cloud.fail("DeleteGroup", &[("GroupName", "crew")]).await;
    assert_eq!(
        (&*code, &*message),
        ("DeleteConflict", "Cannot delete entity, must delete policies first.")
    );
    cloud.call("DeleteGroupPolicy", &[("GroupName", "crew"), ("PolicyName", "p")]).await;
    cloud.call("DeleteGroup", &[("GroupName", "crew")]).await;
    let (_, message) = cloud.fail("GetGroup", &[("GroupName", "crew")]).await;
    assert_eq!(message, "The group with name crew cannot be found.");
}
