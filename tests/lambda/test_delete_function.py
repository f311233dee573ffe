"""DeleteFunction."""


def test_everything_goes(lambda_, create, account, fails):
    name = create(Publish=True)
    lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    answer = lambda_.delete_function(FunctionName=name)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    message = fails("ResourceNotFoundException", lambda_.delete_function, FunctionName=name)
    assert message == f"Function not found: arn:aws:lambda:us-east-1:{account.id}:function:{name}"
    fails("ResourceNotFoundException", lambda_.invoke, FunctionName=name)
    create(FunctionName=name)
    assert lambda_.list_aliases(FunctionName=name)["Aliases"] == []
    assert len(lambda_.list_versions_by_function(FunctionName=name)["Versions"]) == 1


def test_one_version(lambda_, versions, fails):
    lambda_.delete_function(FunctionName=versions, Qualifier="1")
    listed = lambda_.list_versions_by_function(FunctionName=versions)["Versions"]
    assert [one["Version"] for one in listed] == ["$LATEST", "2"]


def test_cli(account, create):
    name = create()
    account.aws("lambda", "delete-function", "--function-name", name)
    assert account.aws("lambda", "list-functions")["Functions"] == []


def test_bad_input(lambda_, versions, fails):
    call, code = lambda_.delete_function, "InvalidParameterValueException"
    message = fails(code, call, FunctionName=versions, Qualifier="$LATEST")
    assert message == "$LATEST version cannot be deleted without deleting the function."
    message = fails(code, call, FunctionName=versions, Qualifier="live")
    assert message == "Deletion of aliases is not currently supported."
    lambda_.create_alias(FunctionName=versions, Name="live", FunctionVersion="1")
    fails("ResourceConflictException", call, FunctionName=versions, Qualifier="1")


def test_denied(nobody, create, denied):
    denied("lambda:DeleteFunction", nobody.delete_function, FunctionName=create())
