"""Provisioned concurrency: environments that are initialized before the first event."""

import json

import pytest

HANDLER = """
import os, time
STARTED = time.time()

def handler(event, context):
    return {"type": os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"], "started": STARTED}
"""
BROKEN = "raise RuntimeError('on purpose')\n"


@pytest.fixture
def live(lambda_, create):
    """A function with version 1 and an alias `live` of it."""

    def make(source=HANDLER, **parameters):
        name = create(source, Publish=True, **parameters)
        lambda_.get_waiter("published_version_active").wait(
            FunctionName=name, Qualifier="1", WaiterConfig={"Delay": 0.1}
        )
        lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
        return name

    return make


@pytest.fixture
def settled(lambda_, eventually):
    """The configuration once it is no longer in progress."""

    def wait(name, qualifier="live"):
        def done():
            shown = lambda_.get_provisioned_concurrency_config(FunctionName=name, Qualifier=qualifier)
            return shown["Status"] != "IN_PROGRESS" and shown

        return eventually(done)

    return wait


def invoke(lambda_, name, qualifier="live"):
    return json.load(lambda_.invoke(FunctionName=name, Qualifier=qualifier)["Payload"])


def test_put_get_list_delete(lambda_, live, settled, account, eventually):
    name = live()
    put = lambda_.put_provisioned_concurrency_config(
        FunctionName=name, Qualifier="live", ProvisionedConcurrentExecutions=2
    )
    assert put["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert put["Status"] == "IN_PROGRESS"
    shown = settled(name)
    assert (shown["Status"], shown["AllocatedProvisionedConcurrentExecutions"]) == ("READY", 2)
    assert shown["AvailableProvisionedConcurrentExecutions"] == 2
    listed = lambda_.list_provisioned_concurrency_configs(FunctionName=name)["ProvisionedConcurrencyConfigs"]
    assert [one["FunctionArn"].rsplit(":", 1)[1] for one in listed] == ["live"]
    first = invoke(lambda_, name)
    assert first["type"] == "provisioned-concurrency"
    limit = lambda_.get_account_settings()["AccountLimit"]
    assert limit["UnreservedConcurrentExecutions"] == limit["ConcurrentExecutions"] - 2
    lambda_.delete_provisioned_concurrency_config(FunctionName=name, Qualifier="live")
    assert eventually(lambda: invoke(lambda_, name)["type"] == "on-demand")


def test_version(lambda_, live, settled):
    name = live()
    lambda_.put_provisioned_concurrency_config(FunctionName=name, Qualifier="1", ProvisionedConcurrentExecutions=1)
    assert settled(name, "1")["Status"] == "READY"
    assert invoke(lambda_, name, "1")["type"] == "provisioned-concurrency"


def test_init_failure(lambda_, live, settled):
    name = live(BROKEN)
    lambda_.put_provisioned_concurrency_config(FunctionName=name, Qualifier="live", ProvisionedConcurrentExecutions=1)
    shown = settled(name)
    assert (shown["Status"], shown["StatusReason"]) == ("FAILED", "FUNCTION_ERROR_INIT_FAILURE")


def test_more_than_the_host_holds(lambda_, live, settled):
    name = live(MemorySize=10240)
    lambda_.put_provisioned_concurrency_config(FunctionName=name, Qualifier="live", ProvisionedConcurrentExecutions=900)
    shown = settled(name)
    assert shown["Status"] == "FAILED"
    assert "MiB" in shown["StatusReason"]


def test_errors(lambda_, live, fails):
    name = live()
    put, get = lambda_.put_provisioned_concurrency_config, lambda_.get_provisioned_concurrency_config
    delete = lambda_.delete_provisioned_concurrency_config
    message = fails(
        "InvalidParameterValueException", put,
        FunctionName=name, Qualifier="$LATEST", ProvisionedConcurrentExecutions=1,
    )
    assert message == "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
    for call in get, delete:
        message = fails("InvalidParameterValueException", call, FunctionName=name, Qualifier="$LATEST")
        assert message == "The function resource provided must be an alias or a published version."
        message = fails("ResourceNotFoundException", call, FunctionName=name, Qualifier="10")
        assert message.startswith("Function not found: ") and message.endswith(f":{name}:10")
        message = fails("ResourceNotFoundException", call, FunctionName=name, Qualifier="noalias")
        assert message.startswith("Cannot find alias arn: ")
    message = fails("ProvisionedConcurrencyConfigNotFoundException", get, FunctionName=name, Qualifier="live")
    assert message == "No Provisioned Concurrency Config found for this function"
    delete(FunctionName=name, Qualifier="live")
    fails("ResourceNotFoundException", lambda_.list_provisioned_concurrency_configs, FunctionName="absent")
    lambda_.update_alias(
        FunctionName=name, Name="live", RoutingConfig={"AdditionalVersionWeights": {}}
    )


def test_survives_kill(own_cloud, tmp_path, python_runtime, package, eventually):
    cloud = own_cloud("--data-dir", tmp_path / "data")
    iam, lambda_ = cloud.client("iam"), cloud.client("lambda")
    statement = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = iam.create_role(RoleName="f", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    lambda_.create_function(
        FunctionName="f", Runtime=python_runtime, Handler="index.handler", Role=role, Publish=True,
        Code={"ZipFile": package({"index.py": HANDLER})},
    )

    def ready():
        shown = cloud.client("lambda").get_provisioned_concurrency_config(FunctionName="f", Qualifier="1")
        return shown["Status"] == "READY" and shown["AllocatedProvisionedConcurrentExecutions"] == 2

    lambda_.put_provisioned_concurrency_config(FunctionName="f", Qualifier="1", ProvisionedConcurrentExecutions=2)
    eventually(ready)
    cloud.kill()
    cloud.start()
    eventually(ready)
    assert invoke(cloud.client("lambda"), "f", "1")["type"] == "provisioned-concurrency"


def test_denied(nobody, live, denied):
    name = live()
    denied(
        "lambda:PutProvisionedConcurrencyConfig", nobody.put_provisioned_concurrency_config,
        FunctionName=name, Qualifier="live", ProvisionedConcurrentExecutions=1,
    )
    denied(
        "lambda:GetProvisionedConcurrencyConfig", nobody.get_provisioned_concurrency_config,
        FunctionName=name, Qualifier="live",
    )
    denied(
        "lambda:DeleteProvisionedConcurrencyConfig", nobody.delete_provisioned_concurrency_config,
        FunctionName=name, Qualifier="live",
    )
    denied(
        "lambda:ListProvisionedConcurrencyConfigs", nobody.list_provisioned_concurrency_configs,
        FunctionName=name,
    )
