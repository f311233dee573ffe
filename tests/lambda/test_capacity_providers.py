"""Capacity providers and functions on Lambda Managed Instances: several invocations at once in one environment.

Invocations that are to overlap meet in `/tmp` of their environment: each leaves a file there and answers when all have, so
they can only end together.
"""

import json
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Runtimes that AWS has on managed instances, and the interpreters of this host that stand in for them.
STAND_INS = {"python3.13": "python3", "nodejs22.x": "node", "java21": "java"}
TOGETHER = 3

PYTHON = """
import json, logging, os, time
def handler(event, context):
    if event.get("hold"):
        logging.getLogger().warning("held")
        # A little longer than it may.
        time.sleep(context.get_remaining_time_in_millis() / 1000 + 0.5)
        return None
    logging.getLogger().warning("met %s", event.get("id"))
    if "id" in event:
        open("/tmp/met-%d" % event["id"], "w").close()
        while len([n for n in os.listdir("/tmp") if n.startswith("met-")]) < event["together"]:
            time.sleep(0.005)
    return {"environment": os.environ["AWS_LAMBDA_LOG_STREAM_NAME"], "process": os.getppid(),
            "most": os.environ["AWS_LAMBDA_MAX_CONCURRENCY"], "request": context.aws_request_id,
            "type": os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"], "edition": 1}
"""
NODEJS = """
const fs = require('fs');
exports.handler = async (event, context) => {
  console.warn('met', event.id);
  fs.writeFileSync('/tmp/met-' + event.id, '');
  while (fs.readdirSync('/tmp').filter((n) => n.startsWith('met-')).length < event.together) {
    await new Promise((done) => setTimeout(done, 5));
  }
  return { environment: process.env.AWS_LAMBDA_LOG_STREAM_NAME, process: process.pid,
    most: process.env.AWS_LAMBDA_MAX_CONCURRENCY, request: context.awsRequestId,
    type: process.env.AWS_LAMBDA_INITIALIZATION_TYPE };
};
"""
JAVA = """
import com.amazonaws.services.lambda.runtime.*;
import java.io.File;
import java.util.*;
public class Function implements RequestHandler<Map<String, Object>, Object> {
  public Object handleRequest(Map<String, Object> event, Context context) {
    context.getLogger().log("met " + event.get("id"));
    try {
      new File("/tmp/met-" + event.get("id")).createNewFile();
      while (new File("/tmp").list((folder, name) -> name.startsWith("met-")).length < (Integer) event.get("together")) {
        Thread.sleep(5);
      }
    } catch (Exception thrown) { throw new RuntimeException(thrown); }
    Map<String, Object> answer = new HashMap<>();
    answer.put("environment", System.getenv("AWS_LAMBDA_LOG_STREAM_NAME"));
    answer.put("process", ProcessHandle.current().pid());
    answer.put("most", System.getenv("AWS_LAMBDA_MAX_CONCURRENCY"));
    answer.put("request", context.getAwsRequestId());
    answer.put("type", System.getenv("AWS_LAMBDA_INITIALIZATION_TYPE"));
    return answer;
  }
}
"""
DOTNET = """
using System; using System.IO; using System.Text; using System.Text.RegularExpressions; using System.Threading;
namespace Amazon.Lambda.Core { public interface ILambdaContext { string AwsRequestId { get; } } }
public class Function {
  static string Set(string name) { return Environment.GetEnvironmentVariable(name); }
  static string Number(string json, string name) { return Regex.Match(json, "\\"" + name + "\\": *([0-9]+)").Groups[1].Value; }
  public Stream Handle(Stream input, Amazon.Lambda.Core.ILambdaContext context) {
    string json = new StreamReader(input).ReadToEnd();
    Console.WriteLine("met " + Number(json, "id"));
    File.WriteAllText("/tmp/met-" + Number(json, "id"), "");
    while (Directory.GetFiles("/tmp", "met-*").Length < int.Parse(Number(json, "together"))) Thread.Sleep(5);
    string answer = "{'environment':'" + Set("AWS_LAMBDA_LOG_STREAM_NAME") + "','process':"
      + System.Diagnostics.Process.GetCurrentProcess().Id + ",'most':'" + Set("AWS_LAMBDA_MAX_CONCURRENCY")
      + "','request':'" + context.AwsRequestId + "','type':'" + Set("AWS_LAMBDA_INITIALIZATION_TYPE") + "'}";
    return new MemoryStream(Encoding.UTF8.GetBytes(answer.Replace("'", "\\"")));
  }
}
"""
BOOTSTRAP = """#!/usr/bin/env python3
import http.client, json, os, threading, time
API = os.environ["AWS_LAMBDA_RUNTIME_API"]
def work():
    connection = http.client.HTTPConnection(API)
    while True:
        connection.request("GET", "/2018-06-01/runtime/invocation/next")
        response = connection.getresponse()
        request, event = response.headers["Lambda-Runtime-Aws-Request-Id"], json.loads(response.read())
        print(json.dumps({"message": "met %d" % event["id"], "requestId": request}), flush=True)
        open("/tmp/met-%d" % event["id"], "w").close()
        while len([n for n in os.listdir("/tmp") if n.startswith("met-")]) < event["together"]:
            time.sleep(0.005)
        answer = {"environment": os.environ["AWS_LAMBDA_LOG_STREAM_NAME"], "process": os.getpid(), "request": request,
                  "most": os.environ["AWS_LAMBDA_MAX_CONCURRENCY"], "type": os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"]}
        connection.request("POST", "/2018-06-01/runtime/invocation/%s/response" % request, json.dumps(answer))
        connection.getresponse().read()
for _ in range(int(os.environ["AWS_LAMBDA_MAX_CONCURRENCY"])):
    threading.Thread(target=work).start()
"""


