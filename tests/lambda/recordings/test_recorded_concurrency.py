"""Recorded cases of concurrency: reserved and provisioned, and of invocations that meet limits and updates."""

import concurrent.futures
import json

import pytest

FILE = "lambda.json"
NAME = "recorded-function"
# What the recordings' tools say where the case says nothing.
USUAL = {"Handler": "handler.handler", "Timeout": 30, "Environment": {"Variables": {}}}
CLASS = "TestLambdaConcurrency::"
SLEEP = """
import os, time

def handler(event, context):
    if event.get("wait"):
        time.sleep(event["wait"])
    return os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"]
"""
VARIANT = """
import time

def handler(event, context):
    if event["request_prefix"].endswith("sleep"):
        time.sleep(event["seconds"])
    return {{
        "function_variant": "{0}", "function_version": context.function_version,
        "request_id": context.aws_request_id, "request_prefix": event["request_prefix"],
    }}
"""


@pytest.fixture
def begin(make, active):
    def start(source=SLEEP, **changes):
        made = make({"handler.py": source}, **{**USUAL, **changes})
        active(NAME)
        return made

    return start


@pytest.fixture
def settled(lambda_, eventually):
    def wait(qualifier):
        def done():
            shown = lambda_.get_provisioned_concurrency_config(FunctionName=NAME, Qualifier=qualifier)
            return shown["Status"] != "IN_PROGRESS" and shown

        return eventually(done)

    return wait


def test_reserved(case, begin, lambda_):
    one = case(CLASS + "test_lambda_concurrency_update", FILE)
    begin()
    put = lambda_.put_function_concurrency(FunctionName=NAME, ReservedConcurrentExecutions=3)
    one.check("put_function_concurrency", put)
    one.check("get_function_concurrency_updated", lambda_.get_function_concurrency(FunctionName=NAME))
    one.check("get_function_concurrency_info", lambda_.get_function(FunctionName=NAME))
    lambda_.delete_function_concurrency(FunctionName=NAME)
    one.check("get_function_concurrency_deleted", lambda_.get_function_concurrency(FunctionName=NAME))


def test_reserved_none(case, begin, lambda_, error, invoke):
    one = case(CLASS + "test_reserved_concurrency", FILE)
    begin(Timeout=20)
    one.check("fn", lambda_.get_function_configuration(FunctionName=NAME, Qualifier="$LATEST"))
    put = lambda_.put_function_concurrency(FunctionName=NAME, ReservedConcurrentExecutions=0)
    one.check("put_reserved", put)
    refused = error(lambda_.invoke, FunctionName=NAME, InvocationType="RequestResponse")
    one.check("exc_no_cap_requestresponse", refused)
    one.check("invoke_result", invoke(NAME, {}, InvocationType="Event"))


def test_reserved_one(case, begin, lambda_, error, eventually):
    one = case(CLASS + "test_reserved_concurrency_async_queue", FILE)
    begin()
    one.check("fn", lambda_.get_function_configuration(FunctionName=NAME, Qualifier="$LATEST"))
    put = lambda_.put_function_concurrency(FunctionName=NAME, ReservedConcurrentExecutions=1)
    one.check("put_fn_concurrency", put)
    lambda_.invoke(FunctionName=NAME, InvocationType="Event", Payload=json.dumps({"wait": 20}))

    def refused():
        try:
            lambda_.invoke(FunctionName=NAME, Payload=b"{}")
        except lambda_.exceptions.TooManyRequestsException as raised:
            return raised.response

    one.check("too_many_requests_exc", eventually(refused))


