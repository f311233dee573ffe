"""SnapStart of Java and .NET: an environment of a published version is initialized ahead and waits until it is wanted."""

import base64
import json
import os
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

ROOT = Path(__file__).resolve().parents[2]
JAVA = """
import com.amazonaws.services.lambda.runtime.*;
import java.util.*;
import org.crac.*;
public class Handler implements RequestHandler<Map<String, Object>, Object>, Resource {
  static final String TOKEN = System.getenv("AWS_SESSION_TOKEN");
  static final List<String> ORDER = new ArrayList<>();
  static final Handler KEPT = new Handler();
  static {
    try { Thread.sleep(1000); } catch (InterruptedException never) { }
    Core.getGlobalContext().register(KEPT);
  }
  public void beforeCheckpoint(org.crac.Context<? extends Resource> context) { ORDER.add("before"); }
  public void afterRestore(org.crac.Context<? extends Resource> context) { ORDER.add("after"); }
  public Object handleRequest(Map<String, Object> event, com.amazonaws.services.lambda.runtime.Context context) {
    try { if (event.containsKey("wait")) Thread.sleep(500); } catch (InterruptedException never) { }
    Map<String, Object> answer = new HashMap<>();
    answer.put("order", ORDER);
    answer.put("fresh", !TOKEN.equals(System.getenv("AWS_SESSION_TOKEN")));
    answer.put("stream", context.getLogStreamName());
    return answer;
  }
}
"""
DOTNET = """
using System; using System.IO; using System.Text; using System.Threading;
public class Handler {
  static string Token { get { return Environment.GetEnvironmentVariable("AWS_SESSION_TOKEN"); } }
  readonly string First = Token;
  public Handler() { Thread.Sleep(1000); }
  public Stream Handle(Stream input) {
    if (new StreamReader(input).ReadToEnd().Contains("wait")) Thread.Sleep(500);
    string text = "{\\"fresh\\":" + (First != Token ? "true" : "false")
      + ",\\"stream\\":\\"" + Environment.GetEnvironmentVariable("AWS_LAMBDA_LOG_STREAM_NAME") + "\\"}";
    return new MemoryStream(Encoding.UTF8.GetBytes(text));
  }
}
"""


def java_package(folder):
    if not shutil.which("javac"):
        pytest.skip("javac is not on this host")
    (folder / "Handler.java").write_text(JAVA)
    command = ["javac", "--release", "8", "-nowarn", "-cp", ROOT / "runtimes/java/runtime.jar", "-d", folder / "out"]
    subprocess.run([*command, folder / "Handler.java"], check=True)
    return {str(path.relative_to(folder / "out")): path.read_bytes() for path in (folder / "out").rglob("*.class")}


def dotnet_package(folder):
    if not shutil.which("mcs"):
        pytest.skip("mcs is not on this host")
    (folder / "Handler.cs").write_text(DOTNET)
    out = folder / "Handler.dll"
    subprocess.run(["mcs", "-nologo", "-target:library", f"-out:{out}", folder / "Handler.cs"], check=True)
    return {"Handler.dll": out.read_bytes()}


# Runtimes that have SnapStart, how a package is made, and its handler.
LANGUAGES = {
    "java": (["java11", "java17", "java21", "java25"], java_package, "Handler"),
    "dotnet": (["dotnet8", "dotnet10"], dotnet_package, "Handler::Handler::Handle"),
}


@pytest.fixture(params=LANGUAGES)
def language(request):
    return request.param


