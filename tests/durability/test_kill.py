"""Acknowledged changes survive `kill -9`, acknowledged events run at least once, and nothing is left behind.

A cloud on one data directory is killed again and again under a mixed load of creates, updates and asynchronous
invocations. Each function writes the event's id to its log; after the last restart every acknowledged id is there.
"""

import json
import os
import pathlib
import random
import threading
import time

import pytest
from botocore.exceptions import BotoCoreError, ClientError

# About a second each.
KILLS = int(os.environ.get("NUAGE_TEST_KILLS", "100"))
ROOT_GROUP = pathlib.Path("/sys/fs/cgroup")
HANDLER = "def handler(event, context):\n    print('ran', event['id'])\n"
WRITES_LOGS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}],
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


class Load(threading.Thread):
    """One client that works until it is told to stop and remembers what was acknowledged."""

    def __init__(self, number, cloud, runtime, role, package):
        super().__init__(daemon=True)
        self.number, self.cloud, self.runtime, self.role, self.package = number, cloud, runtime, role, package
        self.functions, self.descriptions, self.events = set(), {}, set()
        self.stop = threading.Event()
        self.unexpected = []

    def acknowledged(self):
        return len(self.functions) + len(self.descriptions) + len(self.events)

    def run(self):
        count, endpoint, client = 0, None, None
        while not self.stop.is_set():
            count += 1
            if endpoint != self.cloud.endpoint:
                # Restarted, on another port.
                endpoint, client = self.cloud.endpoint, self.cloud.client("lambda")
            try:
                self.step(client, f"f-{self.number}-{count}")
            except ClientError as error:
                # A function may be pending again after a restart; anything else is a fault of the server.
                if error.response["Error"]["Code"] != "ResourceConflictException":
                    self.unexpected.append(str(error))
            except BotoCoreError:
                # The server was killed under this call: nothing was acknowledged.
                time.sleep(0.02)

    def step(self, client, name):
        client.create_function(
            FunctionName=name,
            Runtime=self.runtime,
            Role=self.role,
            Handler="index.handler",
            Code={"ZipFile": self.package},
            # A busy machine may take longer than the usual three seconds, and after three tries AWS gives an event up.
            Timeout=60,
        )
        self.functions.add(name)
        client.get_waiter("function_active_v2").wait(
            FunctionName=name, WaiterConfig={"Delay": 0.05, "MaxAttempts": 100}
        )
        description = f"described {time.monotonic()}"
        client.update_function_configuration(FunctionName=name, Description=description)
        self.descriptions[name] = description
        for count in range(4):
            event = f"{name}-{count}."
            client.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps({"id": event}))
            self.events.add((name, event))


@pytest.mark.timeout(1800)
def test_what_was_acknowledged_survives_kills(own_cloud, tmp_path, python_runtime, package, eventually):
    cloud = own_cloud("--data-dir", tmp_path / "data")
    iam = cloud.client("iam")
    role = iam.create_role(RoleName="function", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    iam.put_role_policy(RoleName="function", PolicyName="logs", PolicyDocument=json.dumps(WRITES_LOGS))
    loads = [Load(number, cloud, python_runtime, role, package({"index.py": HANDLER})) for number in range(2)]
    for load in loads:
        load.start()
    for _ in range(KILLS):
        before_kill = sum(load.acknowledged() for load in loads)
        eventually(lambda: sum(load.acknowledged() for load in loads) > before_kill)
        time.sleep(random.uniform(0, 0.3))
        cloud.kill()
        cloud.start()
    for load in loads:
        load.stop.set()
    for load in loads:
        load.join(timeout=60)
        assert load.unexpected == []
    if os.geteuid() == 0:
        seen = left_behind(tmp_path / "data")
        assert any(ROOT_GROUP in path.parents for path in seen), f"this looks in the wrong places: {seen}"
    check_functions(cloud, loads)
    check_events(cloud, loads, eventually)
    assert cloud.terminate() == 0
    assert left_behind(tmp_path / "data") == []


def check_functions(cloud, loads):
    client = cloud.client("lambda")
    there = {
        function["FunctionName"]: function["Description"]
        for page in client.get_paginator("list_functions").paginate()
        for function in page["Functions"]
    }
    acknowledged = set().union(*(load.functions for load in loads))
    assert acknowledged, "the load did nothing"
    assert acknowledged - set(there) == set()
    for load in loads:
        for name, description in load.descriptions.items():
            assert there[name] == description


def check_events(cloud, loads, eventually):
    logs = cloud.client("logs")
    missing = set().union(*(load.events for load in loads))
    assert missing, "no event was acknowledged"

    def ran(name, event):
        try:
            found = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}", filterPattern=f'"ran {event}"')
        except logs.exceptions.ResourceNotFoundException:
            return False
        return bool(found["events"])

    def all_ran():
        nonlocal missing
        missing = {(name, event) for name, event in missing if not ran(name, event)}
        return not missing

    try:
        eventually(all_ran, timeout_s=300)
    except AssertionError:
        pytest.fail("\n".join(explained(cloud, name, event) for name, event in sorted(missing)))


def explained(cloud, name, event):
    """What is known of an event whose run cannot be found."""
    try:
        function = cloud.client("lambda").get_function_configuration(FunctionName=name)
        told = cloud.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    except ClientError as error:
        return f"{event}: {error}"
    state = {key: function.get(key) for key in ("State", "StateReason", "LastUpdateStatus", "LastUpdateStatusReason")}
    return f"{event}: {state}: {[line['message'] for line in told]}"


def left_behind(data_dir):
    """What a crash could leave: control groups of this cloud's sandboxes, processes in them, its run directory.

    (Mounts and namespaces live and die with these processes.) Root's clouds only: others have no control groups.
    """
    about = data_dir.stat()
    run_directory = pathlib.Path(f"/run/nuage/{about.st_dev:x}-{about.st_ino:x}")
    # The spawner's name for the control groups of one cloud: FNV-1a of where its spawner keeps its state.
    name = 0xCBF29CE484222325
    for byte in str(run_directory / "engine/spawner").encode():
        name = (name ^ byte) * 0x100000001B3 % 2**64
    name = f"nuage-{name:016x}"
    groups = [pathlib.Path(path) / name for path, inside, _ in os.walk(ROOT_GROUP) if name in inside]
    members = []
    for process in pathlib.Path("/proc").glob("[0-9]*/cgroup"):
        try:
            members += [process] if name in process.read_text() else []
        except OSError:
            # It ended while we looked.
            continue
    return groups + members + [run_directory] * run_directory.exists()
