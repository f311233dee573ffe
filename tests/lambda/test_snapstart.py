"""SnapStart: published versions are initialized once, and their environments start from there."""

import base64
import json
import os
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

sys.path.insert(0, str(Path(__file__).parent.parent))
from conftest import Cloud, directory_with_sdk  # noqa: E402

HANDLER = """
import os, uuid
import boto3
from snapshot_restore_py import register_before_snapshot, register_after_restore

BORN = uuid.uuid4().hex
HOOKS = []
STS = boto3.client("sts")
register_before_snapshot(lambda: HOOKS.append("before"))
register_after_restore(lambda: HOOKS.append("after"))

def handler(event, context):
    if event.get("wait"):
        import time
        time.sleep(1)
    return {"type": os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"], "born": BORN, "hooks": HOOKS,
            "account": STS.get_caller_identity()["Account"], "fresh": uuid.uuid4().hex, "stream": context.log_stream_name}
"""
SNAP_START = {"ApplyOn": "PublishedVersions"}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    """A cloud that sees the interpreters of version managers: SnapStart begins with Python 3.12, which few hosts have
    as their own."""
    directory = directory_with_sdk(tmp_path_factory.mktemp("snapstart"))
    cloud = Cloud("--ephemeral", "--data-dir", str(directory), environment={"HOME": os.environ["HOME"]})
    yield cloud
    cloud.close()


@pytest.fixture
def publish(lambda_, create, eventually):
    def make(source, **parameters):
        name = create(source, wait=False, Runtime="python3.12", SnapStart=SNAP_START, **parameters)
        state = lambda: lambda_.get_function(FunctionName=name)["Configuration"]["State"]
        eventually(lambda: state() != "Pending")
        if state() == "Failed":
            pytest.skip("this host has no python3.12")
        published = lambda_.publish_version(FunctionName=name)
        assert published["State"] == "Pending"
        assert published["SnapStart"] == {"ApplyOn": "PublishedVersions", "OptimizationStatus": "On"}
        return name

    return make


def wait(lambda_, name):
    waiter = lambda_.get_waiter("published_version_active")
    waiter.wait(FunctionName=name, Qualifier="1", WaiterConfig={"Delay": 0.1, "MaxAttempts": 600})


def invoke(lambda_, name, qualifier="1", event={}):
    answer = lambda_.invoke(FunctionName=name, Qualifier=qualifier, Payload=json.dumps(event), LogType="Tail")
    body = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, body
    return body, base64.b64decode(answer["LogResult"]).decode()


def test_versions_start_from_a_snapshot(lambda_, publish, account):
    name = publish(HANDLER, MemorySize=512, Timeout=30)
    wait(lambda_, name)
    latest = lambda_.get_function_configuration(FunctionName=name)
    assert latest["SnapStart"] == {"ApplyOn": "PublishedVersions", "OptimizationStatus": "Off"}
    first, log = invoke(lambda_, name)
    assert (first["type"], first["hooks"], first["account"]) == ("snap-start", ["before", "after"], account.id), first
    assert "\tRestore Duration: " in log and "\tBilled Restore Duration: " in log and "Init Duration" not in log, log
    _, log = invoke(lambda_, name)
    assert "Restore Duration" not in log, log
    # `$LATEST` starts as ever.
    latest, log = invoke(lambda_, name, "$LATEST")
    assert latest["type"] == "on-demand" and latest["hooks"] == [] and latest["born"] != first["born"]
    bill = json.loads(account.nuage("cost", "--output", "json").stdout)
    lines = {line["usage_type"]: line["quantity"] for line in bill["lines"]}
    # Three hours at least of half a GB, and one environment.
    assert lines["Lambda-SnapStart-Cached-GB-S"] == 3 * 3600 / 2
    assert lines["Lambda-SnapStart-Restored-GB"] == 0.5


