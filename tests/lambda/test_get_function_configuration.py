"""GetFunctionConfiguration."""


def test_answer(lambda_, create):
    name = create(Environment={"Variables": {"KEY": "value"}}, Description="d")
    got = lambda_.get_function_configuration(FunctionName=name)
    assert got["Environment"] == {"Variables": {"KEY": "value"}}
    assert (got["Description"], got["State"]) == ("d", "Active")


def test_cli(account, create, python_runtime):
    got = account.aws("lambda", "get-function-configuration", "--function-name", create())
    assert got["Runtime"] == python_runtime


def test_missing(lambda_, account, create, fails):
    name = create()
    message = fails(
        "ResourceNotFoundException", lambda_.get_function_configuration, FunctionName=name, Qualifier="1221"
    )
    assert message == f"Function not found: arn:aws:lambda:us-east-1:{account.id}:function:{name}:1221"


def test_denied(nobody, create, denied):
    denied("lambda:GetFunctionConfiguration", nobody.get_function_configuration, FunctionName=create())
