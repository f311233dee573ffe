"""Recorded cases of every runtime: echoes, what an environment looks like, failures, wrappers, and details of languages."""

import json
import random

import pytest

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
COMMON = "lambda_common.json"
RUNTIMES = "lambda_runtimes.json"
# What the recordings' tools say where the case says nothing.
USUAL = {"Timeout": 30, "Environment": {"Variables": {}}}
WRAPPER = "#!/bin/sh\nexport WRAPPER_VAR=wrapped\nexec \"$@\"\n"
# What a version that stands in for another one names after itself.
STAND_IN_VARIABLES = {"NODE_PATH", "GEM_PATH", "requestId"}


# There are many cases, each with functions of its own: they share the rest.
@pytest.fixture(scope="module")
def account(cloud):
    class Account:
        id = f"{random.SystemRandom().randrange(10**11, 10**12)}"

        def client(self, service):
            return cloud.client(service, access_key_id=self.id)

    return Account()


@pytest.fixture(scope="module")
def lambda_(account):
    return account.client("lambda")


@pytest.fixture(scope="module")
def role(account):
    iam = account.client("iam")
    return iam.create_role(RoleName="function", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]


@pytest.fixture
def begin(case, runs, make, languages, active, cloud):
    """`begin(name, file, scenario, runtime, **changes)`: the case, and the name of its function, made and checked."""

    def start(name, file, scenario, runtime, extra=None, **changes):
        function = f"{name.split('::')[1]}-{runtime.replace('.', '-')}"
        name = f"{name}[{runtime}]"
        one = case(name, file)
        runs(name, file, runtime)
        files, handler = languages.package_of(runtime, scenario)
        one.different.remove("Runtime")
        if runtime in cloud.stand_ins:
            one.different |= STAND_IN_VARIABLES
        parameters = {"FunctionName": function, "Runtime": runtime, "Handler": handler, "MemorySize": 1024, "Timeout": 3, **changes}
        made = make({**files, **(extra or {})}, **parameters)
        if "create_function_result" in one.answers:
            one.check("create_function_result", made)
        active(function)
        return one, function

    return start


@pytest.mark.variants(COMMON, "TestLambdaRuntimesCommon::test_echo_invoke")
def test_echo(begin, lambda_, variant):
    _, name = begin("TestLambdaRuntimesCommon::test_echo_invoke", COMMON, "echo", variant, Timeout=20)
    special = "'\" some 'quotes\"\" and ☁ an emoji 🥳 and brackets {[}}[([]))"
    large = "obi wan!" * 128 * 1024 * 5
    for event in [{"hello": "world"}, {"hello": special}, {"hello": large}, True, False, None, [1, 2], 1]:
        answer = lambda_.invoke(FunctionName=name, Payload=json.dumps(event))
        assert json.loads(answer["Payload"].read()) == event
        assert answer["StatusCode"] == 200 and "FunctionError" not in answer
    assert json.loads(lambda_.invoke(FunctionName=name)["Payload"].read()) == {}


@pytest.mark.variants(COMMON, "TestLambdaRuntimesCommon::test_introspection_invoke")
def test_introspection(begin, invoke, account, variant):
    one, name = begin(
        "TestLambdaRuntimesCommon::test_introspection_invoke", COMMON, "introspection", variant,
        Environment={"Variables": {"TEST_KEY": "TEST_VAL"}},
    )
    arn = f"arn:aws:lambda:us-east-1:{account.id}:function:{name}:$LATEST"
    for label, called in [("invocation_result_payload", name), ("invocation_result_payload_qualified", arn)]:
        answer = invoke(called, {"simple": "payload"})
        assert "FunctionError" not in answer, answer
        one.check(label, answer["Payload"])


@pytest.mark.variants(COMMON, "TestLambdaRuntimesCommon::test_uncaught_exception_invoke")
def test_uncaught_exception(begin, invoke, variant):
    one, name = begin("TestLambdaRuntimesCommon::test_uncaught_exception_invoke", COMMON, "uncaughtexception", variant)
    one.check("error_result", invoke(name, {"error_msg": "some_error_msg"}))


@pytest.mark.variants(RUNTIMES, "TestGoProvidedRuntimes::test_uncaught_exception_invoke")
def test_uncaught_exception_of_go(begin, invoke, variant):
    one, name = begin("TestGoProvidedRuntimes::test_uncaught_exception_invoke", RUNTIMES, "uncaughtexception", variant)
    one.check("error_result", invoke(name, {"error_msg": "some_error_msg"}))


@pytest.mark.variants(COMMON, "TestLambdaRuntimesCommon::test_runtime_wrapper_invoke")
def test_wrapper(begin, invoke, variant):
    _, name = begin(
        "TestLambdaRuntimesCommon::test_runtime_wrapper_invoke", COMMON, "introspection", variant,
        extra={"environment_wrapper": (WRAPPER, 0o755)},
        Environment={"Variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/var/task/environment_wrapper"}},
    )
    answer = invoke(name, {"simple": "payload"})["Payload"]
    assert answer.keys() >= {"environment", "ctx", "packages"}, answer
    assert answer["environment"]["WRAPPER_VAR"] == "wrapped"
