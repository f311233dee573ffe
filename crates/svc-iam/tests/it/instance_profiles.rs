use crate::cloud::{Cloud, text, texts, trust};

#[tokio::test]
async fn life_of_an_instance_profile() {
    let cloud = Cloud::new();
    let created = cloud.call("CreateInstanceProfile", &[("InstanceProfileName", "p")]).await;
    assert_eq!(text(&created, "Arn"), "arn:aws:iam::123456789012:instance-profile/p");
    let role = [
        ("RoleName", "r"),
        ("AssumeRolePolicyDocument", &*trust(r#""Service":"ec2.amazonaws.com""#)),
    ];
    cloud.call("CreateRole", &role).await;
    let both = [("InstanceProfileName", "p"), ("RoleName", "r")];
    cloud.call("AddRoleToInstanceProfile", &both).await;
    assert_eq!(cloud.fail("AddRoleToInstanceProfile", &both).await.0, "LimitExceeded");
    assert_eq!(text(&cloud.call("GetInstanceProfile", &both[..1]).await, "RoleName"), "r");
    let of_role = cloud.call("ListInstanceProfilesForRole", &both[1..]).await;
    assert_eq!(texts(&of_role, "InstanceProfileName"), ["p"]);
    assert_eq!(texts(&cloud.call("ListInstanceProfiles", &[]).await, "InstanceProfileName"), ["p"]);
    let conflict = "Cannot delete entity, must remove roles from instance profile first.";
    assert_eq!(cloud.fail("DeleteRole", &both[1..]).await.1, conflict);
    assert_eq!(cloud.fail("DeleteInstanceProfile", &both[..1]).await.1, conflict);
    cloud.call("RemoveRoleFromInstanceProfile", &both).await;
    cloud.call("DeleteInstanceProfile", &both[..1]).await;
    cloud.call("DeleteRole", &both[1..]).await;
    assert_eq!(cloud.fail("GetInstanceProfile", &both[..1]).await.0, "NoSuchEntity");
}