def test_provisioned_moves_with_its_alias(case, begin, lambda_, updated, settled, eventually, error):
    one = case(CLASS + "test_lambda_provisioned_concurrency_moves_with_alias", FILE)
    one.check("create-result", begin(Timeout=2))
    get, configuration = lambda_.get_function, lambda_.get_function_configuration
    one.check("get-function-configuration", configuration(FunctionName=NAME, Qualifier="$LATEST"))
    published = lambda_.publish_version(FunctionName=NAME, Description="my-first-version")
    one.check("publish_version_1", published)
    first = {"FunctionName": NAME, "Qualifier": "1"}
    one.check("get_function_configuration_version_1", configuration(**first))
    one.check("get_function_before_provisioned", get(**first))
    alias = lambda_.create_alias(FunctionName=NAME, FunctionVersion="1", Name="alias")
    one.check("create_alias", alias)
    live = {"FunctionName": NAME, "Qualifier": "alias"}
    missing = error(lambda_.get_provisioned_concurrency_config, **live)
    one.check("provisioned_concurrency_notfound", missing)
    lambda_.put_provisioned_concurrency_config(ProvisionedConcurrentExecutions=1, **live)
    assert settled("alias")["Status"] == "READY"
    one.check("get_function_after_provisioned", get(**live))
    lambda_.update_function_configuration(FunctionName=NAME, Timeout=10)
    updated(NAME)
    one.check("get_function_after_update", configuration(FunctionName=NAME))
    one.check("publish_version_2", lambda_.publish_version(FunctionName=NAME))
    moved = lambda_.update_alias(FunctionName=NAME, FunctionVersion="2", Name="alias")
    one.check("update_alias", moved)
    assert settled("alias")["Status"] == "READY"
    kind = lambda: json.load(lambda_.invoke(**live, Payload=b"{}")["Payload"])
    assert eventually(lambda: kind() == "provisioned-concurrency")


def test_provisioned(case, begin, lambda_, settled):
    one = case(CLASS + "test_provisioned_concurrency_on_alias", FILE)
    begin(Publish=True)
    lambda_.create_alias(FunctionName=NAME, FunctionVersion="1", Name="alias")
    put = lambda_.put_provisioned_concurrency_config(
        FunctionName=NAME, Qualifier="alias", ProvisionedConcurrentExecutions=5
    )
    one.check("put_provisioned_5", put)
    one.check("get_provisioned_postwait", settled("alias"))


def test_provisioned_one(case, begin, lambda_, settled):
    one = case(CLASS + "test_lambda_provisioned_concurrency_scheduling", FILE)
    begin(Publish=True)
    version = {"FunctionName": NAME, "Qualifier": "1"}
    lambda_.put_provisioned_concurrency_config(ProvisionedConcurrentExecutions=1, **version)
    one.check("get_provisioned_postwait", settled("1"))
    invoke = lambda: json.load(lambda_.invoke(**version, Payload=json.dumps({"wait": 1}))["Payload"])
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        kinds = [future.result() for future in [pool.submit(invoke) for _ in range(2)]]
    assert sorted(kinds) == ["on-demand", "provisioned-concurrency"]


def test_provisioned_that_fails(case, begin, lambda_, settled):
    one = case(CLASS + "test_provisioned_concurrency_init_failure", FILE)
    begin("raise Exception('on purpose')\n", Publish=True)
    put = lambda_.put_provisioned_concurrency_config(
        FunctionName=NAME, Qualifier="1", ProvisionedConcurrentExecutions=1
    )
    one.check("put_provisioned", put)
    one.check("get_provisioned_postwait", settled("1"))


def test_update_during_an_invocation(case, begin, invoke, lambda_, updated, package, eventually):
    one = case("TestLambdaVersions::test_function_update_during_invoke", FILE)
    begin(VARIANT.format("variant-1"))
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        asleep = pool.submit(invoke, NAME, {"request_prefix": "1-sleep", "seconds": 2})
        source = {"handler.py": VARIANT.format("variant-2")}
        eventually(lambda: asleep.running())
        invoke(NAME, {"request_prefix": "before"})
        lambda_.update_function_code(FunctionName=NAME, ZipFile=package(source))
        updated(NAME)
        after = invoke(NAME, {"request_prefix": "after"})
        assert after["Payload"]["function_variant"] == "variant-2"
        one.check("invoke_response_before", asleep.result())


