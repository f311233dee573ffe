"""Fixtures: durable functions with the official SDKs, and what tests ask about their executions."""

import io
import json
import subprocess
import zipfile
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
PYTHON_SDK = HERE / "python"
NODE_SDK = HERE / "node_modules"

MAY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["logs:*", "lambda:*"], "Resource": "*"}],
}


def tree(root, below=""):
    """The files of a directory, as `package` takes them."""
    files = {}
    for path in sorted(root.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".map":
            files[below + str(path.relative_to(root))] = path.read_bytes()
    return files


@pytest.fixture(scope="session")
def durable_package(package):
    if not (PYTHON_SDK / "aws_durable_execution_sdk_python").exists():
        pytest.skip("the durable execution SDK for Python is not installed: cargo xtask setup")
    version = subprocess.run(
        ["python3", "-c", "import sys; print(sys.version_info >= (3, 11))"], capture_output=True, text=True, check=True
    )
    if version.stdout.strip() != "True":
        pytest.skip("the durable execution SDK needs Python 3.11")
    return package({**tree(PYTHON_SDK), "index.py": (HERE / "functions.py").read_text()})


@pytest.fixture(scope="session")
def durable_node_package():
    if not (NODE_SDK / "@aws/durable-execution-sdk-js").exists():
        pytest.skip("the durable execution SDK for JavaScript is not installed: cargo xtask setup")
    files = {**tree(NODE_SDK, "node_modules/"), "index.mjs": (HERE / "functions.mjs").read_text()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            if name.endswith((".js", ".mjs", ".cjs", ".json")):
                archive.writestr(name, content)
    return out.getvalue()


@pytest.fixture
def durable_role(client, role):
    """A role that may all that Lambda has; tests of permissions take it away."""
    client("iam").put_role_policy(RoleName="function", PolicyName="logs", PolicyDocument=json.dumps(MAY))
    return role


@pytest.fixture
def durable(lambda_, durable_role, durable_package, python_runtime):
    """`durable("steps")`: a durable function with that handler; its name with a qualifier."""

    def make(handler, name=None, durable=True, **parameters):
        name = name or handler.replace("_", "-")
        config = {"ExecutionTimeout": 300, "RetentionPeriodInDays": 1}
        if durable:
            parameters["DurableConfig"] = {**config, **parameters.pop("DurableConfig", {})}
        lambda_.create_function(
            **{
                "FunctionName": name,
                "Runtime": python_runtime,
                "Handler": f"index.{handler}",
                "Role": durable_role,
                "Code": {"ZipFile": durable_package},
                "Timeout": 60,
                "MemorySize": 512,
                **parameters,
            }
        )
        lambda_.get_waiter("function_active_v2").wait(
            FunctionName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 200}
        )
        return f"{name}:$LATEST"

    return make


@pytest.fixture
def answer(lambda_):
    """`answer("steps:$LATEST", {…})`: invokes and waits; the result, which must not be an error."""

    def invoke(name, payload=None, **parameters):
        answered = lambda_.invoke(FunctionName=name, Payload=json.dumps(payload or {}), **parameters)
        text = answered["Payload"].read()
        assert "FunctionError" not in answered, text
        return json.loads(text)

    return invoke


@pytest.fixture
def begin(lambda_):
    """`begin("waits:$LATEST", {…})`: the ARN of an execution that nobody waits for."""

    def invoke(name, payload=None, **parameters):
        begun = lambda_.invoke(
            FunctionName=name, InvocationType="Event", Payload=json.dumps(payload or {}), **parameters
        )
        assert begun["StatusCode"] == 202
        return begun["DurableExecutionArn"]

    return invoke


@pytest.fixture
def ended(lambda_, eventually):
    """`ended(arn)`: the execution, once it has ended."""

    def wait(arn, timeout_s=30):
        def check():
            execution = lambda_.get_durable_execution(DurableExecutionArn=arn)
            return execution["Status"] != "RUNNING" and execution

        return eventually(check, timeout_s)

    return wait


@pytest.fixture
def history(lambda_):
    """`history(arn)`: all events."""

    def read(arn, **parameters):
        pages = lambda_.get_paginator("get_durable_execution_history").paginate(DurableExecutionArn=arn, **parameters)
        return [event for page in pages for event in page["Events"]]

    return read


@pytest.fixture
def open_callback(history, eventually):
    """`open_callback(arn)`: the id of its callback, once there is one."""

    def wait(arn):
        def check():
            for event in history(arn):
                if event["EventType"] == "CallbackStarted":
                    return event["CallbackStartedDetails"]["CallbackId"]

        return eventually(check)

    return wait


@pytest.fixture
def times(client, eventually):
    """`times("waits", "after", 1)`: waits until the log of the function says that often, and not more, that it ran."""

    def wait(function, what, count):
        logs, seen = client("logs"), 0

        def check():
            nonlocal seen
            try:
                found = logs.filter_log_events(logGroupName=f"/aws/lambda/{function}", filterPattern=f'"ran {what}."')
            except logs.exceptions.ResourceNotFoundException:
                return False
            seen = len(found["events"])
            return seen >= count

        eventually(check)
        assert seen == count

    return wait
