"""CreateFunction."""

import base64
import hashlib
import json

import pytest

SOURCE = {"index.py": "def handler(event, context):\n    return event\n"}


def parameters(role, package, **changes):
    return {
        "FunctionName": "f",
        "Runtime": "python3.12",
        "Handler": "index.handler",
        "Role": role,
        "Code": {"ZipFile": package(SOURCE)},
        **changes,
    }


def test_answer(lambda_, role, package, account, python_runtime):
    archive = package(SOURCE)
    changes = {"Code": {"ZipFile": archive}, "Runtime": python_runtime}
    made = lambda_.create_function(**parameters(role, package, **changes))
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert made["FunctionArn"] == f"arn:aws:lambda:us-east-1:{account.id}:function:f"
    assert made["CodeSha256"] == base64.b64encode(hashlib.sha256(archive).digest()).decode()
    assert made["CodeSize"] == len(archive)
    assert (made["State"], made["StateReasonCode"]) == ("Pending", "Creating")
    assert "LastUpdateStatus" not in made
    assert (made["MemorySize"], made["Timeout"]) == (128, 3)
    assert made["EphemeralStorage"] == {"Size": 512}
    assert made["Architectures"] == ["x86_64"]
    assert made["PackageType"] == "Zip"
    assert made["LoggingConfig"] == {"LogFormat": "Text", "LogGroup": "/aws/lambda/f"}
    assert made["Version"] == "$LATEST"
    lambda_.get_waiter("function_active_v2").wait(
        FunctionName="f", WaiterConfig={"Delay": 0.1, "MaxAttempts": 100}
    )


def test_cli(account, role, package, python_runtime, tmp_path):
    archive = tmp_path / "f.zip"
    archive.write_bytes(package(SOURCE))
    made = account.aws(
        "lambda", "create-function", "--function-name", "f", "--runtime", python_runtime,
        "--handler", "index.handler", "--role", role, "--zip-file", f"fileb://{archive}",
    )
    assert made["State"] == "Pending"
    account.aws("lambda", "wait", "function-active-v2", "--function-name", "f")


def test_exists(lambda_, create, role, package, fails):
    name = create()
    message = fails(
        "ResourceConflictException",
        lambda_.create_function,
        **parameters(role, package, FunctionName=name),
    )
    assert message == f"Function already exist: {name}"


@pytest.mark.parametrize(
    "changes, code, text",
    [
        ({"Code": {"ZipFile": b"no zip"}}, "InvalidParameterValueException",
         "Could not unzip uploaded file. Please check your file, then try to upload again."),
        ({"Code": {"ZipFile": b""}}, "InvalidParameterValueException", "non-empty zip"),
        ({"Code": {"ImageUri": "image"}}, "NotImplemented", "container image"),
        ({"Code": {"ZipFile": b"x", "S3ObjectVersion": "1"}}, "InvalidParameterValueException",
         "Please do not provide other FunctionCode parameters when providing a ZipFile."),
        ({"Code": {"ZipFile": b"x", "SourceKMSKeyArn": "arn:aws:kms:us-east-1:000000000000:key/k"}},
         "InvalidParameterValueException", "Lambda was unable to configure access to your deployment package because "),
        ({"Runtime": "go1.x"}, "InvalidParameterValueException",
         "The runtime parameter of go1.x is no longer supported"),
        ({"Runtime": "python9.9"}, "InvalidParameterValueException",
         "Value python9.9 at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: ["),
        ({"Role": "r1"}, "ValidationException", "Value 'r1' at 'role' failed to satisfy constraint"),
        ({"Timeout": 901}, "ValidationException", "less than or equal to 900"),
        ({"MemorySize": 10241}, "ValidationException", "less than or equal to 10240"),
        ({"EphemeralStorage": {"Size": 10241}}, "ValidationException", "less than or equal to 10240"),
        ({"FunctionName": "a" * 65}, "InvalidParameterValueException", "less than or equal to 64"),
        ({"FunctionName": "a/b"}, "ValidationException", "functionName"),
        ({"Environment": {"Variables": {"AWS_REGION": "x"}}}, "InvalidParameterValueException",
         "reserved keys that are currently not supported for modification"),
        ({"Environment": {"Variables": {"LARGE_VAR": "x" * 4096}}}, "InvalidParameterValueException",
         'exceeded the 4KB limit. String measured: {"LARGE_VAR":"xxx'),
        ({"Layers": ["arn:aws:lambda:us-east-1:000000000000:layer:l:1"]}, "AccessDeniedException",
         "because no resource-based policy allows the lambda:GetLayerVersion action"),
        ({"LoggingConfig": {"LogFormat": "Text", "SystemLogLevel": "INFO"}}, "InvalidParameterValueException",
         'LogLevel is not supported when LogFormat is set to "Text". Remove LogLevel from your request or change the '
         'LogFormat to "JSON" and try again.'),
        ({"DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:000000000000:q"}}, "NotImplemented",
         "Amazon SQS"),
    ],
)
def test_refused(lambda_, role, package, fails, changes, code, text):
    message = fails(code, lambda_.create_function, **parameters(role, package, **changes))
    assert text in message


