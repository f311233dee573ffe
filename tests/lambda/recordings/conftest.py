"""What replays of recordings share: the cases, and the function that most of them are about."""

import importlib.util
import tomllib
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

SPEC = importlib.util.spec_from_file_location("oracle", Path(__file__).parents[2] / "oracle.py")
oracle = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(oracle)

ECHO = {"index.py": "def handler(event, context):\n    return event\n"}


LISTED = tomllib.loads((Path(__file__).parent / "recordings.toml").read_text())


@pytest.fixture(scope="session")
def error():
    """`error(call, **parameters)`: what the client sees of an error, as recordings show it."""

    def error(call, /, **parameters):
        with pytest.raises(ClientError) as raised:
            call(**parameters)
        return raised.value.response

    return error


@pytest.fixture
def case(account):
    """`case("TestClass::test_name")`: that case, without the members whose difference `recordings.toml` lists."""

    def case(name, file="lambda_api.json"):
        different = {}
        for one in LISTED["different"]:
            if one["case"] in (name, name.split("[")[0]):
                different.setdefault(one.get("label"), set()).update(one["members"])
        # Which Python runs is this host's.
        different.setdefault(None, set()).add("Runtime")
        answers = oracle.load("lambda", file, name)
        return oracle.Case(answers, account.id, different=different.pop(None), by_label=different)

    return case


@pytest.fixture
def active(lambda_):
    def wait(name):
        lambda_.get_waiter("function_active_v2").wait(
            FunctionName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 100}
        )

    return wait


@pytest.fixture
def make(lambda_, role, package, python_runtime):
    def make(**changes):
        return lambda_.create_function(
            **{
                "FunctionName": "recorded-function",
                "Runtime": python_runtime,
                "Handler": "index.handler",
                "Role": role,
                "Code": {"ZipFile": package(ECHO)},
                **changes,
            }
        )

    return make
