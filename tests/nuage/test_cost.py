"""`nuage cost`: the account's bill, from what was metered."""

import datetime
import json
import random
import sys
import threading
import time
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

sys.path.insert(0, str(Path(__file__).parent.parent))
from conftest import zipped  # noqa: E402


def cost(account, *arguments):
    return json.loads(account.nuage("cost", "--output", "json", *arguments).stdout)


def by_type(bill):
    return {line["usage_type"]: line for line in bill["lines"]}


def test_what_was_invoked_is_billed(account, function):
    assert cost(account)["lines"] == []
    for _ in range(3):
        account.nuage("invoke", function)
    account.nuage("invoke", function, "--payload", '{"fail": true}', check=False)
    bill = cost(account)
    lines = by_type(bill)
    assert set(lines) == {"Request", "Lambda-GB-Second"}
    assert lines["Request"]["quantity"] == 4
    assert lines["Request"]["group"].endswith(f":{account.id}:function:{function}")
    # At least a millisecond of 128 MB each.
    assert lines["Lambda-GB-Second"]["quantity"] >= 4 * 0.000125
    assert abs(bill["usd"] - sum(line["usd"] for line in bill["lines"])) < 1e-12
    assert lines["Request"]["usd"] > 0
    assert bill["prices"]["source"].startswith("https://aws.amazon.com/")
    assert by_type(cost(account, function))["Request"]["quantity"] == 4
    assert cost(account, "other")["lines"] == []
    assert by_type(cost(account, "--by", "usage-type"))["Request"]["group"] == ""
    assert by_type(cost(account, "--by", "hour"))["Request"]["group"].endswith(":00:00.000Z")
    assert cost(account, "--free-tier")["usd"] == 0
    text = account.nuage("cost").stdout
    assert function in text and "Lambda-GB-Second" in text and "USD" in text and "us-east-1" in text
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    assert by_type(cost(account, "--by", "day"))["Request"]["group"] == today
    assert by_type(cost(account, "--by", "month"))["Request"]["group"] == today[:7]
    to_date = cost(account, "--month-to-date")
    assert to_date["since"] == f"{today[:7]}-01T00:00:00.000Z"
    assert to_date["usd"] == bill["usd"]


def test_a_bill_without_lines_says_what_to_do(account, function):
    text = account.nuage("cost").stdout
    assert text.startswith("Nothing was used since ") and "nuage invoke" in text
    assert "by 'double'" in account.nuage("cost", "double", "--by", "day").stdout
    ended = account.nuage("cost", "--month-to-date", "--since", "1d", check=False)
    assert ended.returncode == 2 and "cannot be used with" in ended.stderr
    assert "--free-tier" in account.nuage("cost", "--help").stdout


def test_other_regions_are_named(account, function):
    bill = cost(account)
    assert bill["prices"]["used_for_other_regions"] == []
    client, there = account.client("lambda"), account.client("lambda", region="eu-west-1")
    configuration = client.get_function_configuration(FunctionName=function)
    account.nuage("invoke", function)
    there.create_function(
        FunctionName="there", Runtime=configuration["Runtime"], Handler="main.handler", Role=configuration["Role"],
        Code={"ZipFile": zipped({"main.py": "def handler(event, context):\n    return 1\n"})},
    )
    there.get_waiter("function_active_v2").wait(FunctionName="there", WaiterConfig={"Delay": 0.1})
    there.invoke(FunctionName="there")
    assert cost(account)["prices"]["used_for_other_regions"] == ["eu-west-1"]
    assert "also for what was used in eu-west-1" in account.nuage("cost").stdout


def test_a_bill_can_be_checked_by_hand(account, function, eventually):
    """What the log says that was billed, times AWS's prices, is what is asked for: also of failures and of events, and
    not of what was throttled."""
    client, logs = account.client("lambda"), account.client("logs")
    client.update_function_configuration(FunctionName=function, MemorySize=1769, EphemeralStorage={"Size": 2048})
    client.get_waiter("function_updated_v2").wait(FunctionName=function, WaiterConfig={"Delay": 0.1})
    client.put_function_event_invoke_config(FunctionName=function, MaximumRetryAttempts=0)
    for _ in range(5):
        client.invoke(FunctionName=function)
    assert "FunctionError" in client.invoke(FunctionName=function, Payload=b'{"fail": true}')
    for fails in ["true", "false"]:
        client.invoke(FunctionName=function, InvocationType="Event", Payload=f'{{"fail": {fails}}}')

    def reports():
        found = logs.filter_log_events(logGroupName=f"/aws/lambda/{function}", filterPattern="REPORT")["events"]
        return len(found) == 8 and [event["message"] for event in found]

    reports = eventually(reports)
    client.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError, match="TooManyRequestsException"):
        client.invoke(FunctionName=function)
    billed_ms = sum(int(report.split("Billed Duration: ")[1].split(" ms")[0]) for report in reports)
    assert all("Memory Size: 1769 MB" in report for report in reports)
    usd = (
        8 * 0.20 / 1_000_000
        + billed_ms / 1_000 * 1_769 / 1_024 * 0.0000166667
        + billed_ms / 1_000 * (2_048 - 512) / 1_024 * 0.0000000309
    )
    bill = cost(account)
    assert by_type(bill)["Request"]["quantity"] == 8
    assert bill["usd"] == pytest.approx(usd, rel=1e-12)


