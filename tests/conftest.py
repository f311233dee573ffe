"""What every black-box test stands on: a running cloud, and an account of its own.

- `cloud` (one for each pytest process): a `nuage up --ephemeral` on a free port. Tests share it, so they run in parallel
  (`-n 2`) and must not reset it; `own_cloud` starts one for a single test, with options of its choice.
- `account`: an account that no other test uses, so names in it cannot clash. `account.client("lambda")` is boto3,
  `account.aws("lambda", "list-functions")` the AWS CLI.
- `eventually(check)`: waits for what takes time; tests never sleep for a guessed time.

The binary is `NUAGE_BINARY`, else `target/debug/nuage`.
"""

import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import boto3
import botocore.config
import botocore.exceptions
import pytest
from botocore.exceptions import ClientError

ROOT = Path(__file__).resolve().parent.parent
REGION = "us-east-1"
START_TIMEOUT_S = 30
STOP_TIMEOUT_S = 20
# Keeps what this machine's user has configured for AWS out of the tests.
CLEAN = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_PAGER": "",
    "AWS_MAX_ATTEMPTS": "1",
}
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ.update(CLEAN)


def binary():
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    path = Path(os.environ.get("NUAGE_BINARY", target / "debug" / "nuage"))
    assert path.exists(), f"{path} is missing: cargo build -p nuage"
    return path


class Cloud:
    """A running `nuage up`; with `starts=False` one that is still to be started."""

    def __init__(self, *options, environment=None, starts=True):
        self.directory = Path(tempfile.mkdtemp(prefix="nuage-test-"))
        self.log_path = self.directory / "log"
        self.environment = {**os.environ, "HOME": str(self.directory), **(environment or {})}
        self.options = options
        self.process = None
        if starts:
            self.start()

    def start(self):
        self.launch()
        self.await_ready()

    def launch(self):
        """Starts the process: from here on `kill` ends this one. `await_ready` must follow."""
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [binary(), "up", "--port", "0", "--output", "json", *self.options],
                stdout=subprocess.PIPE,
                stderr=log,
                env=self.environment,
            )

    def await_ready(self):
        """Waits until it says where it listens. RuntimeError: it ended before that."""
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"nuage up ended with {self.process.wait()}:\n{self.log()}")
        self.ready = json.loads(line)
        self.endpoint = self.ready["endpoint"]
        self.port = self.ready["port"]
        self.pid = self.process.pid

    def log(self):
        return self.log_path.read_text(errors="replace")

    def terminate(self):
        """Asks it to end, as a service manager does; answers with its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(STOP_TIMEOUT_S)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        return self.process.wait(STOP_TIMEOUT_S)

    def close(self):
        # Read before the directory goes, told after it is gone.
        log = self.log()
        try:
            self.terminate()
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        finally:
            shutil.rmtree(self.directory, ignore_errors=True)
        # Services ask for actions, resources and condition keys as AWS's own do.
        asked = {line.partition("disagreement=")[2] for line in log.splitlines() if "AWS would not ask" in line}
        assert not asked, "\n".join(sorted(asked))

    def client(self, service, access_key_id="test", secret="test", token=None, region=REGION, **config):
        """A boto3 client without retries: what the first answer is, the test sees."""
        settings = {
            "retries": {"total_max_attempts": 1},
            "connect_timeout": 10,
            "read_timeout": 120,
            "s3": {"addressing_style": "path"},
            **config,
        }
        return boto3.session.Session().client(
            service,
            endpoint_url=self.endpoint,
            region_name=region,
            aws_access_key_id=access_key_id,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=botocore.config.Config(**settings),
        )

    def tool_environment(self, access_key_id="test", secret="test", region=REGION):
        return {
            **self.environment,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": access_key_id,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
        }

    def aws(self, *arguments, environment=None, check=True):
        """Runs the AWS CLI; answers with the JSON that it prints or, without `check`, with the ended process."""
        beside = Path(sys.executable).with_name("aws")
        program = str(beside) if beside.exists() else "aws"
        ended = subprocess.run(
            [program, "--output", "json", *map(str, arguments)],
            env={**self.tool_environment(), **(environment or {})},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if not check:
            return ended
        assert ended.returncode == 0, f"aws {' '.join(map(str, arguments))}: {ended.stderr}"
        return json.loads(ended.stdout) if ended.stdout.strip() else None

    def nuage(self, *arguments, environment=None, check=True, **options):
        """Runs a command of nuage's own against this cloud."""
        ended = subprocess.run(
            [binary(), *map(str, arguments)],
            env={**self.tool_environment(), **(environment or {})},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            **options,
        )
        if check:
            assert ended.returncode == 0, f"nuage {' '.join(map(str, arguments))}: {ended.stderr}"
        return ended


class Account:
    """An account and its root user."""

    def __init__(self, cloud, account_id):
        self.cloud = cloud
        self.id = account_id
        self.region = REGION

    def client(self, service, **options):
        return self.cloud.client(service, access_key_id=self.id, **options)

    def aws(self, *arguments, check=True):
        return self.cloud.aws(*arguments, environment={"AWS_ACCESS_KEY_ID": self.id}, check=check)

    def nuage(self, *arguments, check=True, **options):
        environment = {"AWS_ACCESS_KEY_ID": self.id}
        return self.cloud.nuage(*arguments, environment=environment, check=check, **options)


