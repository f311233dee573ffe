"""InvokeAsync, deprecated."""


def test_accepted(lambda_, create):
    answer = lambda_.invoke_async(FunctionName=create(), InvokeArgs=b'{"a": 1}')
    assert answer["Status"] == 202


def test_cli(account, create, tmp_path):
    arguments = tmp_path / "arguments"
    arguments.write_text("{}")
    answer = account.aws(
        "lambda", "invoke-async", "--function-name", create(), "--invoke-args", arguments
    )
    assert answer["Status"] == 202


def test_bad_input(lambda_, create, fails):
    fails("ResourceNotFoundException", lambda_.invoke_async, FunctionName="missing", InvokeArgs=b"{}")
    fails("InvalidRequestContentException", lambda_.invoke_async, FunctionName=create(), InvokeArgs=b"x")


def test_denied(nobody, create, denied):
    denied("lambda:InvokeAsync", nobody.invoke_async, FunctionName=create(), InvokeArgs=b"{}")
