"""What replays of recordings share: the cases, the function that most of them are about, and who replayed what."""

import importlib.util
import json
import os
import tomllib
from pathlib import Path

import pytest
from botocore.exceptions import ClientError


def module(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


HERE = Path(__file__).parent
oracle = module(HERE.parents[1] / "oracle.py")
languages_module = module(HERE / "languages.py")
ECHO = {"index.py": "def handler(event, context):\n    return event\n"}
LISTED = tomllib.loads((HERE / "recordings.toml").read_text())
# The checked labels of every case that this session has asked for, by `file/name`; and why a case was skipped.
REPLAYED, SKIPPED = {}, {}


def recorded(file):
    """The cases of `lambda.json` and so on: their names without the file that made them, and their answers."""
    directory = os.environ.get("NUAGE_ORACLE")
    if not directory:
        return {}
    cases = json.loads((Path(directory) / "lambda" / file).read_text())
    # Some names stand twice, under an older name of their file: the newer one counts.
    newest = sorted(cases.items(), key=lambda item: item[0].startswith("test_lambda.py"))
    return {key.split("::", 1)[1]: case["recorded-content"] for key, case in newest}


def pytest_generate_tests(metafunc):
    """`@pytest.mark.variants("lambda_common.json", "TestClass::test_name")`: once for each `[variant]` recorded."""
    for mark in metafunc.definition.iter_markers("variants"):
        file, name = mark.args
        found = [key[len(name) + 1 : -1] for key in recorded(file) if key.startswith(name + "[")]
        metafunc.parametrize("variant", found or [pytest.param("", marks=pytest.mark.skip("NUAGE_ORACLE is not set"))])


def pytest_configure(config):
    config.addinivalue_line("markers", "variants(file, name): once for each recorded variant of a case")


def pytest_terminal_summary(terminalreporter):
    if not REPLAYED:
        return
    files = (Path(os.environ["NUAGE_ORACLE"]) / "lambda").glob("*.json")
    count = sum(len(recorded(file.name)) for file in files)
    terminalreporter.write_line(
        f"recordings of Lambda: {len(REPLAYED.keys() - SKIPPED.keys())} of {count} cases replayed, {len(SKIPPED)} skipped"
        + "".join(f"\n  {name}: {reason}" for name, reason in sorted(SKIPPED.items()))
    )


@pytest.fixture(scope="session")
def languages():
    return languages_module


@pytest.fixture(scope="session")
def replayed():
    """`file/name` of each case asked for in this session, and the labels that were checked."""
    return REPLAYED


@pytest.fixture(scope="session")
def skipped():
    return SKIPPED


@pytest.fixture(scope="session")
def cloud(cloud, tmp_path_factory):
    """A cloud on which a version of a language stands in for those that this host has not."""
    wanted = {
        key[:-1].split("[")[1]
        for file in ("lambda_common.json", "lambda_runtimes.json")
        for key in recorded(file)
        if key.endswith("]") and "CUSTOM" not in key
    }
    wanted |= {"java11", "nodejs16.x"}
    mapped, stand_ins, available = languages_module.interpreters(cloud, wanted)
    directory = tmp_path_factory.mktemp("recordings")
    lines = [f'"{name}" = "{path}"\n' for name, path in sorted(mapped.items())]
    (directory / "nuage.toml").write_text("[runtimes]\n" + "".join(lines))
    own = type(cloud)("--ephemeral", "--config", directory / "nuage.toml")
    own.stand_ins, own.available = stand_ins, available
    yield own
    own.close()


@pytest.fixture(scope="session")
def error():
    """`error(call, **parameters)`: what the client sees of an error, as recordings show it."""

    def error(call, /, **parameters):
        with pytest.raises(ClientError) as raised:
            call(**parameters)
        return raised.value.response

    return error


class Replayed(oracle.Case):
    """A case that keeps a record of what of it was checked."""

    def __init__(self, checked, *arguments, **keywords):
        super().__init__(*arguments, **keywords)
        self.checked = checked

    def check(self, label, answer):
        super().check(label, answer)
        self.checked.add(label)


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
        if not os.environ.get("NUAGE_ORACLE"):
            pytest.skip("NUAGE_ORACLE does not name a directory of recordings")
        answers = recorded(file)[name]
        checked = REPLAYED.setdefault(f"{file.removesuffix('.json')}/{name}", set())
        return Replayed(checked, answers, account.id, different=different.pop(None), by_label=different)

    return case


@pytest.fixture
def runs(cloud):
    """`runs(case, file, runtime)`: skips, by name, what no interpreter of this host can run."""

    def check(name, file, runtime):
        reason = languages_module.missing(runtime)
        if runtime not in cloud.available:
            reason = f"this host has no {languages_module.language_of(runtime)}"
        if reason:
            SKIPPED[f"{file.removesuffix('.json')}/{name}"] = reason
            pytest.skip(reason)

    return check


@pytest.fixture
def active(lambda_):
    def wait(name):
        lambda_.get_waiter("function_active_v2").wait(
            FunctionName=name, WaiterConfig={"Delay": 0.05, "MaxAttempts": 200}
        )

    return wait


@pytest.fixture
def invoke(lambda_):
    """`invoke(name, event, **parameters)`: the answer as recordings show it, its payload read."""

    def call(name, event=None, **parameters):
        if event is not None:
            parameters["Payload"] = event if isinstance(event, bytes) else json.dumps(event)
        answer = lambda_.invoke(FunctionName=name, **parameters)
        text = answer["Payload"].read().decode()
        try:
            payload = json.loads(text)
        except ValueError:
            payload = text
        # Objects and lists are recorded as such, everything else as the text that it is.
        answer["Payload"] = payload if isinstance(payload, (dict, list)) else text
        return answer

    return call


@pytest.fixture
def make(lambda_, role, package, python_runtime):
    def make(files=ECHO, **changes):
        return lambda_.create_function(
            **{
                "FunctionName": "recorded-function",
                "Runtime": python_runtime,
                "Handler": "index.handler",
                "Role": role,
                "Code": {"ZipFile": package(files)},
                **changes,
            }
        )

    return make
