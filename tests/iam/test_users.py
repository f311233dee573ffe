"""Users, their access keys and tags."""

import pytest


def test_create_get_list_update_delete(client, account, refused):
    iam = client("iam")
    created = iam.create_user(UserName="ann", Path="/team/", Tags=[{"Key": "k", "Value": "v"}])["User"]
    assert created["Arn"] == f"arn:aws:iam::{account.id}:user/team/ann"
    assert created["UserId"].startswith("AIDA")
    assert iam.get_user(UserName="ann")["User"] == created
    listed = iam.list_users(PathPrefix="/team/")["Users"]
    assert listed == [{k: v for k, v in created.items() if k != "Tags"}]
    iam.update_user(UserName="ann", NewUserName="bea", NewPath="/")
    assert iam.get_user(UserName="bea")["User"]["UserId"] == created["UserId"]
    iam.get_waiter("user_exists").wait(UserName="bea")
    iam.delete_user(UserName="bea")
    for call, arguments in [
        (iam.get_user, {"UserName": "bea"}),
        (iam.update_user, {"UserName": "bea", "NewPath": "/x/"}),
        (iam.delete_user, {"UserName": "bea"}),
    ]:
        assert refused(call, **arguments) == ("NoSuchEntity", "The user with name bea cannot be found.", 404)


def test_names(client, refused):
    iam = client("iam")
    iam.create_user(UserName="Ann")
    taken = ("EntityAlreadyExists", "User with name ANN already exists.", 409)
    assert refused(iam.create_user, UserName="ANN") == taken
    code, message, status = refused(iam.create_user, UserName="a b")
    assert (code, status) == ("ValidationError", 400)
    assert "Member must satisfy regular expression pattern: [\\w+=,.@-]+" in message


def test_pages(client):
    iam = client("iam")
    for number in range(5):
        iam.create_user(UserName=f"user-{number}")
    pages = list(iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["Users"]) for page in pages] == [2, 2, 1]
    assert [user["UserName"] for page in pages for user in page["Users"]] == [f"user-{n}" for n in range(5)]


def test_access_keys(client, cloud, account, refused):
    iam = client("iam")
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    assert key["AccessKeyId"].startswith("AKIA") and len(key["AccessKeyId"]) == 20
    assert len(key["SecretAccessKey"]) == 40
    sts = cloud.client("sts", access_key_id=key["AccessKeyId"], secret=key["SecretAccessKey"])
    assert sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{account.id}:user/ann"
    assert client("sts").get_access_key_info(AccessKeyId=key["AccessKeyId"])["Account"] == account.id

    iam.create_access_key(UserName="ann")
    too_many = ("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2", 409)
    assert refused(iam.create_access_key, UserName="ann") == too_many
    assert len(iam.list_access_keys(UserName="ann")["AccessKeyMetadata"]) == 2

    iam.update_access_key(UserName="ann", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert refused(sts.get_caller_identity)[0] == "InvalidClientTokenId"
    iam.update_access_key(UserName="ann", AccessKeyId=key["AccessKeyId"], Status="Active")
    sts.get_caller_identity()
    conflict = ("DeleteConflict", "Cannot delete entity, must delete access keys first.", 409)
    assert refused(iam.delete_user, UserName="ann") == conflict
    iam.delete_access_key(UserName="ann", AccessKeyId=key["AccessKeyId"])
    assert refused(sts.get_caller_identity)[0] == "InvalidClientTokenId"
    missing = f"The Access Key with id {key['AccessKeyId']} cannot be found."
    arguments = {"UserName": "ann", "AccessKeyId": key["AccessKeyId"]}
    assert refused(iam.delete_access_key, **arguments)[:2] == ("NoSuchEntity", missing)


def test_access_key_last_used(client, user, document):
    iam = client("iam")
    ann = user("ann", document("Allow", "iam:ListRoles", "*"))
    key = iam.list_access_keys(UserName="ann")["AccessKeyMetadata"][0]["AccessKeyId"]
    last = iam.get_access_key_last_used(AccessKeyId=key)
    assert last["AccessKeyLastUsed"] == {"ServiceName": "N/A", "Region": "N/A"}
    ann("iam").list_roles()
    last = iam.get_access_key_last_used(AccessKeyId=key)
    assert last["UserName"] == "ann"
    assert last["AccessKeyLastUsed"]["ServiceName"] == "iam"
    assert last["AccessKeyLastUsed"]["Region"] == "us-east-1"


def test_tags(client, refused):
    iam = client("iam")
    iam.create_user(UserName="ann")
    iam.tag_user(UserName="ann", Tags=[{"Key": "Team", "Value": "red"}])
    iam.tag_user(UserName="ann", Tags=[{"Key": "team", "Value": "blue"}])
    assert iam.list_user_tags(UserName="ann")["Tags"] == [{"Key": "team", "Value": "blue"}]
    twice = [{"Key": "a", "Value": ""}, {"Key": "A", "Value": ""}]
    assert refused(iam.tag_user, UserName="ann", Tags=twice)[0] == "InvalidInput"
    iam.untag_user(UserName="ann", TagKeys=["TEAM"])
    assert iam.list_user_tags(UserName="ann")["Tags"] == []
    many = [{"Key": str(n), "Value": ""} for n in range(50)]
    iam.tag_user(UserName="ann", Tags=many)
    assert refused(iam.tag_user, UserName="ann", Tags=[{"Key": "x", "Value": ""}])[0] == "LimitExceeded"


def test_the_caller_is_meant_where_no_name_is_given(client, account, user, document, refused):
    root = client("iam").get_user()["User"]
    assert root["Arn"] == f"arn:aws:iam::{account.id}:root"
    ann = user("ann", document("Allow", "iam:*", "*"))("iam")
    assert ann.get_user()["User"]["UserName"] == "ann"
    assert ann.create_access_key()["AccessKey"]["UserName"] == "ann"
    missing = ("ValidationError", "Must specify userName when calling with non-User credentials", 400)
    assert refused(client("iam").list_access_keys) == missing


def test_aws_cli(account):
    created = account.aws("iam", "create-user", "--user-name", "ann")
    assert created["User"]["UserName"] == "ann"
    key = account.aws("iam", "create-access-key", "--user-name", "ann")
    assert key["AccessKey"]["Status"] == "Active"
    assert account.aws("iam", "list-users")["Users"][0]["UserName"] == "ann"
    ended = account.aws("iam", "get-user", "--user-name", "bob", check=False)
    assert ended.returncode != 0
    assert "An error occurred (NoSuchEntity) when calling the GetUser operation" in ended.stderr


@pytest.mark.parametrize("name", ["x" * 65, ""])
def test_lengths(account, name):
    assert account.aws("iam", "create-user", "--user-name", name, check=False).returncode != 0
