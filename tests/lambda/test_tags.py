"""TagResource, UntagResource, ListTags."""

import pytest


@pytest.fixture
def arn(account, create):
    return f"arn:aws:lambda:us-east-1:{account.id}:function:{create()}"


def test_life(lambda_, arn):
    assert lambda_.list_tags(Resource=arn)["Tags"] == {}
    answer = lambda_.tag_resource(Resource=arn, Tags={"A": "a", "B": "b"})
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    lambda_.tag_resource(Resource=arn, Tags={"B": "other"})
    assert lambda_.list_tags(Resource=arn)["Tags"] == {"A": "a", "B": "other"}
    lambda_.untag_resource(Resource=arn, TagKeys=["A", "missing"])
    assert lambda_.list_tags(Resource=arn)["Tags"] == {"B": "other"}


def test_cli(account, arn):
    account.aws("lambda", "tag-resource", "--resource", arn, "--tags", "a=b")
    assert account.aws("lambda", "list-tags", "--resource", arn)["Tags"] == {"a": "b"}
    account.aws("lambda", "untag-resource", "--resource", arn, "--tag-keys", "a")
    assert account.aws("lambda", "list-tags", "--resource", arn)["Tags"] == {}


def test_bad_input(lambda_, arn, fails):
    tag = lambda_.tag_resource
    message = fails("InvalidParameterValueException", tag, Resource=arn, Tags={})
    assert message == "An error occurred and the request cannot be processed."
    message = fails("InvalidParameterValueException", tag, Resource=arn + ":1", Tags={"a": "b"})
    assert message.startswith("Tags on function aliases and versions are not supported.")
    fails("ResourceNotFoundException", tag, Resource=arn + "x", Tags={"a": "b"})
    fails("ValidationException", tag, Resource="arn:aws:something", Tags={"a": "b"})
    message = fails("InvalidParameterValueException", tag, Resource=arn, Tags={f"k{i}": "" for i in range(51)})
    assert message == "Number of tags exceeds resource tag limit."
    fails("InvalidParameterValueException", tag, Resource=arn, Tags={"aws:k": "v"})
    pattern = r"Member must satisfy regular expression pattern: ^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$"
    message = fails("ValidationException", tag, Resource=arn, Tags={"Owner": "a,b"})
    assert message == (
        "1 validation error detected: Value '{Owner=a,b}' at 'tags' failed to satisfy constraint: Map value must "
        "satisfy constraint: [Member must have length less than or equal to 256, Member must have length greater than "
        f"or equal to 0, {pattern}, Member must not be null]"
    )
    message = fails("ValidationException", tag, Resource=arn, Tags={"a!*?": "b"})
    assert message == (
        "1 validation error detected: Value '{a!*?=b}' at 'tags' failed to satisfy constraint: Map keys must satisfy "
        "constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal "
        f"to 1, {pattern}]"
    )
    for tags in [{"": "v"}, {"k" * 129: "v"}, {"k": "v" * 257}]:
        fails("ValidationException", tag, Resource=arn, Tags=tags)
    assert lambda_.list_tags(Resource=arn)["Tags"] == {}
    tag(Resource=arn, Tags={"k" * 128: "v" * 256, "Straße_.:/=+-@ 1": "ü"})
    fails("ResourceNotFoundException", lambda_.list_tags, Resource=arn + "x")
    fails("ResourceNotFoundException", lambda_.untag_resource, Resource=arn + "x", TagKeys=["a"])


def test_another_account_by_the_functions_policy(cloud, lambda_, arn, fails):
    other = cloud.client("lambda", access_key_id="210987654321")
    fails("AccessDeniedException", other.tag_resource, Resource=arn, Tags={"a": "b"})
    lambda_.add_permission(
        FunctionName=arn, StatementId="s", Action="lambda:*", Principal="210987654321"
    )
    other.tag_resource(Resource=arn, Tags={"a": "b"})
    assert other.list_tags(Resource=arn)["Tags"] == {"a": "b"}
    other.untag_resource(Resource=arn, TagKeys=["a"])
    assert lambda_.list_tags(Resource=arn)["Tags"] == {}


def test_denied(nobody, arn, denied):
    denied("lambda:TagResource", nobody.tag_resource, Resource=arn, Tags={"a": "b"})
    denied("lambda:UntagResource", nobody.untag_resource, Resource=arn, TagKeys=["a"])
    denied("lambda:ListTags", nobody.list_tags, Resource=arn)
