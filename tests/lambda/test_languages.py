"""Languages beside Python: a package is deployed and invoked, fails, runs out of time, and its log is read."""

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}

JAVA = """
package example;
import com.amazonaws.services.lambda.runtime.*;
import java.util.*;
public class Handler implements RequestHandler<Map<String, Object>, Map<String, Object>> {
  public Map<String, Object> handleRequest(Map<String, Object> event, Context context) {
    context.getLogger().log("saw " + event);
    if (event.containsKey("fail")) throw new IllegalStateException("on purpose");
    if (event.containsKey("hang")) try { Thread.sleep(60000); } catch (InterruptedException e) {}
    return Collections.singletonMap("doubled", 2 * (Integer) event.get("n"));
  }
}
"""
RUBY = """
def handler(event:, context:)
  puts "saw #{event}"
  raise ArgumentError, 'on purpose' if event['fail']
  sleep 60 if event['hang']
  { doubled: 2 * event['n'] }
end
"""

DOTNET = """
using System; using System.IO; using System.Text;
public class Function {
  public static Stream Handle(Stream input) {
    string text = new StreamReader(input).ReadToEnd();
    Console.WriteLine("saw " + text);
    if (text.Contains("fail")) throw new InvalidOperationException("on purpose");
    if (text.Contains("hang")) System.Threading.Thread.Sleep(60000);
    int n = int.Parse(text.Trim('{', '}').Split(':')[1]);
    return new MemoryStream(Encoding.UTF8.GetBytes("{\\"doubled\\": " + 2 * n + "}"));
  }
}
"""
GO = """
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

func main() {
	base := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/"
	for {
		next, err := http.Get(base + "next")
		if err != nil {
			os.Exit(1)
		}
		body, _ := io.ReadAll(next.Body)
		next.Body.Close()
		fmt.Println("saw " + string(body))
		id := next.Header.Get("Lambda-Runtime-Aws-Request-Id")
		var event map[string]interface{}
		json.Unmarshal(body, &event)
		where, answer := "/response", map[string]interface{}{}
		if event["fail"] != nil {
			where, answer["errorType"], answer["errorMessage"] = "/error", "errorString", "on purpose"
			fmt.Println("on purpose")
		} else if event["hang"] != nil {
			time.Sleep(time.Minute)
		} else {
			answer["doubled"] = 2 * event["n"].(float64)
		}
		text, _ := json.Marshal(answer)
		done, err := http.Post(base+id+where, "application/json", bytes.NewReader(text))
		if err != nil {
			os.Exit(2)
		}
		io.Copy(io.Discard, done.Body)
		done.Body.Close()
	}
}
"""


def files_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def java_package(folder):
    if not shutil.which("javac"):
        pytest.skip("javac is not on this host")
    (folder / "Handler.java").write_text(JAVA)
    client, out = ROOT / "runtimes/java/runtime.jar", folder / "classes"
    source = folder / "Handler.java"
    subprocess.run(["javac", "--release", "8", "-nowarn", "-cp", client, "-d", out, source], check=True)
    return files_of(out)


def ruby_package(folder):
    return {"index.rb": RUBY}


def dotnet_package(folder):
    if not shutil.which("mcs"):
        pytest.skip("mcs is not on this host")
    (folder / "Function.cs").write_text(DOTNET)
    out = folder / "Function.dll"
    subprocess.run(["mcs", "-nologo", "-target:library", f"-out:{out}", folder / "Function.cs"], check=True)
    return {"Function.dll": out.read_bytes()}


def go_package(folder):
    go = shutil.which("go", path=f"{os.environ.get('PATH', '')}:/usr/local/go/bin")
    if not go:
        pytest.skip("go is not on this host")
    (folder / "main.go").write_text(GO)
    out, environment = folder / "bootstrap", {**os.environ, "CGO_ENABLED": "0"}
    subprocess.run([go, "build", "-o", out, folder / "main.go"], check=True, env=environment)
    return {"bootstrap": (out.read_bytes(), 0o755)}


# How a package is made, its handler, and the type of the error that it raises.
LANGUAGES = {
    "java": (java_package, "example.Handler", "java.lang.IllegalStateException"),
    "ruby": (ruby_package, "index.handler", "Function<ArgumentError>"),
    "dotnet": (dotnet_package, "Function::Function::Handle", "InvalidOperationException"),
    "provided.al2": (go_package, "main", "errorString"),
}
# What stands in for a runtime where no version of AWS's is on the host: `nuage.toml` maps it.
STAND_INS = {
    "ruby": ("ruby3.2", "/usr/bin/ruby"),
    "dotnet": ("dotnet8", os.environ.get("NUAGE_TEST_DOTNET", "/absent")),
}


def available(cloud, language, *options):
    listed = json.loads(cloud.nuage("runtime", "list", "--output", "json", *options).stdout)
    return [one["name"] for one in listed if one["available"] and one["name"].startswith(language)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_deploy_invoke_fail_time_out(language, own_cloud, cloud, package, tmp_path):
    build, handler, error_type = LANGUAGES[language]
    runtimes, config = available(cloud, language), tmp_path / "nuage.toml"
    config.write_text("")
    runtime, interpreter = STAND_INS.get(language, (None, "/absent"))
    if not runtimes and Path(interpreter).exists():
        runtimes = [runtime]
        config.write_text(f'[runtimes]\n"{runtime}" = "{interpreter}"\n')
        assert available(cloud, language, "--config", str(config)) == runtimes
    if not runtimes:
        pytest.skip(f"this host has no {language}")
    own = own_cloud("--ephemeral", "--config", str(config))
    iam, lambda_ = own.client("iam"), own.client("lambda")
    role = iam.create_role(RoleName="function", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    lambda_.create_function(
        FunctionName="double",
        Runtime=runtimes[-1],
        Handler=handler,
        Role=role,
        Timeout=20,
        MemorySize=256,
        Code={"ZipFile": package(build(tmp_path))},
    )
    waiter = {"Delay": 0.1, "MaxAttempts": 200}
    lambda_.get_waiter("function_active_v2").wait(FunctionName="double", WaiterConfig=waiter)

    def invoke(event):
        answer = lambda_.invoke(FunctionName="double", LogType="Tail", Payload=json.dumps(event))
        log = base64.b64decode(answer["LogResult"]).decode()
        return answer.get("FunctionError"), json.loads(answer["Payload"].read()), log

    for n in range(3):
        error, answer, log = invoke({"n": n})
        assert (error, answer) == (None, {"doubled": 2 * n}), log
        assert "saw {" in log and "REPORT RequestId: " in log
    error, answer, log = invoke({"fail": True})
    assert (error, answer["errorType"], answer["errorMessage"]) == ("Unhandled", error_type, "on purpose")
    assert "on purpose" in log
    lambda_.update_function_configuration(FunctionName="double", Timeout=3)
    lambda_.get_waiter("function_updated_v2").wait(FunctionName="double", WaiterConfig=waiter)
    error, answer, log = invoke({"hang": True})
    assert error == "Unhandled" and "Task timed out after 3.00 seconds" in answer["errorMessage"]
    assert invoke({"n": 4})[1] == {"doubled": 8}


def test_a_configuration_file_with_a_mistake(cloud, tmp_path):
    config = tmp_path / "nuage.toml"
    config.write_text('[runtimes]\n"cobol85" = "/usr/bin/cobol"\n')
    ended = cloud.nuage("runtime", "list", "--config", str(config), check=False)
    assert ended.returncode == 1 and "there is no runtime named cobol85" in ended.stderr
