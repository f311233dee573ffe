"""The commands of `nuage` itself, as a person or a script runs them."""

import configparser
import json
import socket
import subprocess
import sys


def test_status(cloud):
    assert f"nuage {cloud.ready['version']}" in cloud.nuage("status").stdout
    health = json.loads(cloud.nuage("status", "--output", "json").stdout)
    assert health["services"]["lambda"] == "running"


def test_nothing_listens(cloud):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{free.getsockname()[1]}"
        ended = cloud.nuage("status", "--endpoint", endpoint, check=False)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert "nothing answers" in ended.stderr and "nuage up" in ended.stderr
    assert "\x1b" not in ended.stderr


def test_misuse(cloud):
    assert cloud.nuage("nonsense", check=False).returncode == 2
    assert cloud.nuage("up", "--port", "x", check=False).returncode == 2
    assert "nuage env" in cloud.nuage("--help").stdout


def test_env(cloud):
    shell = cloud.nuage("env", "--endpoint", cloud.endpoint).stdout
    script = shell + f'"{sys.executable}" -c "import os; print(os.environ[\'AWS_ENDPOINT_URL\'])"'
    printed = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == cloud.endpoint
    variables = json.loads(cloud.nuage("env", "--format", "json", "--account", "111122223333").stdout)
    assert variables["AWS_ACCESS_KEY_ID"] == "111122223333"
    assert "set -gx AWS_REGION" in cloud.nuage("env", "--format", "fish").stdout
    assert "$env:AWS_REGION" in cloud.nuage("env", "--format", "powershell").stdout
    assert cloud.nuage("env", "--account", "12", check=False).returncode == 1
    for option, value in ("--endpoint", "http://x;rm -rf /"), ("--region", "$(id)"):
        ended = cloud.nuage("env", option, value, check=False)
        assert (ended.returncode, ended.stdout) == (2, "") and "is no" in ended.stderr
        variable = {"--endpoint": "AWS_ENDPOINT_URL", "--region": "AWS_REGION"}[option]
        ended = cloud.nuage("env", environment={variable: value}, check=False)
        assert (ended.returncode, ended.stdout) == (1, "") and "is no" in ended.stderr
    # Without options it is the cloud and the region that the other commands mean.
    printed = cloud.nuage("env", "--format", "json", environment={"AWS_REGION": "eu-west-1"}).stdout
    variables = json.loads(printed)
    assert variables["AWS_ENDPOINT_URL"] == cloud.endpoint
    assert variables["AWS_REGION"] == variables["AWS_DEFAULT_REGION"] == "eu-west-1"


def test_configure(cloud, tmp_path):
    config, credentials = tmp_path / "aws" / "config", tmp_path / "aws" / "credentials"
    config.parent.mkdir()
    before = "# mine\n[default]\nregion = eu-west-1\ns3 =\n  addressing_style = path\n"
    config.write_text(before)
    files = {"AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": str(credentials)}
    for _ in range(2):
        cloud.nuage("configure", "--account", "444455556666", environment=files)
    assert config.read_text().startswith(before)
    parsed = configparser.ConfigParser()
    parsed.read([config, credentials])
    assert parsed["profile nuage"]["endpoint_url"] == cloud.endpoint
    assert credentials.stat().st_mode & 0o777 == 0o600
    given = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"]
    environment = {k: v for k, v in {**cloud.tool_environment(), **files}.items() if k not in given}
    script = "import boto3; print(boto3.Session(profile_name='nuage').client('sts').get_caller_identity()['Account'])"
    asked = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert asked.stdout.strip() == "444455556666"


def test_invoke(account, function, tmp_path):
    ended = account.nuage("invoke", function, "--payload", '{"n": 21}', "--log")
    assert json.loads(ended.stdout) == {"doubled": 42}
    assert "saw {'n': 21}" in ended.stderr
    assert "Billed Duration" in ended.stderr
    event = tmp_path / "event.json"
    event.write_text('{"n": 3}')
    assert json.loads(account.nuage("invoke", function, "--payload", f"@{event}").stdout) == {"doubled": 6}
    assert json.loads(account.nuage("invoke", function, "-p", "-", input='{"n": 4}').stdout) == {"doubled": 8}
    answer = json.loads(account.nuage("invoke", function, "--output", "json").stdout)
    assert answer["payload"] == {"doubled": 0}
    assert answer["executedVersion"] == "$LATEST"
    assert account.nuage("invoke", function, "--qualifier", "$LATEST").returncode == 0


def test_invoke_that_fails(account, function):
    ended = account.nuage("invoke", function, "--payload", '{"fail": true}', check=False)
    assert ended.returncode == 1
    assert json.loads(ended.stdout)["errorType"] == "ValueError"
    assert "Unhandled" in ended.stderr
    for arguments in [[f"{function}:nope"], [function, "--qualifier", "nope"]]:
        ended = account.nuage("invoke", *arguments, check=False)
        assert f"list-aliases --function-name {function}`" in ended.stderr
    assert account.nuage("invoke", function, "--async", "--log", check=False).returncode == 2
    ended = account.nuage("invoke", "absent", check=False)
    assert ended.returncode == 1
    assert "ResourceNotFoundException" in ended.stderr and "list-functions" in ended.stderr
    ended = account.nuage("invoke", function, "--payload", "@/nonexistent", check=False)
    assert ended.returncode == 1
    assert "/nonexistent" in ended.stderr


def test_logs(account, function, eventually):
    assert "accepted as" in account.nuage("invoke", function, "--async", "--payload", '{"n": 5}').stdout

    def logged():
        ended = account.nuage("logs", function, check=False)
        return "REPORT RequestId" in ended.stdout and ended.stdout

    assert "saw {'n': 5}" in eventually(logged)
    only = account.nuage("logs", function, "--filter", "saw", "--since", "1h").stdout
    assert "saw" in only and "REPORT" not in only
    events = account.nuage("logs", f"/aws/lambda/{function}", "--output", "json").stdout.splitlines()
    assert all("message" in json.loads(event) for event in events)


def test_follow(account, cloud, function, eventually):
    account.nuage("invoke", function)
    eventually(lambda: account.nuage("logs", function, check=False).returncode == 0)
    follow = subprocess.Popen(
        [cloud.process.args[0], "logs", function, "--follow"],
        env=cloud.tool_environment(account.id),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert "saw {}" in "".join(follow.stdout.readline() for _ in range(5))
        account.nuage("invoke", function, "--payload", '{"n": 77}')
        # The time limit of the test is that of this wait.
        assert any("saw {'n': 77}" in line for line in follow.stdout)
    finally:
        follow.kill()
        follow.wait()
