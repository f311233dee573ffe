"""PutFunctionConcurrency, GetFunctionConcurrency, DeleteFunctionConcurrency, GetAccountSettings."""


def test_life(lambda_, create):
    name = create()
    put = lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=3)
    assert put["ReservedConcurrentExecutions"] == 3
    got = lambda_.get_function_concurrency(FunctionName=name)
    assert got["ReservedConcurrentExecutions"] == 3
    answer = lambda_.delete_function_concurrency(FunctionName=name)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert "ReservedConcurrentExecutions" not in lambda_.get_function_concurrency(FunctionName=name)


def test_a_hundred_stay_unreserved(lambda_, create, fails):
    name = create()
    message = fails(
        "InvalidParameterValueException", lambda_.put_function_concurrency,
        FunctionName=name, ReservedConcurrentExecutions=901,
    )
    assert message == (
        "Specified ReservedConcurrentExecutions for function decreases account's "
        "UnreservedConcurrentExecution below its minimum value of [100]."
    )
    lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=900)
    limits = lambda_.get_account_settings()["AccountLimit"]
    assert limits["UnreservedConcurrentExecutions"] == 100


def test_account_settings(lambda_, create):
    settings = lambda_.get_account_settings()
    assert settings["AccountLimit"] == {
        "TotalCodeSize": 80530636800,
        "CodeSizeUnzipped": 262144000,
        "CodeSizeZipped": 52428800,
        "ConcurrentExecutions": 1000,
        "UnreservedConcurrentExecutions": 1000,
    }
    assert settings["AccountUsage"] == {"TotalCodeSize": 0, "FunctionCount": 0}
    size = lambda_.get_function_configuration(FunctionName=create())["CodeSize"]
    assert lambda_.get_account_settings()["AccountUsage"] == {"TotalCodeSize": size, "FunctionCount": 1}


def test_cli(account, create):
    name = ["--function-name", create()]
    account.aws("lambda", "put-function-concurrency", *name, "--reserved-concurrent-executions", 5)
    got = account.aws("lambda", "get-function-concurrency", *name)
    assert got == {"ReservedConcurrentExecutions": 5}
    account.aws("lambda", "delete-function-concurrency", *name)
    assert account.aws("lambda", "get-account-settings")["AccountUsage"]["FunctionCount"] == 1


def test_bad_input(lambda_, versions, account, fails):
    put = lambda_.put_function_concurrency
    message = fails(
        "ResourceNotFoundException", put, FunctionName="missing", ReservedConcurrentExecutions=1
    )
    assert message == f"Function not found: arn:aws:lambda:us-east-1:{account.id}:function:missing:$LATEST"
    arn = f"arn:aws:lambda:us-east-1:{account.id}:function:{versions}:1"
    message = fails("InvalidParameterValueException", put, FunctionName=arn, ReservedConcurrentExecutions=1)
    assert message.startswith("This operation is permitted on Lambda functions only.")
    fails("ResourceNotFoundException", lambda_.get_function_concurrency, FunctionName="missing")
    fails("ResourceNotFoundException", lambda_.delete_function_concurrency, FunctionName="missing")


def test_denied(nobody, create, denied):
    name = create()
    denied(
        "lambda:PutFunctionConcurrency", nobody.put_function_concurrency,
        FunctionName=name, ReservedConcurrentExecutions=1,
    )
    denied("lambda:GetFunctionConcurrency", nobody.get_function_concurrency, FunctionName=name)
    denied("lambda:DeleteFunctionConcurrency", nobody.delete_function_concurrency, FunctionName=name)
    denied("lambda:GetAccountSettings", nobody.get_account_settings)