def test_environments_share_the_initialization_and_no_chance(lambda_, publish):
    from concurrent.futures import ThreadPoolExecutor

    name = publish(HANDLER, MemorySize=512, Timeout=30)
    wait(lambda_, name)
    with ThreadPoolExecutor(3) as threads:
        told = list(threads.map(lambda _: invoke(lambda_, name, event={"wait": True})[0], range(3)))
    assert len({one["born"] for one in told}) == 1
    assert len({one["stream"] for one in told}) == 3 == len({one["fresh"] for one in told})


def test_what_cannot_be_forked_starts_without(lambda_, publish):
    source = "import threading, time, os\nthreading.Thread(target=time.sleep, args=(999,), daemon=True).start()\n"
    name = publish(source + "def handler(event, context): return os.environ['AWS_LAMBDA_INITIALIZATION_TYPE']\n")
    wait(lambda_, name)
    body, log = invoke(lambda_, name)
    # The function's hooks count here too.
    assert body == "snap-start" and "Init Duration" in log


def test_environments_share_no_files(lambda_, publish):
    """What the initialization left in /tmp is in each environment, and each one's own."""
    from concurrent.futures import ThreadPoolExecutor

    source = """
import sqlite3, time
with open("/tmp/model.bin", "w") as file: file.write("weights")
with sqlite3.connect("/tmp/cache.db") as database: database.execute("create table calls (n)")
database.close()
def handler(event, context):
    database = sqlite3.connect("/tmp/cache.db", isolation_level=None)
    database.execute("insert into calls values (1)")
    time.sleep(1)
    return [open("/tmp/model.bin").read(), database.execute("select count(*) from calls").fetchone()[0], context.log_stream_name]
"""
    name = publish(source, Timeout=30)
    wait(lambda_, name)
    with ThreadPoolExecutor(3) as threads:
        told = list(threads.map(lambda _: invoke(lambda_, name), range(3)))
    assert all("Restore Duration" in log for _, log in told), told
    assert [body[:2] for body, _ in told] == [["weights", 1]] * 3 and len({body[2] for body, _ in told}) == 3, told


def test_what_environments_would_share_starts_without(lambda_, publish):
    from concurrent.futures import ThreadPoolExecutor

    source = """
import mmap, os, tempfile, time
F = open("/tmp/s", "w+b", buffering=0)
M = mmap.mmap(-1, 4096)
T = tempfile.TemporaryFile(buffering=0)
R, W = os.pipe()
os.set_blocking(R, False)
def handler(event, context):
    found = [os.pread(F.fileno(), 9, 0).decode(), M[0], os.pread(T.fileno(), 9, 0).decode()]
    F.write(b"x"); T.write(b"x"); os.write(W, b"x"); M[0] = 1
    time.sleep(1)
    return [*found, os.read(R, 9).decode()]
"""
    name = publish(source, Timeout=30)
    wait(lambda_, name)
    with ThreadPoolExecutor(2) as threads:
        told = list(threads.map(lambda _: invoke(lambda_, name), range(2)))
    assert [body for body, _ in told] == [["", 0, "", "x"]] * 2 and all("Init Duration" in log for _, log in told), told


def test_a_version_that_does_not_initialize_fails(lambda_, publish, eventually):
    name = publish("raise ValueError('on purpose')\n")
    state = lambda: lambda_.get_function_configuration(FunctionName=name, Qualifier="1")
    eventually(lambda: state()["State"] == "Failed")
    assert "on purpose" in state()["StateReason"]


@pytest.mark.parametrize(
    "parameters, text",
    [
        ({"Runtime": "python3.11"}, "python3.11 is not supported for SnapStart enabled functions."),
        ({"Runtime": "nodejs20.x"}, "nodejs20.x is not supported for SnapStart enabled functions."),
        ({"Runtime": "python3.12", "EphemeralStorage": {"Size": 1024}}, "ephemeral storage"),
    ],
)
def test_refused(create, parameters, text):
    with pytest.raises(ClientError) as refused:
        create("def handler(event, context): pass", SnapStart=SNAP_START, **parameters)
    assert refused.value.response["Error"]["Code"] == "InvalidParameterValueException"
    assert text in refused.value.response["Error"]["Message"]
