"""PutRuntimeManagementConfig and GetRuntimeManagementConfig."""


def test_life(lambda_, versions, account):
    name, arn = versions, f"arn:aws:lambda:us-east-1:{account.id}:function:{versions}"
    get = lambda_.get_runtime_management_config
    assert get(FunctionName=name)["UpdateRuntimeOn"] == "Auto"
    put = lambda_.put_runtime_management_config(FunctionName=name, UpdateRuntimeOn="FunctionUpdate")
    assert (put["UpdateRuntimeOn"], put["FunctionArn"]) == ("FunctionUpdate", f"{arn}:$LATEST")
    shown = lambda_.get_function_configuration(FunctionName=name, Qualifier="1")
    current = shown["RuntimeVersionConfig"]["RuntimeVersionArn"]
    lambda_.put_runtime_management_config(
        FunctionName=name, Qualifier="1", UpdateRuntimeOn="Manual", RuntimeVersionArn=current
    )
    got = get(FunctionName=name, Qualifier="1")
    assert (got["UpdateRuntimeOn"], got["RuntimeVersionArn"]) == ("Manual", current)
    assert get(FunctionName=name, Qualifier="2")["UpdateRuntimeOn"] == "Auto"
    got = get(FunctionName=name)
    assert got["UpdateRuntimeOn"] == "FunctionUpdate" and got.get("RuntimeVersionArn") is None
    assert lambda_.invoke(FunctionName=f"{name}:1")["StatusCode"] == 200


def test_bad_input(lambda_, create, fails):
    name, put = create(), lambda_.put_runtime_management_config
    invalid = "InvalidParameterValueException"
    fails(invalid, put, FunctionName=name, UpdateRuntimeOn="Manual")
    # There is one version of each runtime, that of this host.
    other = "arn:aws:lambda:us-east-1::runtime:" + "0" * 64
    message = fails(invalid, put, FunctionName=name, UpdateRuntimeOn="Manual", RuntimeVersionArn=other)
    assert other in message
    current = message.rsplit(" ", 1)[1].rstrip(".")
    fails(invalid, put, FunctionName=name, UpdateRuntimeOn="Auto", RuntimeVersionArn=current)
    fails("ResourceNotFoundException", put, FunctionName="missing", UpdateRuntimeOn="Auto")
    fails("ResourceNotFoundException", put, FunctionName=name, Qualifier="7", UpdateRuntimeOn="Auto")
    fails("ResourceNotFoundException", lambda_.get_runtime_management_config, FunctionName="missing")


def test_denied(nobody, create, denied):
    name = create()
    put = nobody.put_runtime_management_config
    denied("lambda:PutRuntimeManagementConfig", put, FunctionName=name, UpdateRuntimeOn="Auto")
    denied("lambda:GetRuntimeManagementConfig", nobody.get_runtime_management_config, FunctionName=name)
