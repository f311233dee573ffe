"""`nuage cost`: the account's bill, from what was metered."""

import json

from botocore.exceptions import ClientError


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
    assert function in text and "Lambda-GB-Second" in text and "USD" in text


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
