"""GetFunction."""

import urllib.error
import urllib.request

import pytest


def test_answer(lambda_, create):
    name = create(Tags={"a": "b"})
    lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=3)
    got = lambda_.get_function(FunctionName=name)
    assert got["Configuration"]["State"] == "Active"
    assert got["Configuration"]["LastUpdateStatus"] == "Successful"
    assert got["Code"]["RepositoryType"] == "S3"
    assert got["Tags"] == {"a": "b"}
    assert got["Concurrency"] == {"ReservedConcurrentExecutions": 3}


def test_tags_need_a_permission_of_their_own(user, create, account):
    name = create(Tags={"a": "b"})
    may_get, may_list = {"Action": "lambda:GetFunction"}, {"Action": "lambda:ListTags"}
    got = user(may_get)("lambda").get_function(FunctionName=name)
    assert "Tags" not in got
    resource = f"arn:aws:lambda:us-east-1:{account.id}:function:{name}"
    assert got["TagsError"]["ErrorCode"] == "AccessDeniedException"
    assert f"is not authorized to perform: lambda:ListTags on resource: {resource} because" in got["TagsError"]["Message"]
    got = user(may_get, may_list)("lambda").get_function(FunctionName=name)
    assert got["Tags"] == {"a": "b"} and "TagsError" not in got


def test_location_downloads_the_package(lambda_, role, package):
    archive = package({"index.py": "x = 1\n"})
    lambda_.create_function(
        FunctionName="f", Runtime="python3.12", Handler="index.h", Role=role, Code={"ZipFile": archive}
    )
    location = lambda_.get_function(FunctionName="f")["Code"]["Location"]
    with urllib.request.urlopen(location, timeout=10) as answer:
        assert answer.read() == archive
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(location[:-1] + ("a" if location[-1] != "a" else "b"), timeout=10)
    assert refused.value.code in (403, 404)


def test_cli_and_forms_of_the_name(account, create):
    name = create()
    arn = f"arn:aws:lambda:us-east-1:{account.id}:function:{name}"
    for form in [name, f"function:{name}", f"{account.id}:function:{name}", arn, f"{arn}:$LATEST"]:
        got = account.aws("lambda", "get-function", "--function-name", form)
        assert got["Configuration"]["FunctionName"] == name


def test_missing(lambda_, account, fails):
    message = fails("ResourceNotFoundException", lambda_.get_function, FunctionName="f", Qualifier="2")
    assert message == f"Function not found: arn:aws:lambda:us-east-1:{account.id}:function:f:2"


def test_bad_input(lambda_, account, fails):
    arn = f"arn:aws:lambda:us-east-1:{account.id}:function:f:1"
    message = fails("InvalidParameterValueException", lambda_.get_function, FunctionName=arn, Qualifier="2")
    assert message == "The derived qualifier from the function name does not match the specified qualifier."
    fails("ValidationException", lambda_.get_function, FunctionName="*")
    other = arn.replace("us-east-1", "eu-west-1")
    message = fails("ResourceNotFoundException", lambda_.get_function, FunctionName=other)
    assert message == "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')"
    other = arn.replace("arn:aws:", "arn:aws-cn:")
    message = fails("ResourceNotFoundException", lambda_.get_function, FunctionName=other)
    assert message == f"Function not found: {other}"


def test_other_account(lambda_, fails):
    arn = "arn:aws:lambda:us-east-1:000000000001:function:f"
    fails("AccessDeniedException", lambda_.get_function, FunctionName=arn)


def test_denied(nobody, create, denied):
    denied("lambda:GetFunction", nobody.get_function, FunctionName=create())
