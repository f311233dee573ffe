"""Groups and memberships."""


def test_life(client, account, refused):
    iam = client("iam")
    created = iam.create_group(GroupName="team", Path="/x/")["Group"]
    assert created["Arn"] == f"arn:aws:iam::{account.id}:group/x/team"
    assert created["GroupId"].startswith("AGPA")
    taken = ("EntityAlreadyExists", "Group with name Team already exists.", 409)
    assert refused(iam.create_group, GroupName="Team") == taken
    assert iam.list_groups()["Groups"] == [created]
    iam.create_user(UserName="ann")
    iam.add_user_to_group(GroupName="team", UserName="ann")
    assert [u["UserName"] for u in iam.get_group(GroupName="team")["Users"]] == ["ann"]
    assert iam.list_groups_for_user(UserName="ann")["Groups"] == [created]
    first = ("DeleteConflict", "Cannot delete entity, must remove users from group first.", 409)
    assert refused(iam.delete_group, GroupName="team") == first
    assert refused(iam.delete_user, UserName="ann") == first
    iam.update_group(GroupName="team", NewGroupName="crew")
    assert [g["GroupName"] for g in iam.list_groups_for_user(UserName="ann")["Groups"]] == ["crew"]
    iam.remove_user_from_group(GroupName="crew", UserName="ann")
    iam.delete_group(GroupName="crew")
    for call, arguments in [
        (iam.get_group, {}),
        (iam.update_group, {}),
        (iam.delete_group, {}),
        (iam.add_user_to_group, {"UserName": "ann"}),
        (iam.remove_user_from_group, {"UserName": "ann"}),
    ]:
        missing = ("NoSuchEntity", "The group with name crew cannot be found.", 404)
        assert refused(call, GroupName="crew", **arguments) == missing


def test_permissions_of_a_group_are_those_of_its_members(client, user, document, refused):
    iam = client("iam")
    ann = user("ann")("iam")
    iam.create_group(GroupName="readers")
    iam.put_group_policy(
        GroupName="readers", PolicyName="p", PolicyDocument=document("Allow", "iam:List*", "*")
    )
    assert refused(ann.list_users)[0] == "AccessDenied"
    iam.add_user_to_group(GroupName="readers", UserName="ann")
    ann.list_users()
    assert "iam%3AList" not in str(iam.get_group_policy(GroupName="readers", PolicyName="p"))
    assert iam.list_group_policies(GroupName="readers")["PolicyNames"] == ["p"]
    iam.delete_group_policy(GroupName="readers", PolicyName="p")
    assert refused(ann.list_users)[0] == "AccessDenied"
    iam.attach_group_policy(GroupName="readers", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    ann.list_users()
    attached = iam.list_attached_group_policies(GroupName="readers")["AttachedPolicies"]
    assert attached[0]["PolicyName"] == "IAMReadOnlyAccess"
    iam.detach_group_policy(GroupName="readers", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    assert refused(ann.list_users)[0] == "AccessDenied"
    missing = "The group policy with name p cannot be found."
    assert refused(iam.get_group_policy, GroupName="readers", PolicyName="p")[:2] == ("NoSuchEntity", missing)