EXCEPTIONS = "TestLambdaProvisionedConcurrency::test_provisioned_concurrency_exceptions"
LIMITS = "TestLambdaProvisionedConcurrency::test_provisioned_concurrency_limits"


def test_provisioned_refused(case, begin, lambda_, error, account):
    one = case(EXCEPTIONS)
    get, delete = lambda_.get_provisioned_concurrency_config, lambda_.delete_provisioned_concurrency_config
    put, listed = lambda_.put_provisioned_concurrency_config, lambda_.list_provisioned_concurrency_configs
    begin()
    one.check("publish_version_result", lambda_.publish_version(FunctionName=NAME))
    named = lambda name, qualifier: {"FunctionName": name, "Qualifier": qualifier}
    one.check("get_provisioned_config_doesnotexist", error(get, **named(NAME, "1")))
    one.check("get_provisioned_functionname_doesnotexist", error(get, **named("doesnotexist", "noalias")))
    one.check("get_provisioned_qualifier_doesnotexist", error(get, **named(NAME, "noalias")))
    one.check("get_provisioned_version_doesnotexist", error(get, **named(NAME, "10")))
    one.check("get_provisioned_latest", error(get, **named(NAME, "$LATEST")))
    one.check("list_provisioned_noconfigs", listed(FunctionName=NAME))
    one.check("list_provisioned_functionname_doesnotexist", error(listed, FunctionName="doesnotexist"))
    one.check("delete_provisioned_config_doesnotexist", delete(**named(NAME, "1")))
    one.check("delete_provisioned_functionname_doesnotexist", error(delete, **named("doesnotexist", "1")))
    one.check("delete_provisioned_qualifier_doesnotexist", error(delete, **named(NAME, "noalias")))
    one.check("delete_provisioned_version_doesnotexist", error(delete, **named(NAME, "10")))
    one.check("delete_provisioned_latest", error(delete, **named(NAME, "$LATEST")))
    refused = lambda name, qualifier: error(put, **named(name, qualifier), ProvisionedConcurrentExecutions=1)
    # botocore itself refuses 0 otherwise.
    unchecked = account.client("lambda", parameter_validation=False).put_provisioned_concurrency_config
    none = error(unchecked, **named(NAME, "1"), ProvisionedConcurrentExecutions=0)
    one.check("put_provisioned_invalid_param_0", none)
    one.check("put_provisioned_functionname_doesnotexist_alias", refused("doesnotexist", "noalias"))
    one.check("put_provisioned_functionname_doesnotexist_version", refused("doesnotexist", "1"))
    one.check("put_provisioned_qualifier_doesnotexist", refused(NAME, "doesnotexist"))
    one.check("put_provisioned_version_doesnotexist", refused(NAME, "10"))
    one.check("put_provisioned_latest", refused(NAME, "$LATEST"))


def test_provisioned_limits(case, begin, lambda_, error):
    one = case(LIMITS)
    begin(Publish=True)
    unreserved = lambda_.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    put = lambda count: error(
        lambda_.put_provisioned_concurrency_config, FunctionName=NAME, Qualifier="1",
        ProvisionedConcurrentExecutions=count,
    )
    one.check("put_provisioned_concurrency_account_limit_exceeded", put(unreserved + 1))
    one.check("put_provisioned_concurrency_below_unreserved_min_value", put(unreserved - 99))