@pytest.fixture
def options(tmp_path):
    """For a cloud that has the runtimes of managed instances."""
    found = {runtime: shutil.which(program) for runtime, program in STAND_INS.items()}
    if found["python3.13"]:
        # The interpreter itself, not what a version manager has put before it.
        script = "import sys; print(sys.executable)"
        found["python3.13"] = subprocess.run(["python3", "-c", script], capture_output=True, text=True).stdout.strip()
    if found["java21"]:
        found["java21"] = str(Path(found["java21"]).resolve())
    if Path(os.environ.get("NUAGE_TEST_DOTNET", "/absent")).exists():
        found["dotnet8"] = os.environ["NUAGE_TEST_DOTNET"]
    lines = [f'"{runtime}" = "{program}"\n' for runtime, program in found.items() if program]
    config = tmp_path / "nuage.toml"
    config.write_text("[runtimes]\n" + "".join(lines))
    return "--config", str(config)


@pytest.fixture
def cloud(own_cloud, options):
    return own_cloud("--ephemeral", *options)


@pytest.fixture
def provider(lambda_, role, eventually):
    """`provider("mine")`: an active capacity provider; answers with its ARN."""

    def make(name="mine", **parameters):
        made = lambda_.create_capacity_provider(
            CapacityProviderName=name,
            VpcConfig={"SubnetIds": ["subnet-0a1b"], "SecurityGroupIds": ["sg-0a1b"]},
            PermissionsConfig={"CapacityProviderOperatorRoleArn": role},
            **parameters,
        )["CapacityProvider"]
        assert made["State"] == "Pending"
        state = lambda: lambda_.get_capacity_provider(CapacityProviderName=name)["CapacityProvider"]["State"]
        eventually(lambda: state() == "Active")
        return made["CapacityProviderArn"]

    return make


