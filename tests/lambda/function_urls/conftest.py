"""What tests of function URLs share: functions that have one."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from asking import ECHO  # noqa: E402


@pytest.fixture
def grant(lambda_):
    """What everybody needs to call a URL."""

    def add(name, principal="*", auth_type="NONE", **qualifier):
        lambda_.add_permission(
            FunctionName=name, StatementId="url", Action="lambda:InvokeFunctionUrl", Principal=principal,
            FunctionUrlAuthType=auth_type, **qualifier,
        )
        lambda_.add_permission(
            FunctionName=name, StatementId="function", Action="lambda:InvokeFunction", Principal=principal,
            InvokedViaFunctionUrl=True, **qualifier,
        )

    return add


@pytest.fixture
def public(lambda_, create, grant):
    """`public()`: the address of a new function that everybody may call, and its name."""

    def make(source=ECHO, cors=None, mode=None, **parameters):
        name = create(source, **parameters)
        config = {"FunctionName": name, "AuthType": "NONE"}
        config |= {"Cors": cors} if cors else {}
        config |= {"InvokeMode": mode} if mode else {}
        url = lambda_.create_function_url_config(**config)["FunctionUrl"]
        grant(name)
        return url, name

    return make
