"""The process that makes sandboxes may die: what ran in them is lost, and nothing else."""

import json
import os
import pathlib
import signal
import threading
import time

import pytest
from botocore.exceptions import ClientError

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
HANDLER = """
import time
def handler(event, context):
    time.sleep(event)
    return "slept"
"""


def spawner_of(pid):
    """The child of this server that runs as the spawner."""
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            parent = int((process / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if parent == pid and b"__spawner" in (process / "cmdline").read_bytes():
                return int(process.name)
        except (OSError, ValueError):
            # It ended while we looked.
            continue
    return None


@pytest.fixture
def sleeper(own_cloud, package, python_runtime):
    cloud = own_cloud("--ephemeral")
    role = cloud.client("iam").create_role(RoleName="function", AssumeRolePolicyDocument=json.dumps(TRUST))
    client = cloud.client("lambda")
    client.create_function(
        FunctionName="sleeper",
        Runtime=python_runtime,
        Role=role["Role"]["Arn"],
        Handler="index.handler",
        Code={"ZipFile": package({"index.py": HANDLER})},
        Timeout=30,
    )
    client.get_waiter("function_active_v2").wait(
        FunctionName="sleeper", WaiterConfig={"Delay": 0.1, "MaxAttempts": 100}
    )
    return cloud


def test_another_spawner_takes_its_place(sleeper, eventually):
    client = sleeper.client("lambda")
    for _ in range(3):
        first = eventually(lambda: spawner_of(sleeper.pid))
        lost = []

        def sleep():
            try:
                lost.append(sleeper.client("lambda").invoke(FunctionName="sleeper", Payload="20").get("FunctionError"))
            except ClientError as error:
                lost.append(error.response["Error"]["Code"])

        running = threading.Thread(target=sleep)
        running.start()
        # Long enough that it runs on any machine; were it not running yet, it would be lost all the same or succeed.
        time.sleep(1)
        os.kill(first, signal.SIGKILL)

        def works():
            try:
                return json.load(client.invoke(FunctionName="sleeper", Payload="0")["Payload"]) == "slept"
            except ClientError:
                # It met what was about to die.
                return False

        eventually(works)
        running.join(timeout=30)
        assert lost in (["Unhandled"], ["ServiceException"]), lost
        assert spawner_of(sleeper.pid) not in (None, first)