@pytest.fixture
def managed(lambda_, create, provider, eventually):
    """A function on a capacity provider with one environment, published as `$LATEST.PUBLISHED`; answers with its name."""

    def make(source=PYTHON, concurrency=TOGETHER, publish=True, arn=None, **parameters):
        config = {"CapacityProviderArn": arn or provider(), "PerExecutionEnvironmentMaxConcurrency": concurrency}
        name = create(
            source,
            wait=False,
            **{
                "Runtime": "python3.13",
                "Timeout": 60,
                "CapacityProviderConfig": {"LambdaManagedInstancesCapacityProviderConfig": config},
                **parameters,
            },
        )
        state(lambda_, eventually, name, "ActiveNonInvocable")
        if publish:
            lambda_.publish_version(FunctionName=name, PublishTo="LATEST_PUBLISHED")
            scale(lambda_, name, 1, 1)
            state(lambda_, eventually, name, "Active", Qualifier="$LATEST.PUBLISHED")
            # Until then there may be as many as without a configuration.
            eventually(lambda: is_applied(lambda_, name), timeout_s=90)
        return name

    return make


def is_applied(lambda_, name):
    scaling = lambda_.get_function_scaling_config(FunctionName=name, Qualifier="$LATEST.PUBLISHED")
    return scaling["AppliedFunctionScalingConfig"] == scaling["RequestedFunctionScalingConfig"]


def scale(lambda_, name, least, most, qualifier="$LATEST.PUBLISHED"):
    return lambda_.put_function_scaling_config(
        FunctionName=name,
        Qualifier=qualifier,
        FunctionScalingConfig={"MinExecutionEnvironments": least, "MaxExecutionEnvironments": most},
    )["FunctionState"]


def state(lambda_, eventually, name, wanted, **which):
    def reached():
        shown = lambda_.get_function_configuration(FunctionName=name, **which)
        assert wanted == "Failed" or shown["State"] != "Failed", shown
        return shown["State"] == wanted and shown

    return eventually(reached, timeout_s=90)


def invoke(lambda_, name, event, **which):
    answer = lambda_.invoke(FunctionName=name, Payload=json.dumps(event), **which)
    document = json.load(answer["Payload"])
    assert "FunctionError" not in answer, document
    return document


def hold(lambda_, name):
    """Keeps a worker busy until the function's timeout; answers with what the invocation was answered."""
    while True:
        try:
            return lambda_.invoke(FunctionName=name, Payload=b'{"hold": true}')
        except lambda_.exceptions.TooManyRequestsException:
            # Another invocation has the worker for a moment.
            continue


def overlap(lambda_, name):
    """Invocations that end together only."""
    events = [{"id": number, "together": TOGETHER} for number in range(TOGETHER)]
    with ThreadPoolExecutor(TOGETHER) as threads:
        answers = list(threads.map(lambda event: invoke(lambda_, name, event), events))
    first = answers[0]
    assert first["most"] == str(TOGETHER) and first["type"] == "lambda-managed-instances"
    for answer in answers:
        assert (answer["environment"], answer["process"]) == (first["environment"], first["process"])
    return answers


def check_log(client, eventually, name, answers):
    """Each invocation's own line names it."""
    logs = client("logs")

    def lines():
        events = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        found = [json.loads(event["message"]) for event in events if event["message"].startswith("{")]
        own = {line.get("requestId", line.get("AWSRequestId")) for line in found if "met" in str(line.get("message"))}
        return {answer["request"] for answer in answers} <= own

    eventually(lines)


def test_python_processes(managed, lambda_, client, eventually):
    name = managed()
    check_log(client, eventually, name, overlap(lambda_, name))


def test_nodejs_threads(managed, lambda_, client, eventually):
    if not shutil.which("node"):
        pytest.skip("this host has no node")
    name = managed({"index.js": NODEJS}, Runtime="nodejs22.x")
    check_log(client, eventually, name, overlap(lambda_, name))


