"""UpdateFunctionCode."""

import json

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
    message = fails(
        "PreconditionFailedException", call, FunctionName=name, ZipFile=package(OTHER), RevisionId="wrong"
    )
    assert message.startswith("The Revision Id provided does not match the latest Revision Id.")


def test_denied(nobody, create, package, denied):
    denied(
        "lambda:UpdateFunctionCode", nobody.update_function_code,
        FunctionName=create(), ZipFile=package(OTHER),
    )
