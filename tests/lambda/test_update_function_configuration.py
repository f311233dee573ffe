"""UpdateFunctionConfiguration."""

import json

ENVIRONMENT = "import os\ndef handler(event, context):\n    return os.environ.get('KEY')\n"


def test_what_is_not_named_stays(lambda_, create, updated):
    name = create(MemorySize=256, Description="d")
    answer = lambda_.update_function_configuration(FunctionName=name, Timeout=10)
    assert (answer["Timeout"], answer["MemorySize"], answer["Description"]) == (10, 256, "d")
    assert answer["LastUpdateStatus"] == "InProgress"
    updated(name)
    got = lambda_.get_function_configuration(FunctionName=name)
    assert (got["Timeout"], got["LastUpdateStatus"]) == (10, "Successful")


def test_the_next_invocation_sees_new_variables(lambda_, create, updated):
    name = create(ENVIRONMENT, Environment={"Variables": {"KEY": "old"}})
    invoke = lambda: json.loads(lambda_.invoke(FunctionName=name)["Payload"].read())
    assert invoke() == "old"
    lambda_.update_function_configuration(FunctionName=name, Environment={"Variables": {"KEY": "new"}})
    updated(name)
    assert invoke() == "new"


def test_json_logging_gets_levels(lambda_, create):
    name = create()
    answer = lambda_.update_function_configuration(
        FunctionName=name, LoggingConfig={"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG"}
    )
    assert answer["LoggingConfig"] == {
        "LogFormat": "JSON",
        "ApplicationLogLevel": "DEBUG",
        "SystemLogLevel": "INFO",
        "LogGroup": f"/aws/lambda/{name}",
    }


def test_no_vpc_is_shown_where_it_is_named(lambda_, create, updated):
    name = create()
    assert "VpcConfig" not in lambda_.get_function_configuration(FunctionName=name)
    none = {"SubnetIds": [], "SecurityGroupIds": []}
    answer = lambda_.update_function_configuration(FunctionName=name, VpcConfig=none)
    assert answer["VpcConfig"] == {**none, "VpcId": "", "Ipv6AllowedForDualStack": False}
    updated(name)
    lambda_.update_function_configuration(FunctionName=name, Description="other")
    assert lambda_.get_function_configuration(FunctionName=name)["VpcConfig"] == answer["VpcConfig"]


def test_cli(account, create):
    answer = account.aws(
        "lambda", "update-function-configuration", "--function-name", create(), "--handler", "a.b"
    )
    assert answer["Handler"] == "a.b"


def test_bad_input(lambda_, create, role, fails):
    name, call = create(), lambda_.update_function_configuration
    fails("InvalidParameterValueException", call, FunctionName=name, Runtime="nodejs1.x")
    fails("ValidationException", call, FunctionName=name, Timeout=1000)
    fails("InvalidParameterValueException", call, FunctionName=name, Role=role + "-missing")
    fails("PreconditionFailedException", call, FunctionName=name, RevisionId="wrong")
    fails("ResourceNotFoundException", call, FunctionName="missing", Timeout=5)


def test_denied(nobody, create, denied):
    denied(
        "lambda:UpdateFunctionConfiguration", nobody.update_function_configuration,
        FunctionName=create(), Timeout=5,
    )