def test_a_stream_that_breaks_in_a_nodejs_thread_ends_its_invocation(managed, lambda_):
    if not shutil.which("node"):
        pytest.skip("this host has no node")
    source = """let runs = 0;
exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  if (event.count) return stream.end(String(runs));
  runs++; stream.write("a"); stream.destroy(new RangeError("given up"));
});"""
    name = managed({"index.js": source}, Runtime="nodejs22.x", concurrency=1)
    answer = lambda_.invoke(FunctionName=name, Payload=b"{}")
    assert json.load(answer["Payload"])["errorType"] == "RangeError"
    assert invoke(lambda_, name, {"count": True}) == 1


def test_java_threads(managed, lambda_, client, eventually, tmp_path):
    if not shutil.which("javac"):
        pytest.skip("this host has no javac")
    (tmp_path / "Function.java").write_text(JAVA)
    jar = ROOT / "runtimes/java/runtime.jar"
    subprocess.run(["javac", "--release", "11", "-cp", jar, "-d", tmp_path / "classes", tmp_path / "Function.java"], check=True)
    files = {path.name: path.read_bytes() for path in (tmp_path / "classes").iterdir()}
    name = managed(files, Runtime="java21", Handler="Function")
    check_log(client, eventually, name, overlap(lambda_, name))


def test_dotnet_threads(managed, lambda_, client, eventually, tmp_path, cloud, options):
    listed = json.loads(cloud.nuage("runtime", "list", "--output", "json", *options).stdout)
    found = [one["name"] for one in listed if one["available"] and one["name"] in ("dotnet8", "dotnet10")]
    if not shutil.which("mcs") or not found:
        pytest.skip("this host has no mcs or no .NET for managed instances")
    (tmp_path / "Function.cs").write_text(DOTNET)
    out = tmp_path / "Function.dll"
    library = ["-target:library", "-r:System.dll", f"-out:{out}"]
    subprocess.run(["mcs", "-nologo", *library, tmp_path / "Function.cs"], check=True)
    name = managed({"Function.dll": out.read_bytes()}, Runtime=found[0], Handler="Function::Function::Handle")
    check_log(client, eventually, name, overlap(lambda_, name))


def test_own_bootstrap(managed, lambda_, client, eventually):
    name = managed({"bootstrap": (BOOTSTRAP, 0o755)}, Runtime="provided.al2023")
    check_log(client, eventually, name, overlap(lambda_, name))


def test_full_environments_throttle_and_timeouts_end_one_invocation(managed, lambda_, fails, eventually):
    name = managed(concurrency=2, Timeout=8)
    before = invoke(lambda_, name, {})
    with ThreadPoolExecutor(2) as threads:
        held = [threads.submit(hold, lambda_, name) for _ in range(2)]

        def throttled():
            try:
                invoke(lambda_, name, {})
            except lambda_.exceptions.TooManyRequestsException as error:
                return error.response["Reason"]
            return None

        assert eventually(throttled) == "ConcurrentInvocationLimitExceeded"
        for one in held:
            answer = one.result()
            assert answer["FunctionError"] == "Unhandled"
            assert "Task timed out after 8.00 seconds" in json.load(answer["Payload"])["errorMessage"]

    def back():
        try:
            return invoke(lambda_, name, {})
        except lambda_.exceptions.TooManyRequestsException:
            return None

    after = eventually(back)
    assert (after["environment"], after["process"]) == (before["environment"], before["process"])


def test_busy_environments_are_joined_by_others(managed, lambda_, client, eventually):
    name = managed(concurrency=1, Timeout=60)
    first = invoke(lambda_, name, {})["environment"]
    scale(lambda_, name, 1, 2)
    threads = ThreadPoolExecutor(1)
    held = threads.submit(hold, lambda_, name)
    # It has the only environment's worker; if it were not first, it might have the other's.
    events = lambda: client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}", filterPattern="held")["events"]
    eventually(events)

    def elsewhere():
        try:
            return invoke(lambda_, name, {})["environment"] != first
        except lambda_.exceptions.TooManyRequestsException:
            return None

    eventually(elsewhere, timeout_s=50)
    assert not held.done()
    threads.shutdown(wait=False)