def test_streamed_bytes_beyond_the_first_six_mebibytes(account, node_runtime, function):
    client = account.client("lambda")
    role = client.get_function_configuration(FunctionName=function)["Role"]
    source = """exports.handler = awslambda.streamifyResponse(async (event, stream) => {
        for (let i = 0; i < event.mebibytes; i++) stream.write(Buffer.alloc(1 << 20));
        stream.end();
    })"""
    client.create_function(
        FunctionName="streams", Runtime=node_runtime, Handler="index.handler", Role=role, Timeout=30,
        Code={"ZipFile": zipped({"index.js": source})},
    )
    client.get_waiter("function_active_v2").wait(FunctionName="streams", WaiterConfig={"Delay": 0.1})
    for mebibytes in [1, 6, 8]:
        answer = client.invoke_with_response_stream(
            FunctionName="streams", Payload=json.dumps({"mebibytes": mebibytes})
        )
        events = list(answer["EventStream"])
        assert events[-1] == {"InvokeComplete": {}}
        assert sum(len(event["PayloadChunk"]["Payload"]) for event in events[:-1]) == mebibytes << 20
    line = by_type(cost(account))["Lambda-Streaming-Response-Processed-Bytes"]
    assert (line["quantity"], line["unit"]) == (2 / 1024, "GB")
    assert line["usd"] == pytest.approx(2 / 1024 * 0.008)


DAYS, FUNCTIONS, EACH = 60, 40, 7


@pytest.mark.timeout(300)
def test_old_hours_are_folded_and_no_kill_changes_the_sum(own_cloud, tmp_path, eventually):
    """A cloud finds 60 days of use in its journal and is killed again and again while it adds them and folds them."""
    # It has not run before: what it has folded once it takes for folded.
    cloud = own_cloud("--data-dir", tmp_path / "data", starts=False)
    hours = range(int(time.time()) // 3600 - DAYS * 24, int(time.time()) // 3600)
    lines = []
    for number, (hour, name) in enumerate((hour, name) for hour in hours for name in range(FUNCTIONS)):
        arn = f"arn:aws:lambda:us-east-1:000000000000:function:f{name}"
        lines.append(f"={number}\t{hour * 3600}\t000000000000\tus-east-1\tAWSLambda\tRequest\t{arn}\n{number} {EACH}\n")
    journals = tmp_path / "data" / "usage"
    journals.mkdir(parents=True, mode=0o700)
    (journals / f"{1:020}.journal").write_text("".join(lines))
    kills = 0
    for _ in range(12):
        # From before the first row is added until after the last one is folded.
        cloud.launch()
        timer = threading.Timer(random.uniform(0.02, 1.5), cloud.process.kill)
        timer.start()
        try:
            cloud.await_ready()
        except RuntimeError:
            pass
        timer.join()
        kills += cloud.process.wait() == -9
    assert kills == 12
    cloud.start()

    def folded():
        bill = json.loads(cloud.nuage("cost", "--by", "hour", "--since", "90d", "--output", "json").stdout)
        # At no time is there more or less than was used.
        assert sum(line["quantity"] for line in bill["lines"]) == len(lines) * EACH
        groups = [line["group"] for line in bill["lines"]]
        return len([group for group in groups if "T" in group]) <= 15 * 24 and groups

    groups = eventually(folded, timeout_s=60)
    assert len([group for group in groups if len(group) == len("2026-11-22")]) >= DAYS - 15
    assert list(journals.iterdir()) == [] or all(path.stat().st_size == 0 for path in journals.iterdir())


def test_the_bill_agrees_with_the_reports(account, function):
    lambda_ = account.client("lambda")
    lambda_.update_function_configuration(FunctionName=function, EphemeralStorage={"Size": 1024}, MemorySize=256)
    lambda_.get_waiter("function_updated_v2").wait(FunctionName=function)
    billed_ms = 0
    for _ in range(3):
        ended = account.nuage("invoke", function, "--log")
        billed_ms += int(ended.stderr.split("Billed Duration: ")[1].split(" ms")[0])
    lines = by_type(cost(account))
    assert lines["Lambda-GB-Second"]["quantity"] == billed_ms * 256 / 1_024_000
    assert lines["Lambda-Storage-GB-Second"]["quantity"] == billed_ms * 512 / 1_024_000


def test_a_killed_cloud_has_billed_what_it_answered(own_cloud, tmp_path, python_runtime, package):
    cloud = own_cloud("--data-dir", tmp_path / "data")
    iam, lambda_ = cloud.client("iam"), cloud.client("lambda")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    role = iam.create_role(RoleName="f", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    lambda_.create_function(
        FunctionName="f", Runtime=python_runtime, Handler="index.handler", Role=role,
        Code={"ZipFile": package({"index.py": "def handler(event, context):\n    return 1\n"})},
    )
    lambda_.get_waiter("function_active_v2").wait(FunctionName="f", WaiterConfig={"Delay": 0.1})
    answered = 0
    for _ in range(3):
        lambda_ = cloud.client("lambda")
        for _ in range(17):
            try:
                lambda_.invoke(FunctionName="f")
                answered += 1
            except ClientError as error:
                # A function may be pending again after a restart.
                assert error.response["Error"]["Code"] == "ResourceConflictException"
        cloud.kill()
        cloud.start()
    bill = json.loads(cloud.nuage("cost", "--output", "json").stdout)
    assert by_type(bill)["Request"]["quantity"] == answered > 0


def test_denied(cloud, account):
    iam = account.client("iam")
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    environment = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    ended = cloud.nuage("cost", environment=environment, check=False)
    assert ended.returncode == 1
    assert "AccessDenied" in ended.stderr and "ce:GetCostAndUsage" in ended.stderr
    environment["AWS_SECRET_ACCESS_KEY"] = "wrong"
    assert "InvalidSignatureException" in cloud.nuage("cost", environment=environment, check=False).stderr
