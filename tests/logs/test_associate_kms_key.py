"""Log groups whose events are sealed under a key of KMS."""

import json
import time

import pytest

OTHER = "The specified KMS key does not exist or is not allowed to be used with Arn "


def policy(account_id):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account_id}:root"}, "Action": "kms:*", "Resource": "*"},
        {
            "Effect": "Allow", "Principal": {"Service": "logs.us-east-1.amazonaws.com"},
            "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
            "Resource": "*",
            "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:us-east-1:{account_id}:log-group:*"}},
        },
    ]})


def put(logs, message):
    event = {"timestamp": int(time.time() * 1000), "message": message}
    logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=[event])


def messages(logs):
    return [e["message"] for e in logs.get_log_events(logGroupName="g", logStreamName="s", startFromHead=True)["events"]]


@pytest.fixture
def key(account):
    return account.client("kms").create_key(Policy=policy(account.id))["KeyMetadata"]["Arn"]


def test_associate_and_disassociate(account, key, client):
    logs, kms = client("logs"), client("kms")
    logs.create_log_group(logGroupName="g")
    logs.create_log_stream(logGroupName="g", logStreamName="s")
    put(logs, "before")
    logs.associate_kms_key(logGroupName="g", kmsKeyId=key)
    assert logs.describe_log_groups()["logGroups"][0]["kmsKeyId"] == key
    put(logs, "under the key")
    large = "large " * 100_000
    put(logs, large)
    logs.disassociate_kms_key(logGroupName="g")
    assert "kmsKeyId" not in logs.describe_log_groups()["logGroups"][0]
    put(logs, "after")
    assert sorted(messages(logs)) == sorted(["before", "under the key", large, "after"])
    found = logs.filter_log_events(logGroupName="g", filterPattern="under")["events"]
    assert [event["message"] for event in found] == ["under the key"]
    stored = logs.describe_log_groups()["logGroups"][0]["storedBytes"]
    assert stored == sum(len(message) + 26 for message in messages(logs))


def test_keys_that_do_not_let_logs(account, client, user, document):
    kms, logs = client("kms"), client("logs")
    logs.create_log_group(logGroupName="g")
    arn = f"arn:aws:logs:us-east-1:{account.id}:log-group:g"
    own = kms.create_key()["KeyMetadata"]["Arn"]
    missing = own[:-36] + "00000000-0000-4000-8000-000000000000"
    for bad in (own, missing):
        for call in (logs.associate_kms_key, logs.create_log_group):
            name = "g" if call == logs.associate_kms_key else "h"
            with pytest.raises(logs.exceptions.InvalidParameterException) as error:
                call(logGroupName=name, kmsKeyId=bad)
            assert error.value.response["Error"]["Message"] == f"{OTHER}'{arn[:-1]}{name}'"


def test_denied(client, user, account, key):
    client("logs").create_log_group(logGroupName="g")
    nobody = user("nobody")("logs")
    for call, options in [(nobody.associate_kms_key, {"kmsKeyId": key}), (nobody.disassociate_kms_key, {})]:
        with pytest.raises(nobody.exceptions.ClientError) as error:
            call(logGroupName="g", **options)
        assert error.value.response["Error"]["Code"] == "AccessDeniedException"


def test_no_event_is_in_the_data_directory(own_cloud, tmp_path):
    directory = tmp_path / "data"
    cloud = own_cloud("--data-dir", str(directory))
    key = cloud.client("kms").create_key(Policy=policy("000000000000"))["KeyMetadata"]["Arn"]
    logs = cloud.client("logs")
    logs.create_log_group(logGroupName="g", kmsKeyId=key)
    logs.create_log_group(logGroupName="open")
    for group in ("g", "open"):
        logs.create_log_stream(logGroupName=group, logStreamName="s")
    put(logs, "a-line-under-the-key")
    put(logs, "a-line-under-the-key " * 20_000)
    event = {"timestamp": int(time.time() * 1000), "message": "a-line-in-the-clear"}
    logs.put_log_events(logGroupName="open", logStreamName="s", logEvents=[event])
    holds = lambda text: any(
        text in path.read_bytes() for path in directory.rglob("*") if path.is_file())
    assert holds(b"a-line-in-the-clear") and not holds(b"a-line-under-the-key")
    assert cloud.terminate() == 0
    assert not holds(b"a-line-under-the-key")
    cloud = own_cloud("--data-dir", str(directory))
    assert "a-line-under-the-key" in messages(cloud.client("logs"))
    cloud.client("kms").disable_key(KeyId=key)
    cloud.terminate()
    cloud = own_cloud("--data-dir", str(directory))
    with pytest.raises(cloud.client("logs").exceptions.ClientError):
        messages(cloud.client("logs"))