def test_life_of_a_capacity_provider(lambda_, provider, managed, fails, eventually, account):
    tags = {"team": "a"}
    arn = provider("first", Tags=tags, CapacityProviderScalingConfig={"MaxVCpuCount": 8})
    assert arn == f"arn:aws:lambda:us-east-1:{account.id}:capacity-provider:first"
    shown = lambda_.get_capacity_provider(CapacityProviderName=arn)["CapacityProvider"]
    assert shown["VpcConfig"] == {"SubnetIds": ["subnet-0a1b"], "SecurityGroupIds": ["sg-0a1b"]}
    assert shown["InstanceRequirements"]["Architectures"] == ["x86_64"]
    assert shown["CapacityProviderScalingConfig"] == {"MaxVCpuCount": 8, "ScalingMode": "Auto"}
    policies = [{"PredefinedMetricType": "LambdaCapacityProviderAverageCPUUtilization", "TargetValue": 60.0}]
    manual = {"ScalingMode": "Manual", "MaxVCpuCount": 12, "ScalingPolicies": policies}
    updated = lambda_.update_capacity_provider(CapacityProviderName="first", CapacityProviderScalingConfig=manual)
    assert updated["CapacityProvider"]["CapacityProviderScalingConfig"] == manual
    assert lambda_.list_tags(Resource=arn)["Tags"] == tags
    lambda_.tag_resource(Resource=arn, Tags={"stage": "b"})
    lambda_.untag_resource(Resource=arn, TagKeys=["team"])
    assert lambda_.list_tags(Resource=arn)["Tags"] == {"stage": "b"}

    provider("second")
    page = lambda_.list_capacity_providers(MaxItems=1)
    rest = lambda_.list_capacity_providers(Marker=page["NextMarker"], State="Active")
    listed = [one["CapacityProviderArn"] for one in page["CapacityProviders"] + rest["CapacityProviders"]]
    assert listed == [arn, arn.replace("first", "second")] and "NextMarker" not in rest
    assert lambda_.list_capacity_providers(State="Deleting")["CapacityProviders"] == []

    name = managed(arn=arn)
    versions = lambda_.list_function_versions_by_capacity_provider(CapacityProviderName="first", MaxItems=1)
    more = lambda_.list_function_versions_by_capacity_provider(CapacityProviderName="first", Marker=versions["NextMarker"])
    function = lambda_.get_function_configuration(FunctionName=name)["FunctionArn"]
    assert versions["CapacityProviderArn"] == arn
    assert versions["FunctionVersions"] + more["FunctionVersions"] == [
        {"FunctionArn": f"{function}:$LATEST", "State": "ActiveNonInvocable"},
        {"FunctionArn": f"{function}:$LATEST.PUBLISHED", "State": "Active"},
    ]
    assert arn in fails("ResourceConflictException", lambda_.delete_capacity_provider, CapacityProviderName="first")
    lambda_.delete_function(FunctionName=name)
    deleted = lambda_.delete_capacity_provider(CapacityProviderName="first")["CapacityProvider"]
    assert deleted["State"] == "Deleting"
    eventually(lambda: len(lambda_.list_capacity_providers()["CapacityProviders"]) == 1)
    fails("ResourceNotFoundException", lambda_.get_capacity_provider, CapacityProviderName="first")