def test_recursion(case, begin, lambda_, error):
    class_ = "TestLambdaRecursion::test_put_function_recursion_config_"
    begin()
    put = lambda value: {"FunctionName": NAME, "RecursiveLoop": value}
    usual = case(class_ + "default_terminate")
    shown = lambda_.get_function_recursion_config(FunctionName=NAME)
    usual.check("get_recursion_default_terminate_response", shown)
    allowed = case(class_ + "allow")
    allowed.check("put_recursion_config_response", lambda_.put_function_recursion_config(**put("Allow")))
    shown = lambda_.get_function_recursion_config(FunctionName=NAME)
    allowed.check("get_recursion_config_response", shown)
    refused = error(lambda_.put_function_recursion_config, **put("InvalidValue"))
    case(class_ + "invalid_value").check("put_recursion_invalid_value_error", refused)


def test_revisions(case, make, active, updated, lambda_, error, package):
    one = case("TestLambdaRevisions::test_function_revisions_basic")
    code = {"index.py": SLEEP}
    made = make(code, **{**USUAL, "Handler": "index.handler"})
    one.check("create_function_response_rev1", made)
    active(NAME)
    got = lambda_.get_function(FunctionName=NAME)
    one.check("get_function_response_rev2", got)
    update_code, update = lambda_.update_function_code, lambda_.update_function_configuration
    zipped = package(code)
    stale = {"FunctionName": NAME, "RevisionId": made["RevisionId"]}
    one.check("update_function_revision_exception", error(update_code, ZipFile=zipped, **stale))
    fresh = lambda: {"FunctionName": NAME, "RevisionId": got["Configuration"]["RevisionId"]}
    one.check("update_function_code_response_rev3", update_code(ZipFile=zipped, **fresh()))
    updated(NAME)
    got = lambda_.get_function(FunctionName=NAME)
    one.check("get_function_response_rev4", got)
    one.check("update_function_configuration_revision_exception", error(update, Runtime="python3.8", **stale))
    one.check("update_function_configuration_response_rev5", update(Runtime="python3.8", **fresh()))
    updated(NAME)
    one.check("get_function_response_rev6", lambda_.get_function(FunctionName=NAME))


@pytest.mark.variants("lambda_api.json", "TestLambdaSnapStart::test_snapstart_lifecycle")
def test_snapstart_of_versions(case, runs, languages, make, active, lambda_, variant):
    name = f"TestLambdaSnapStart::test_snapstart_lifecycle[{variant}]"
    one = case(name)
    runs(name, "lambda_api.json", variant)
    files, handler = languages.package_of(variant, "echo")
    parameters = {"Runtime": variant, "Handler": handler, "MemorySize": 1024, "Timeout": 5}
    made = make(files, **parameters)
    one.check("create_function_response", made)
    active(NAME)
    one.check("get_function_response_latest", lambda_.get_function(FunctionName=NAME))
    lambda_.publish_version(FunctionName=NAME, Description="version1")
    lambda_.get_waiter("published_version_active").wait(
        FunctionName=NAME, Qualifier="1", WaiterConfig={"Delay": 0.1, "MaxAttempts": 200}
    )
    one.check("get_function_response_version_1", lambda_.get_function(FunctionName=NAME, Qualifier="1"))


@pytest.mark.variants("lambda_api.json", "TestLambdaSnapStart::test_snapstart_update_function_configuration")
def test_snapstart_of_an_update(case, runs, languages, make, active, lambda_, variant):
    name = f"TestLambdaSnapStart::test_snapstart_update_function_configuration[{variant}]"
    one = case(name)
    runs(name, "lambda_api.json", variant)
    files, handler = languages.package_of(variant, "echo")
    made = make(files, Runtime=variant, Handler=handler, MemorySize=1024, Timeout=5)
    one.check("create_function_response", made)
    active(NAME)
    changed = lambda_.update_function_configuration(FunctionName=NAME, SnapStart={"ApplyOn": "PublishedVersions"})
    one.check("update_function_response", changed)


def test_snapstart_refused(case, make, error):
    one = case("TestLambdaSnapStart::test_snapstart_exceptions")
    refused = error(make, SnapStart={"ApplyOn": "invalidOption"})
    one.check("create_function_invalid_snapstart_apply", refused)