@pytest.fixture
def published(language, own_cloud, package, tmp_path, trust, eventually):
    """A cloud, and the name of its function whose version 1 is active."""
    runtimes, build, handler = LANGUAGES[language]
    config = tmp_path / "nuage.toml"
    stand_in = os.environ.get("NUAGE_TEST_DOTNET", "/absent")
    config.write_text(f'[runtimes]\n"dotnet8" = "{stand_in}"\n' if Path(stand_in).exists() else "")
    cloud = own_cloud("--ephemeral", "--config", str(config), environment={"HOME": os.environ["HOME"]})
    listed = json.loads(cloud.nuage("runtime", "list", "--output", "json", "--config", str(config)).stdout)
    found = [one["name"] for one in listed if one["available"] and one["name"] in runtimes]
    if not found:
        pytest.skip(f"this host has no {language} with SnapStart")
    role = cloud.client("iam").create_role(
        RoleName="function", AssumeRolePolicyDocument=trust(Service="lambda.amazonaws.com")
    )
    lambda_ = cloud.client("lambda")
    lambda_.create_function(
        FunctionName="f", Runtime=found[0], Role=role["Role"]["Arn"], Handler=handler, MemorySize=512, Timeout=30,
        SnapStart={"ApplyOn": "PublishedVersions"}, Code={"ZipFile": package(build(tmp_path))}, Publish=True,
    )
    waiter = lambda_.get_waiter("published_version_active")
    waiter.wait(FunctionName="f", Qualifier="1", WaiterConfig={"Delay": 0.1, "MaxAttempts": 600})
    return cloud, "f"


def invoke(lambda_, name, event={}, qualifier="1"):
    begun = time.monotonic()
    answer = lambda_.invoke(FunctionName=name, Qualifier=qualifier, Payload=json.dumps(event), LogType="Tail")
    elapsed = time.monotonic() - begun
    body = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, body
    return body, base64.b64decode(answer["LogResult"]).decode(), elapsed


def test_the_first_invocation_does_not_wait_for_the_initialization(published, language):
    cloud, name = published
    lambda_ = cloud.client("lambda")
    body, log, elapsed = invoke(lambda_, name)
    print(f"{language}: the first invocation took {elapsed * 1000:.1f} ms")
    assert elapsed < 1
    assert "\tRestore Duration: " in log and "Init Duration" not in log, log
    assert body["fresh"] and body.get("order", ["before", "after"]) == ["before", "after"]
    again, log, _ = invoke(lambda_, name)
    assert again == body and "Restore Duration" not in log
    latest, log, _ = invoke(lambda_, name, qualifier="$LATEST")
    assert "Init Duration" in log and not latest["fresh"] and latest["stream"] != body["stream"]


def test_more_at_once_than_were_initialized_ahead(published):
    cloud, name = published
    lambda_ = cloud.client("lambda")
    with ThreadPoolExecutor(3) as threads:
        told = list(threads.map(lambda _: invoke(lambda_, name, {"wait": True}), range(3)))
    assert len({body["stream"] for body, _, _ in told}) == 3
    ways = ["restored" if "\tRestore Duration: " in log else "initialized" for _, log, _ in told]
    assert sorted(ways) == ["initialized", "initialized", "restored"]
    # Hooks are called in any case.
    assert all(body.get("order", ["before", "after"]) == ["before", "after"] for body, _, _ in told)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root sees what is in a sandbox")
def test_it_goes_with_its_version(published, eventually):
    cloud, name = published
    lambda_ = cloud.client("lambda")
    waiting = lambda: [path for path in Path("/proc").glob("[0-9]*") if has_the_function(path, cloud.pid)]
    assert waiting()
    lambda_.delete_function(FunctionName=name, Qualifier="1")
    with pytest.raises(lambda_.exceptions.ResourceNotFoundException):
        lambda_.invoke(FunctionName=name, Qualifier="1")
    eventually(lambda: not waiting())


def has_the_function(process, server):
    """Whether it is a process below `server` that sees the package of a function."""
    try:
        if not [file for file in (process / "root/var/task").iterdir() if file.name.startswith("Handler.")]:
            return False
        while process.name not in ("0", "1"):
            parent = (process / "stat").read_text().rsplit(")", 1)[1].split()[1]
            if parent == str(server):
                return True
            process = process.with_name(parent)
    except OSError:
        # It ended while we looked, or has no such folder.
        pass
    return False


def test_denied(published):
    cloud, name = published
    cloud.client("iam").create_user(UserName="nobody")
    key = cloud.client("iam").create_access_key(UserName="nobody")["AccessKey"]
    nobody = cloud.client("lambda", key["AccessKeyId"], key["SecretAccessKey"])
    with pytest.raises(ClientError, match="not authorized to perform: lambda:InvokeFunction"):
        nobody.invoke(FunctionName=name, Qualifier="1")
    # What waits is still there for whoever may.
    _, log, _ = invoke(cloud.client("lambda"), name)
    assert "\tRestore Duration: " in log