def test_published_versions(managed, lambda_, fails, package, eventually):
    name = managed(publish=False)
    shown = lambda_.get_function_configuration(FunctionName=name)
    assert shown["MemorySize"] == 2048 and shown["LoggingConfig"]["LogFormat"] == "JSON" and "SnapStart" not in shown
    config = shown["CapacityProviderConfig"]["LambdaManagedInstancesCapacityProviderConfig"]
    assert config["ExecutionEnvironmentMemoryGiBPerVCpu"] == 2.0
    fails("NoPublishedVersionException", lambda_.invoke, FunctionName=name)
    assert "ActiveNonInvocable" in fails("ResourceConflictException", lambda_.invoke, FunctionName=name, Qualifier="$LATEST")

    version = lambda_.publish_version(FunctionName=name)
    assert (version["Version"], version["State"]) == ("1", "Pending")
    default = lambda_.get_function_scaling_config(FunctionName=name, Qualifier="1")
    assert default["RequestedFunctionScalingConfig"] == {"MinExecutionEnvironments": 3}
    scale(lambda_, name, 1, 1, "1")
    state(lambda_, eventually, name, "Active", Qualifier="1")
    assert invoke(lambda_, name, {}, Qualifier="1")["edition"] == 1

    lambda_.publish_version(FunctionName=name, PublishTo="LATEST_PUBLISHED")
    scale(lambda_, name, 1, 1)
    state(lambda_, eventually, name, "Active", Qualifier="$LATEST.PUBLISHED")
    applied = lambda: lambda_.get_function_scaling_config(FunctionName=name, Qualifier="$LATEST.PUBLISHED")
    eventually(lambda: applied()["AppliedFunctionScalingConfig"].get("MaxExecutionEnvironments") == 1)
    assert invoke(lambda_, name, {})["edition"] == 1
    code = package({"index.py": PYTHON.replace('"edition": 1', '"edition": 2')})
    published = lambda_.update_function_code(FunctionName=name, ZipFile=code, Publish=True, PublishTo="LATEST_PUBLISHED")
    assert published["Version"] == "$LATEST.PUBLISHED"
    # What was published before serves until the new environments are there.
    seen = []

    def second():
        seen.append(invoke(lambda_, name, {})["edition"])
        return seen[-1] == 2

    eventually(second)
    assert set(seen) <= {1, 2} and invoke(lambda_, name, {}, Qualifier="1")["edition"] == 1
    listed = [one["Version"] for one in lambda_.list_versions_by_function(FunctionName=name)["Versions"]]
    assert listed == ["$LATEST", "1", "$LATEST.PUBLISHED"]
    lambda_.delete_function(FunctionName=name, Qualifier="$LATEST.PUBLISHED")
    fails("NoPublishedVersionException", lambda_.invoke, FunctionName=name)


def test_deactivated_versions(managed, lambda_, fails, eventually):
    name = managed()
    assert scale(lambda_, name, 0, 0) == "Deactivating"
    state(lambda_, eventually, name, "Deactivated", Qualifier="$LATEST.PUBLISHED")
    assert "Deactivated" in fails("ResourceConflictException", lambda_.invoke, FunctionName=name)
    assert scale(lambda_, name, 1, 1) == "Pending"
    state(lambda_, eventually, name, "Active", Qualifier="$LATEST.PUBLISHED")
    assert invoke(lambda_, name, {})["edition"] == 1


def test_environments_that_cannot_be_had(managed, provider, lambda_, eventually):
    small = provider("small", CapacityProviderScalingConfig={"MaxVCpuCount": 2})
    name = managed(arn=small, publish=False)
    lambda_.publish_version(FunctionName=name)
    shown = state(lambda_, eventually, name, "Failed", Qualifier="1")
    assert shown["StateReasonCode"] == "CapacityProviderScalingLimitExceeded"
    name = managed("import absent", arn=provider("large"), publish=False)
    lambda_.publish_version(FunctionName=name)
    shown = state(lambda_, eventually, name, "Failed", Qualifier="1")
    assert shown["StateReasonCode"] == "FunctionError.RuntimeInitError"
    assert "No module named 'absent'" in shown["StateReason"]