def test_role_must_trust_lambda(lambda_, client, package, fails):
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    other = client("iam").create_role(RoleName="other", AssumeRolePolicyDocument=json.dumps(trust))
    text = "The role defined for the function cannot be assumed by Lambda."
    for role in [other["Role"]["Arn"], other["Role"]["Arn"] + "-missing"]:
        message = fails(
            "InvalidParameterValueException", lambda_.create_function, **parameters(role, package)
        )
        assert message == text


@pytest.mark.parametrize(
    "name, mode",
    [("../../escape.py", 0o644), ("/etc/escape.py", 0o644), ("device", 0o060666)],
)
def test_hostile_archives(lambda_, role, package, fails, name, mode):
    archive = package({**SOURCE, name: ("x", mode | 0o100000 if mode < 0o10000 else mode)})
    message = fails(
        "InvalidParameterValueException",
        lambda_.create_function,
        **parameters(role, package, Code={"ZipFile": archive}),
    )
    assert message.startswith("Could not unzip uploaded file.")


def test_link_out_of_the_package(lambda_, role, package, fails):
    archive = package({**SOURCE, "link": ("/etc/passwd", 0o120777)})
    fails(
        "InvalidParameterValueException",
        lambda_.create_function,
        **parameters(role, package, Code={"ZipFile": archive}),
    )


def test_bomb(lambda_, role, package, fails):
    archive = package({**SOURCE, "zeros": b"\0" * (262_144_000 + 1)})
    message = fails(
        "InvalidParameterValueException",
        lambda_.create_function,
        **parameters(role, package, Code={"ZipFile": archive}),
    )
    assert message == "Unzipped size must be smaller than 262144000 bytes"


def test_denied(nobody, role, package, denied):
    denied("lambda:CreateFunction", nobody.create_function, **parameters(role, package))


def test_the_caller_must_be_allowed_to_pass_the_role(user, role, package, denied):
    developer = user({"Action": "lambda:*"})("lambda")
    denied("iam:PassRole", developer.create_function, **parameters(role, package))
    trusted = user({"Action": ["lambda:*", "iam:PassRole"]})("lambda")
    assert trusted.create_function(**parameters(role, package))["State"] == "Pending"


def test_a_role_of_another_account(lambda_, create, role, package, python_runtime, fails):
    other = "arn:aws:iam::999999999999:role/function"
    message = fails(
        "AccessDeniedException", lambda_.create_function, FunctionName="f", Runtime=python_runtime, Role=other,
        Handler="index.handler", Code={"ZipFile": package({"index.py": ""})},
    )
    assert message == "Cross-account pass role is not allowed."
    update = lambda_.update_function_configuration
    assert fails("AccessDeniedException", update, FunctionName=create(), Role=other) == message