def directory_with_sdk(directory):
    """A data directory in which functions find the AWS SDK for Python: that of these tests."""
    (directory / "sdk").mkdir(parents=True)
    (directory / "sdk/python").symlink_to(Path(boto3.__file__).parent.parent)
    return directory


@pytest.fixture(scope="session")
def cloud(tmp_path_factory):
    # What functions import must not depend on what this host happens to have.
    cloud = Cloud("--ephemeral", "--data-dir", directory_with_sdk(tmp_path_factory.mktemp("cloud")))
    yield cloud
    cloud.close()


@pytest.fixture
def data_dir(tmp_path):
    """A data directory for an `own_cloud` whose functions need the AWS SDK."""
    return directory_with_sdk(tmp_path / "data")


@pytest.fixture
def own_cloud():
    """Starts clouds for this test alone: `own_cloud("--data-dir", directory)`."""
    clouds = []

    def start(*options, **keywords):
        clouds.append(Cloud(*options, **keywords))
        return clouds[-1]

    yield start
    failures = []
    for cloud in clouds:
        try:
            cloud.close()
        except AssertionError as failure:
            # The others are still to be ended.
            failures.append(str(failure))
    assert not failures, "\n".join(failures)


@pytest.fixture
def account(cloud):
    # Not zero, which is the account of the key `test`.
    return Account(cloud, f"{random.SystemRandom().randrange(10**11, 10**12)}")


@pytest.fixture
def client(account):
    """`client("lambda")`: boto3 as the root user of this test's account."""
    return account.client


def zipped(files):
    """A package with these files: a text each, or a text and its mode."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            content, mode = content if isinstance(content, tuple) else (content, 0o644)
            info = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = mode << 16
            archive.writestr(info, content)
    return out.getvalue()


@pytest.fixture(scope="session")
def package():
    """`package({"index.py": text})`: a ZIP archive."""
    return zipped


@pytest.fixture(scope="session")
def python_runtime():
    """The runtime whose interpreter every machine that runs these tests has: that of `python3`."""
    script = "import sys; print('python%d.%d' % sys.version_info[:2])"
    found = subprocess.run(["python3", "-c", script], capture_output=True, text=True, check=True)
    return found.stdout.strip()


@pytest.fixture(scope="session")
def node_runtime():
    """The runtime of the `node` on the PATH."""
    found = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    return f"nodejs{found.stdout.strip().lstrip('v').split('.')[0]}.x"


@pytest.fixture
def eventually():
    def wait(check, timeout_s=30):
        """Calls `check` until it answers with something true, and answers with that. What it looks for, such as the log
        group of a function's first invocation, may not be there yet."""
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                result = check()
            except ClientError as error:
                if error.response["Error"]["Code"] != "ResourceNotFoundException":
                    raise
                result = None
            if result:
                return result
            assert time.monotonic() < deadline, f"not within {timeout_s} s: {check}"
            time.sleep(0.02)

    return wait


def pytest_runtest_makereport(item, call):
    """A failed test shows the end of its cloud's log."""
    if call.excinfo is None or call.excinfo.errisinstance(pytest.skip.Exception):
        return
    cloud = item.funcargs.get("cloud") if hasattr(item, "funcargs") else None
    if isinstance(cloud, Cloud) and cloud.log_path.exists():
        item.add_report_section(call.when, "nuage", "\n".join(cloud.log().splitlines()[-40:]))


def policy_document(effect="Allow", action="*", resource="*", **elements):
    statement = {"Effect": effect, "Action": action, "Resource": resource, **elements}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def document():
    """`document("Allow", "s3:Get*", "*", Condition={…})`: an identity policy of one statement."""
    return policy_document


@pytest.fixture
def trust():
    """`trust(Service="lambda.amazonaws.com")`: a trust policy of one statement."""

    def trust_document(action="sts:AssumeRole", condition=None, **principal):
        statement = {"Effect": "Allow", "Principal": principal, "Action": action}
        if condition:
            statement["Condition"] = condition
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    return trust_document


@pytest.fixture
def user(account, client):
    """`user("ann", document)`: a new user with that inline policy; answers with a `client(service)` as that user."""
    iam = client("iam")

    def new(name, policy=None):
        iam.create_user(UserName=name)
        if policy:
            iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return lambda service: account.cloud.client(
            service, access_key_id=key["AccessKeyId"], secret=key["SecretAccessKey"]
        )

    return new


@pytest.fixture
def refused():
    """`refused(call, **arguments)`: code, message and HTTP status of the error that the call must end with."""

    def call_refused(call, **arguments):
        with pytest.raises(botocore.exceptions.ClientError) as error:
            call(**arguments)
        answer = error.value.response
        status = answer["ResponseMetadata"]["HTTPStatusCode"]
        return answer["Error"]["Code"], answer["Error"]["Message"], status

    return call_refused