def test_mistakes(lambda_, role, provider, managed, create, fails):
    vpc = {"SubnetIds": ["subnet-1"], "SecurityGroupIds": []}
    permissions = {"CapacityProviderOperatorRoleArn": role}

    def refused(code="InvalidParameterValueException", **parameters):
        usual = {"CapacityProviderName": "other", "VpcConfig": vpc, "PermissionsConfig": permissions}
        return fails(code, lambda_.create_capacity_provider, **{**usual, **parameters})

    assert "subnet-" in refused(VpcConfig={"SubnetIds": ["vpc-1"], "SecurityGroupIds": []})
    refused("ValidationException", VpcConfig={"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["subnet-1"]})
    refused(InstanceRequirements={"AllowedInstanceTypes": ["m7a.large"], "ExcludedInstanceTypes": ["m7a.xlarge"]})
    refused(CapacityProviderScalingConfig={"ScalingMode": "Manual"})
    refused(PermissionsConfig={"CapacityProviderOperatorRoleArn": role.replace("function", "absent")})
    refused("ValidationException", CapacityProviderName="not a name")
    arn = provider()
    refused("ResourceConflictException", CapacityProviderName="mine")
    fails("ResourceNotFoundException", lambda_.get_capacity_provider, CapacityProviderName="absent")
    fails("ResourceNotFoundException", lambda_.update_capacity_provider, CapacityProviderName="absent")
    fails("ResourceNotFoundException", lambda_.delete_capacity_provider, CapacityProviderName="absent")

    with_config = lambda **config: {
        "CapacityProviderConfig": {
            "LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": arn, **config}
        }
    }
    for code, parameters in [
        ("InvalidParameterValueException", {"Runtime": "python3.12"}),
        ("InvalidParameterValueException", {"MemorySize": 1024}),
        ("InvalidParameterValueException", {"Architectures": ["arm64"]}),
        ("InvalidParameterValueException", {"LoggingConfig": {"LogFormat": "Text"}}),
        ("InvalidParameterValueException", with_config(PerExecutionEnvironmentMaxConcurrency=65)),
        ("InvalidParameterValueException", with_config(ExecutionEnvironmentMemoryGiBPerVCpu=4.0)),
        ("ResourceNotFoundException", with_config(CapacityProviderArn=arn.replace("mine", "absent"))),
    ]:
        fails(code, create, **{"Runtime": "python3.13", **with_config(), **parameters})
    plain = create()
    message = fails("InvalidParameterValueException", lambda_.update_function_configuration, FunctionName=plain, **with_config())
    assert message == "CapacityProviderConfig isn't supported for Lambda Default functions."
    fails("InvalidParameterValueException", lambda_.publish_version, FunctionName=plain, PublishTo="LATEST_PUBLISHED")
    lambda_.publish_version(FunctionName=plain)
    name = managed(arn=arn)
    for least, most in [(0, 1), (2, 1)]:
        call = {"MinExecutionEnvironments": least, "MaxExecutionEnvironments": most}
        put = lambda_.put_function_scaling_config
        fails("InvalidParameterValueException", put, FunctionName=name, Qualifier="$LATEST.PUBLISHED", FunctionScalingConfig=call)
    put = lambda_.put_provisioned_concurrency_config
    lambda_.publish_version(FunctionName=name)
    version = {"FunctionName": name, "Qualifier": "1"}
    fails("InvalidParameterValueException", put, ProvisionedConcurrentExecutions=1, **version)
    scaling = {"FunctionName": plain, "Qualifier": "1"}
    fails("InvalidParameterValueException", lambda_.get_function_scaling_config, **scaling)


def test_tags_decide(user, provider, denied, role, package):
    red = provider("red", Tags={"team": "red"})
    blue = provider("blue", Tags={"team": "blue"})
    condition = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    client = user(
        {"Action": "lambda:*CapacityProvider", "Condition": condition},
        {"Action": ["lambda:CreateFunction", "iam:PassRole"]},
    )("lambda")
    client.get_capacity_provider(CapacityProviderName="red")
    denied("lambda:GetCapacityProvider", client.get_capacity_provider, CapacityProviderName="blue")
    denied("lambda:DeleteCapacityProvider", client.delete_capacity_provider, CapacityProviderName="blue")

    def on(arn):
        return {
            "FunctionName": "f",
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Role": role,
            "Code": {"ZipFile": package({"index.py": PYTHON})},
            "CapacityProviderConfig": {"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": arn}},
        }

    denied("lambda:PassCapacityProvider", client.create_function, **on(blue))
    client.create_function(**on(red))


