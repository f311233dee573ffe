"""The operations on layers, and functions that use them."""

import base64
import hashlib
import json
import random
import urllib.request

import pytest

READ = {
    "StatementId": "s", "Action": "lambda:GetLayerVersion", "Principal": "*",
}


@pytest.fixture
def publish(lambda_, package):
    """`publish("name", {"python/x.py": text})` answers as PublishLayerVersion does."""

    def publish(name, files=None, client=lambda_, **parameters):
        content = {"ZipFile": package(files or {"python/x.py": "x = 1\n"})}
        return client.publish_layer_version(LayerName=name, Content=content, **parameters)

    return publish


def invoke(lambda_, name, payload=None):
    answer = lambda_.invoke(FunctionName=name, Payload=json.dumps(payload))
    body = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, body
    return body


def test_life(lambda_, package, account, publish):
    archive = package({"python/x.py": "x = 1\n"})
    published = lambda_.publish_layer_version(
        LayerName="numbers", Content={"ZipFile": archive}, Description="first", LicenseInfo="MIT",
        CompatibleRuntimes=["python3.12"], CompatibleArchitectures=["x86_64"],
    )
    arn = f"arn:aws:lambda:us-east-1:{account.id}:layer:numbers"
    assert published["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert (published["LayerArn"], published["LayerVersionArn"]) == (arn, arn + ":1")
    assert published["Version"] == 1
    assert published["Content"]["CodeSize"] == len(archive)
    digest = base64.b64encode(hashlib.sha256(archive).digest()).decode()
    assert published["Content"]["CodeSha256"] == digest
    got = lambda_.get_layer_version(LayerName="numbers", VersionNumber=1)
    assert urllib.request.urlopen(got["Content"]["Location"]).read() == archive
    assert (got["Description"], got["LicenseInfo"]) == ("first", "MIT")
    by_arn = lambda_.get_layer_version_by_arn(Arn=arn + ":1")
    assert by_arn["CompatibleRuntimes"] == ["python3.12"]
    assert lambda_.get_layer_version(LayerName=arn, VersionNumber=1)["Version"] == 1
    assert publish("numbers")["Version"] == 2
    listed = lambda_.list_layer_versions(LayerName="numbers")["LayerVersions"]
    assert [one["Version"] for one in listed] == [2, 1]
    lambda_.delete_layer_version(LayerName="numbers", VersionNumber=2)
    # Numbers are not used twice.
    assert publish("numbers")["Version"] == 3
    for version in (1, 3):
        lambda_.delete_layer_version(LayerName="numbers", VersionNumber=version)
    assert lambda_.list_layers()["Layers"] == []
    assert lambda_.list_layer_versions(LayerName="numbers")["LayerVersions"] == []


def test_lists_and_filters(lambda_, publish):
    publish("a", CompatibleRuntimes=["python3.12"], CompatibleArchitectures=["x86_64"])
    publish("a", CompatibleRuntimes=["nodejs22.x"], CompatibleArchitectures=["arm64"])
    publish("b")
    publish("c", CompatibleRuntimes=["python3.12", "python3.13"])
    names = lambda **parameters: [
        (one["LayerName"], one["LatestMatchingVersion"]["Version"])
        for one in lambda_.list_layers(**parameters)["Layers"]
    ]
    assert names() == [("a", 2), ("b", 1), ("c", 1)]
    assert names(CompatibleRuntime="python3.12") == [("a", 1), ("c", 1)]
    assert names(CompatibleRuntime="nodejs22.x", CompatibleArchitecture="arm64") == [("a", 2)]
    assert names(CompatibleRuntime="nodejs22.x", CompatibleArchitecture="x86_64") == []
    listed = lambda_.list_layer_versions(LayerName="a", CompatibleRuntime="python3.12")
    assert [one["Version"] for one in listed["LayerVersions"]] == [1]
    pages = lambda_.get_paginator("list_layers").paginate(PaginationConfig={"PageSize": 2})
    assert [[one["LayerName"] for one in page["Layers"]] for page in pages] == [["a", "b"], ["c"]]
    pages = lambda_.get_paginator("list_layer_versions").paginate(
        LayerName="a", PaginationConfig={"PageSize": 1}
    )
    assert [[one["Version"] for one in page["LayerVersions"]] for page in pages] == [[2], [1]]


def test_python_imports_and_files_lie_over_each_other(lambda_, create, publish, updated):
    low = publish("low", {
        "python/greeting.py": "WORD = 'low'\n", "python/only_low.py": "HERE = True\n", "data/which": "low",
    })["LayerVersionArn"]
    high = publish("high", {
        "python/greeting.py": "WORD = 'high'\n",
        "data/which": "high",
        "bin/told": ("#!/bin/sh\necho told by a layer\n", 0o755),
    })["LayerVersionArn"]
    name = create(
        "import greeting, only_low, subprocess\n"
        "def handler(event, context):\n"
        "    told = subprocess.run(['told'], capture_output=True, text=True).stdout\n"
        "    return [greeting.WORD, only_low.HERE, open('/opt/data/which').read(), told]\n",
        Layers=[low, high],
    )
    shown = lambda_.get_function_configuration(FunctionName=name)
    assert [one["Arn"] for one in shown["Layers"]] == [low, high]
    assert all(one["CodeSize"] > 0 for one in shown["Layers"])
    assert invoke(lambda_, name) == ["high", True, "high", "told by a layer\n"]
    lambda_.update_function_configuration(FunctionName=name, Layers=[high, low])
    updated(name)
    assert invoke(lambda_, name) == ["low", True, "low", "told by a layer\n"]


def test_node_finds_modules(lambda_, create, publish, node_runtime):
    layer = publish("modules", {
        "nodejs/node_modules/greeting/index.js": "module.exports = 'from a layer';\n",
    })["LayerVersionArn"]
    source = "const word = require('greeting');\nexports.handler = async () => word;\n"
    name = create({"index.js": source}, Runtime=node_runtime, Layers=[layer])
    assert invoke(lambda_, name) == "from a layer"


def test_a_deleted_version_stays_with_the_functions_that_have_it(lambda_, create, publish, updated, fails):
    layer = publish("gone", {"python/word.py": "WORD = 'still here'\n"})["LayerVersionArn"]
    source = "import word\ndef handler(event, context):\n    return word.WORD\n"
    name = create(source, Layers=[layer])
    lambda_.delete_layer_version(LayerName="gone", VersionNumber=1)
    missing = fails(
        "ResourceNotFoundException", lambda_.get_layer_version, LayerName="gone", VersionNumber=1
    )
    assert missing == "The resource you requested does not exist."
    assert invoke(lambda_, name) == "still here"
    # Also in new environments, and in versions that are published now.
    lambda_.update_function_configuration(FunctionName=name, Description="again")
    updated(name)
    assert invoke(lambda_, name) == "still here"
    version = lambda_.publish_version(FunctionName=name)["Version"]
    assert invoke(lambda_, f"{name}:{version}") == "still here"
    message = fails(
        "InvalidParameterValueException",
        lambda_.update_function_configuration, FunctionName=name, Layers=[layer],
    )
    assert message == f"Layer version {layer} does not exist."
    lambda_.update_function_configuration(FunctionName=name, Layers=[])
    updated(name)
    assert "Layers" not in lambda_.get_function_configuration(FunctionName=name)


def test_another_account_needs_the_permission(cloud, lambda_, create, publish, fails):
    other_id = f"{random.SystemRandom().randrange(10**11, 10**12)}"
    other = cloud.client("lambda", access_key_id=other_id)
    arn = publish("shared", {"python/word.py": "WORD = 'shared'\n"}, client=other)["LayerVersionArn"]
    source = "import word\ndef handler(event, context):\n    return word.WORD\n"
    message = fails("AccessDeniedException", lambda_.list_layer_versions, LayerName=arn[: -len(":1")])
    assert "is not authorized to perform: lambda:ListLayerVersions on resource: " + arn[: -len(":1")] in message
    denied = "is not authorized to perform: lambda:GetLayerVersion on resource: " + arn
    message = fails("AccessDeniedException", create, source=source, Layers=[arn])
    assert denied in message and "because no resource-based policy allows" in message
    assert denied in fails("AccessDeniedException", lambda_.get_layer_version_by_arn, Arn=arn)
    other.add_layer_version_permission(LayerName="shared", VersionNumber=1, **READ)
    assert lambda_.get_layer_version_by_arn(Arn=arn)["Version"] == 1
    name = create(source, Layers=[arn])
    assert invoke(lambda_, name) == "shared"
    other.remove_layer_version_permission(LayerName="shared", VersionNumber=1, StatementId="s")
    fails("AccessDeniedException", lambda_.get_layer_version_by_arn, Arn=arn)
    assert invoke(lambda_, name) == "shared"


def test_layers_are_of_one_region(lambda_, client, account, publish, package, create, fails):
    west = client("lambda", region="us-west-2")
    arn = publish("here", client=west)["LayerArn"]
    assert arn == f"arn:aws:lambda:us-west-2:{account.id}:layer:here"
    cn = publish("here")["LayerArn"].replace("arn:aws:", "arn:aws-cn:")
    for other in (arn, cn):
        version = {"LayerName": other, "VersionNumber": 1}
        content = {"ZipFile": package({"x": "1"})}
        for call, parameters in [
            (lambda_.publish_layer_version, {"LayerName": other, "Content": content}),
            (lambda_.list_layer_versions, {"LayerName": other}),
            (lambda_.get_layer_version, version),
            (lambda_.get_layer_version_by_arn, {"Arn": f"{other}:1"}),
            (lambda_.get_layer_version_policy, version),
            (lambda_.add_layer_version_permission, {**version, **READ}),
            (lambda_.remove_layer_version_permission, {**version, "StatementId": "s"}),
            (lambda_.delete_layer_version, version),
        ]:
            message = fails("ResourceNotFoundException", call, **parameters)
            assert message == "The resource you requested does not exist."
    assert west.list_layer_versions(LayerName=arn)["LayerVersions"][0]["Version"] == 1
    message = fails("InvalidParameterValueException", create, Layers=[f"{arn}:1"])
    assert message.endswith("Layers are expected to be in region us-east-1.")
    fails("InvalidParameterValueException", create, Layers=[f"{cn}:1"])


def test_permissions(lambda_, account, publish, fails):
    publish("numbers")
    version = {"LayerName": "numbers", "VersionNumber": 1}
    missing = fails("ResourceNotFoundException", lambda_.get_layer_version_policy, **version)
    assert missing == "No policy is associated with the given resource."
    permission = {**READ, "Principal": "210987654321"}
    added = lambda_.add_layer_version_permission(**version, **permission)
    statement = json.loads(added["Statement"])
    assert statement == {
        "Sid": "s",
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
        "Action": "lambda:GetLayerVersion",
        "Resource": f"arn:aws:lambda:us-east-1:{account.id}:layer:numbers:1",
    }
    org = {**READ, "StatementId": "org", "OrganizationId": "o-a1b2c3d4e5", "RevisionId": added["RevisionId"]}
    condition = json.loads(lambda_.add_layer_version_permission(**version, **org)["Statement"])["Condition"]
    assert condition == {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    again = fails("ResourceConflictException", lambda_.add_layer_version_permission, **version, **READ)
    assert "The statement id (s) provided already exists" in again
    stale = {**READ, "StatementId": "t", "RevisionId": added["RevisionId"]}
    message = fails("PreconditionFailedException", lambda_.add_layer_version_permission, **version, **stale)
    assert "Call the GetLayerPolicy API" in message
    got = lambda_.get_layer_version_policy(**version)
    assert [one["Sid"] for one in json.loads(got["Policy"])["Statement"]] == ["s", "org"]
    lambda_.remove_layer_version_permission(**version, StatementId="s", RevisionId=got["RevisionId"])
    fails("ResourceNotFoundException", lambda_.remove_layer_version_permission, **version, StatementId="s")
    gone = {"LayerName": "numbers", "VersionNumber": 9}
    message = fails("ResourceNotFoundException", lambda_.add_layer_version_permission, **gone, **READ)
    assert message.startswith("Layer version arn:") and message.endswith(":9 does not exist.")
    other = {**READ, "StatementId": "u", "Action": "lambda:ListLayers"}
    fails("ValidationException", lambda_.add_layer_version_permission, **version, **other)


def test_bad_input(lambda_, create, publish, fails, package):
    content = {"ZipFile": package({"x": "1"})}
    broken = {"LayerName": "x", "Content": {"ZipFile": b"no archive"}}
    fails("InvalidParameterValueException", lambda_.publish_layer_version, **broken)
    fails("InvalidParameterValueException", lambda_.publish_layer_version, LayerName="x", Content={})
    fails("ValidationException", lambda_.publish_layer_version, LayerName="a b", Content=content)
    s3 = {"S3Bucket": "bucket", "S3Key": "key"}
    fails("InvalidParameterValueException", lambda_.publish_layer_version, LayerName="x", Content=s3)
    assert lambda_.list_layers()["Layers"] == []
    fails("InvalidParameterValueException", lambda_.get_layer_version, LayerName="x", VersionNumber=0)
    ours = publish("x")["LayerVersionArn"]
    fails("InvalidParameterValueException", create, Layers=[f"{ours[:-1]}7"])
    fails("ValidationException", create, Layers=[ours[:-2]])
    six = [publish(f"l{number}")["LayerVersionArn"] for number in range(6)]
    assert fails("InvalidParameterValueException", create, Layers=six) == "Cannot reference more than 5 layers."
    assert create(Layers=six[:5])


def test_package_and_layers_together_are_not_too_large(lambda_, create, publish, package, fails):
    # Zeros pack well: 100 MiB each, unpacked.
    large = "\0" * (100 << 20)
    one = publish("one", {"zeros": large})["LayerVersionArn"]
    two = publish("two", {"zeros": large})["LayerVersionArn"]
    name = create(Layers=[one, two])
    archive = package({"index.py": "", "zeros": large})
    message = fails("InvalidParameterValueException", lambda_.update_function_code, FunctionName=name, ZipFile=archive)
    assert message.startswith(
        "Function code combined with layers exceeds the maximum allowed size of 262144000 bytes. The actual size is "
    )
    third = publish("three", {"zeros": large})["LayerVersionArn"]
    update = lambda_.update_function_configuration
    message = fails("InvalidParameterValueException", update, FunctionName=name, Layers=[one, two, third])
    size = 3 * (100 << 20) + len("def handler(event, context):\n    return event\n")
    assert message.endswith(f"The actual size is {size} bytes.")


def test_cli(account, tmp_path, package):
    archive = tmp_path / "layer.zip"
    archive.write_bytes(package({"python/x.py": "x = 1\n"}))
    published = account.aws(
        "lambda", "publish-layer-version", "--layer-name", "numbers", "--zip-file", f"fileb://{archive}",
        "--compatible-runtimes", "python3.12",
    )
    assert published["Version"] == 1
    listed = account.aws("lambda", "list-layers", "--compatible-runtime", "python3.12")
    assert listed["Layers"][0]["LayerName"] == "numbers"


def test_denied(nobody, publish, create, user, denied, fails):
    arn = publish("numbers")["LayerVersionArn"]
    version = {"LayerName": "numbers", "VersionNumber": 1}
    content = {"ZipFile": b"x"}
    denied("lambda:PublishLayerVersion", nobody.publish_layer_version, LayerName="x", Content=content)
    denied("lambda:GetLayerVersion", nobody.get_layer_version, **version)
    denied("lambda:GetLayerVersion", nobody.get_layer_version_by_arn, Arn=arn)
    denied("lambda:ListLayers", nobody.list_layers)
    denied("lambda:ListLayerVersions", nobody.list_layer_versions, LayerName="numbers")
    denied("lambda:DeleteLayerVersion", nobody.delete_layer_version, **version)
    denied("lambda:GetLayerVersionPolicy", nobody.get_layer_version_policy, **version)
    denied("lambda:AddLayerVersionPermission", nobody.add_layer_version_permission, **version, **READ)
    remove = nobody.remove_layer_version_permission
    denied("lambda:RemoveLayerVersionPermission", remove, **version, StatementId="s")
    # Whoever changes a function must be allowed to read the layers that it gets.
    name = create()
    update = {"Action": "lambda:UpdateFunctionConfiguration"}
    updater = user(update)("lambda").update_function_configuration
    denied("lambda:GetLayerVersion", updater, FunctionName=name, Layers=[arn])
    only = {
        **update, "Condition": {"ForAllValues:StringLike": {"lambda:Layer": [arn[: -len(":1")] + ":*"]}}
    }
    updater = user(only, {"Action": "lambda:GetLayerVersion"})("lambda").update_function_configuration
    updater(FunctionName=name, Layers=[arn])
    other = publish("other")["LayerVersionArn"]
    denied("lambda:UpdateFunctionConfiguration", updater, FunctionName=name, Layers=[other])
