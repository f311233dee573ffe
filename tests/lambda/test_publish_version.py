"""PublishVersion."""


def test_only_changes_are_published(lambda_, create, updated):
    name = create()
    first = lambda_.publish_version(FunctionName=name, Description="first")
    assert first["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert (first["Version"], first["Description"]) == ("1", "first")
    assert first["FunctionArn"].endswith(f":{name}:1")
    again = lambda_.publish_version(FunctionName=name)
    assert (again["Version"], again["RevisionId"]) == ("1", first["RevisionId"])
    lambda_.update_function_configuration(FunctionName=name, Timeout=9)
    updated(name)
    assert lambda_.publish_version(FunctionName=name)["Version"] == "2"
    assert lambda_.get_function_configuration(FunctionName=name, Qualifier="1")["Timeout"] == 3


def test_the_same_configuration_is_not_published_again(lambda_, create, updated, package):
    """As tools deploy: all of it is sent each time."""
    variables = {"Variables": {"AB": "1"}}
    name = create(Publish=True, Environment=variables)

    def publish(call, **parameters):
        call(FunctionName=name, **parameters)
        updated(name)
        return lambda_.publish_version(FunctionName=name)["Version"]

    assert publish(lambda_.update_function_configuration, Timeout=3, Environment=variables) == "1"
    source = {"index.py": "def handler(event, context):\n    return event\n"}
    assert publish(lambda_.update_function_code, ZipFile=package(source)) == "1"
    other = {"Variables": {"AB": "2"}}
    assert publish(lambda_.update_function_configuration, Environment=other) == "2"


def test_numbers_are_not_used_twice(lambda_, versions, updated):
    lambda_.delete_function(FunctionName=versions, Qualifier="2")
    lambda_.update_function_configuration(FunctionName=versions, Timeout=9)
    updated(versions)
    assert lambda_.publish_version(FunctionName=versions)["Version"] == "3"


def test_cli(account, create):
    assert account.aws("lambda", "publish-version", "--function-name", create())["Version"] == "1"


def test_bad_input(lambda_, create, fails):
    name, call = create(), lambda_.publish_version
    fails("InvalidParameterValueException", call, FunctionName=name, CodeSha256="wrong")
    fails("PreconditionFailedException", call, FunctionName=name, RevisionId="wrong")
    fails("ResourceNotFoundException", call, FunctionName="missing")


def test_denied(nobody, create, denied):
    denied("lambda:PublishVersion", nobody.publish_version, FunctionName=create())