def test_denied(nobody, user, provider, managed, denied, role, package):
    arn = provider()
    which = {"CapacityProviderName": "mine"}
    denied(
        "lambda:CreateCapacityProvider",
        nobody.create_capacity_provider,
        VpcConfig={"SubnetIds": ["subnet-1"], "SecurityGroupIds": []},
        PermissionsConfig={"CapacityProviderOperatorRoleArn": role},
        **which,
    )
    denied("lambda:GetCapacityProvider", nobody.get_capacity_provider, **which)
    denied("lambda:UpdateCapacityProvider", nobody.update_capacity_provider, **which)
    denied("lambda:DeleteCapacityProvider", nobody.delete_capacity_provider, **which)
    denied("lambda:ListCapacityProviders", nobody.list_capacity_providers)
    list_versions = nobody.list_function_versions_by_capacity_provider
    denied("lambda:ListFunctionVersionsByCapacityProvider", list_versions, **which)
    version = {"FunctionName": managed(arn=arn), "Qualifier": "$LATEST.PUBLISHED"}
    denied("lambda:GetFunctionScalingConfig", nobody.get_function_scaling_config, **version)
    denied("lambda:PutFunctionScalingConfig", nobody.put_function_scaling_config, **version)
    # Who may create functions may not use every capacity provider with them.
    creator = user({"Effect": "Allow", "Action": ["lambda:CreateFunction", "iam:PassRole"]})("lambda")
    config = {"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": arn}}
    code = {"ZipFile": package({"index.py": PYTHON})}
    function = {"FunctionName": "own", "Runtime": "python3.13", "Handler": "index.handler", "Role": role, "Code": code}
    denied("lambda:PassCapacityProvider", creator.create_function, CapacityProviderConfig=config, **function)


def test_only_requests_are_billed(managed, lambda_, account):
    name = managed()
    invoke(lambda_, name, {})
    bill = json.loads(account.nuage("cost", "--output", "json").stdout)
    assert {line["usage_type"] for line in bill["lines"]} == {"Request"}


class TestRestart:
    @pytest.fixture
    def cloud(self, own_cloud, options, data_dir):
        return own_cloud("--data-dir", str(data_dir), *options)

    def test_environments_are_there_again(self, cloud, managed, lambda_, account, eventually):
        name = managed()
        before = invoke(lambda_, name, {})["environment"]
        cloud.terminate()
        cloud.start()
        again = account.client("lambda")
        after = overlap(again, name)[0]["environment"]
        assert after != before
        shown = again.get_capacity_provider(CapacityProviderName="mine")["CapacityProvider"]
        assert shown["State"] == "Active"


BUSY = """
import os, time
def handler(event, context):
    end = time.monotonic() + event.get("spin", 0)
    while time.monotonic() < end:
        pass
    return os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
"""


def test_busy_processors_bring_another_environment(lambda_, managed, provider, eventually):
    """Not one worker is missing, but the environment uses more of its processor than the target says."""
    if os.cpu_count() < 2 or os.geteuid() != 0:
        pytest.skip("a second environment would have no processor of its own, or nobody counts what the first uses")
    policy = {"PredefinedMetricType": "LambdaCapacityProviderAverageCPUUtilization", "TargetValue": 30.0}
    arn = provider(CapacityProviderScalingConfig={"ScalingMode": "Manual", "ScalingPolicies": [policy]})
    name = managed(BUSY, arn=arn)
    scale(lambda_, name, 1, 2)
    first = invoke(lambda_, name, {})
    with ThreadPoolExecutor(1) as threads:
        spinning = threads.submit(invoke, lambda_, name, {"spin": 40})
        # The idle one is chosen as soon as it is there.
        eventually(lambda: invoke(lambda_, name, {}) != first, timeout_s=38)
        assert not spinning.done()
        assert spinning.result() == first
