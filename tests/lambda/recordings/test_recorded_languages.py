"""Recorded cases of what single languages have: forms of handlers and packages, modules, versions."""

import pytest

FILE = "lambda_runtimes.json"
NAME = "recorded-function"
# What the recordings' tools say where the case says nothing.
USUAL = {"Timeout": 30, "Environment": {"Variables": {}}}
JAVA = "TestJavaRuntimes::"
SAMPLE = "cloud.localstack.sample."
MODULE = """
export const handler = async (event) => ({
  statusCode: 200,
  body: JSON.stringify(`response from localstack lambda: ${JSON.stringify(event)}`),
});
"""
VERSION = "import sys\ndef handler(event, context):\n    return 'python%d.%d' % sys.version_info[:2]\n"
EVENT = "def handler(event, context):\n    return {'event': event}\n"


@pytest.fixture
def begin(case, runs, cloud):
    """`begin("TestClass::test_name", runtime)`: the case, if this host can run it."""

    def start(name, runtime):
        one = case(name, FILE)
        runs(name, FILE, runtime)
        one.different.remove("Runtime")
        return one

    return start


def test_java_method_of_its_own_name(begin, make, active, invoke, languages):
    handler = SAMPLE + "LambdaHandlerWithInterfaceAndCustom::handleRequestCustom"
    one = begin(f"{JAVA}test_java_custom_handler_method_specification[{handler}-CUSTOM]", "java11")
    made = make(languages.java_package("zip-with-lib"), Runtime="java11", Handler=handler, **USUAL)
    one.check("create-result", made)
    active(NAME)
    one.check("invoke-result", invoke(NAME, {"echo": "echo"}))


def test_java_libraries(begin, make, active, invoke, languages):
    one = begin(JAVA + "test_java_runtime_with_lib", "java11")
    for form in ["jar-with-lib", "zip-with-lib", "zip-with-lib-gradle"]:
        handler = SAMPLE + "LambdaHandlerWithLib"
        made = make(languages.java_package(form), FunctionName=form, Runtime="java11", Handler=handler, **USUAL)
        one.check(f"create-result-{form}", made)
        active(form)
        one.check(f"invoke-result-{form}", invoke(form, {"echo": "echo"}))


@pytest.mark.variants(FILE, JAVA + "test_stream_handler")
def test_java_streams(begin, make, active, invoke, languages, variant):
    one = begin(f"{JAVA}test_stream_handler[{variant}]", variant)
    handler = "cloud.localstack.awssdkv1.sample.LambdaStreamHandler"
    make(languages.java_package("zip-with-lib"), Runtime=variant, Handler=handler, **USUAL)
    active(NAME)
    one.check("invoke_result", invoke(NAME, {"echo": "echo"}))


@pytest.mark.variants(FILE, JAVA + "test_serializable_input_object")
def test_java_objects(begin, make, active, invoke, languages, variant):
    one = begin(f"{JAVA}test_serializable_input_object[{variant}]", variant)
    handler = "cloud.localstack.awssdkv1.sample.SerializedInputLambdaHandler"
    made = make(languages.java_package("zip-with-lib"), Runtime=variant, Handler=handler, **USUAL)
    one.check("create-result", made)
    active(NAME)
    one.check("invoke-result", invoke(NAME, {"bucket": "test_bucket", "key": "test_key"}))


def test_java_permission_of_a_topic(begin, make, active, lambda_, account, languages):
    """The topic itself is of a service that is not here."""
    one = begin(JAVA + "test_java_lambda_subscribe_sns_topic", "java11")
    make(languages.java_package("zip-with-lib"), Runtime="java11", Handler=SAMPLE + "LambdaHandler", **USUAL)
    active(NAME)
    one.check("get-function", lambda_.get_function(FunctionName=NAME))
    granted = lambda_.add_permission(
        FunctionName=NAME, StatementId="test-statement", Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com", SourceArn=f"arn:aws:sns:us-east-1:{account.id}:topic",
    )
    one.check("add-permission", granted)


@pytest.mark.variants(FILE, "TestNodeJSRuntimes::test_invoke_nodejs_es6_lambda")
def test_node_module(begin, make, active, invoke, variant):
    one = begin(f"TestNodeJSRuntimes::test_invoke_nodejs_es6_lambda[{variant}]", variant)
    files = {"lambda_handler_es6.mjs": MODULE}
    one.check("creation-result", make(files, Runtime=variant, Handler="lambda_handler_es6.handler", **USUAL))
    active(NAME)
    one.check("invocation-result", invoke(NAME, {"event_type": "test_lambda"}))


@pytest.mark.variants(FILE, "TestPythonRuntimes::test_handler_in_submodule")
def test_python_submodule(begin, make, active, invoke, variant):
    begin(f"TestPythonRuntimes::test_handler_in_submodule[{variant}]", variant)
    make({"package/def/main.py": EVENT}, Runtime=variant, Handler="package.def.main.handler")
    active(NAME)
    assert invoke(NAME, {})["Payload"] == {"event": {}}


@pytest.mark.variants(FILE, "TestPythonRuntimes::test_python_runtime_correct_versions")
def test_python_version(begin, make, active, invoke, cloud, skipped, variant):
    name = f"TestPythonRuntimes::test_python_runtime_correct_versions[{variant}]"
    begin(name, variant)
    if variant in cloud.stand_ins:
        skipped[f"lambda_runtimes/{name}"] = f"this host has no {variant}"
        pytest.skip(f"this host has no {variant}")
    make({"index.py": VERSION}, Runtime=variant)
    active(NAME)
    assert invoke(NAME, {})["Payload"] == f'"{variant}"'
