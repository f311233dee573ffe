"""UpdateFunctionCode."""

import json
import platform

import botocore.exceptions
import pytest

OTHER = {"index.py": "def handler(event, context):\n    return 'other'\n"}


def payload(answer):
    return json.loads(answer["Payload"].read())


def test_the_next_invocation_runs_the_new_code(lambda_, create, updated, package):
    name = create()
    assert payload(lambda_.invoke(FunctionName=name, Payload=b"1")) == 1
    answer = lambda_.update_function_code(FunctionName=name, ZipFile=package(OTHER))
    assert (answer["State"], answer["LastUpdateStatus"]) == ("Active", "InProgress")
    assert answer["LastUpdateStatusReasonCode"] == "Creating"
    updated(name)
    assert payload(lambda_.invoke(FunctionName=name)) == "other"


def test_dry_run_changes_nothing(lambda_, create, package):
    name = create()
    before = lambda_.get_function_configuration(FunctionName=name)
    lambda_.update_function_code(FunctionName=name, ZipFile=package(OTHER), DryRun=True)
    after = lambda_.get_function_configuration(FunctionName=name)
    assert after["RevisionId"] == before["RevisionId"]
    assert after["CodeSha256"] == before["CodeSha256"]
    other = "arm64" if before["Architectures"] == ["x86_64"] else "x86_64"
    shown = lambda_.update_function_code(
        FunctionName=name, ZipFile=package(OTHER), DryRun=True, Architectures=[other]
    )
    assert shown["Architectures"] == [other]
    assert lambda_.get_function_configuration(FunctionName=name)["Architectures"] == before["Architectures"]


def test_publish_with_the_cli(account, create, package, tmp_path):
    archive = tmp_path / "f.zip"
    archive.write_bytes(package(OTHER))
    answer = account.aws(
        "lambda", "update-function-code", "--function-name", create(), "--publish",
        "--zip-file", f"fileb://{archive}",
    )
    assert answer["Version"] == "1"


def test_bad_input(lambda_, create, package, fails):
    name = create()
    call = lambda_.update_function_code
    fails("InvalidParameterValueException", call, FunctionName=name, ZipFile=b"no zip")
    fails("InvalidParameterValueException", call, FunctionName=name)
    fails("ResourceNotFoundException", call, FunctionName="missing", ZipFile=package(OTHER))
    message = fails("InvalidParameterValueException", call, FunctionName=name, ImageUri="image")
    assert message == "Please don't provide ImageUri when updating a function with packageType Zip."
    fails("ResourceNotFoundException", call, FunctionName="missing", ImageUri="image")
    key = "arn:aws:kms:us-east-1:000000000000:key/k"
    message = fails("InvalidParameterValueException", call, FunctionName=name, ZipFile=package(OTHER), SourceKMSKeyArn=key)
    assert message.startswith("Lambda was unable to configure access to your deployment package because ")
    message = fails(
        "PreconditionFailedException", call, FunctionName=name, ZipFile=package(OTHER), RevisionId="wrong"
    )
    assert message.startswith("The Revision Id provided does not match the latest Revision Id.")


def test_denied(nobody, create, package, denied):
    denied(
        "lambda:UpdateFunctionCode", nobody.update_function_code,
        FunctionName=create(), ZipFile=package(OTHER),
    )


def test_a_failed_update_leaves_what_ran_before(lambda_, create, updated, package, fails):
    """Method: code for the other kind of processor, which cannot run here."""
    name = create("def handler(event, context):\n    return 'old'\n")
    ours = lambda_.get_function_configuration(FunctionName=name)["Architectures"]
    here = "arm64" if platform.machine() == "aarch64" else "x86_64"
    assert ours == [here]
    other = {"x86_64": "arm64", "arm64": "x86_64"}[here]
    archive = package({"index.py": "def handler(event, context):\n    return 'new'\n"})
    update = lambda_.update_function_code
    update(FunctionName=name, ZipFile=archive, Architectures=[other])
    with pytest.raises(botocore.exceptions.WaiterError):
        updated(name)
    shown = lambda_.get_function_configuration(FunctionName=name)
    assert (shown["State"], shown["LastUpdateStatus"]) == ("Active", "Failed")
    assert f"not {other}" in shown["LastUpdateStatusReason"]
    assert lambda_.invoke(FunctionName=name)["Payload"].read() == b'"old"'
    fails("ResourceConflictException", lambda_.publish_version, FunctionName=name)
    update(FunctionName=name, ZipFile=archive, Architectures=[here])
    updated(name)
    assert lambda_.invoke(FunctionName=name)["Payload"].read() == b'"new"'
