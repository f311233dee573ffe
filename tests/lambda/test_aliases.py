"""CreateAlias, GetAlias, ListAliases, UpdateAlias, DeleteAlias."""

import json

import pytest

WHICH = "def handler(event, context):\n    return context.function_version\n"


def invoke(lambda_, name):
    return json.loads(lambda_.invoke(FunctionName=name)["Payload"].read())


def test_life(lambda_, versions, account, fails):
    made = lambda_.create_alias(FunctionName=versions, Name="live", FunctionVersion="1", Description="d")
    assert made.pop("ResponseMetadata")["HTTPStatusCode"] == 201
    assert made["AliasArn"] == f"arn:aws:lambda:us-east-1:{account.id}:function:{versions}:live"
    assert "RoutingConfig" not in made
    got = lambda_.get_alias(FunctionName=versions, Name="live")
    got.pop("ResponseMetadata")
    assert got == made
    updated = lambda_.update_alias(FunctionName=versions, Name="live", FunctionVersion="2")
    assert (updated["FunctionVersion"], updated["Description"]) == ("2", "d")
    assert updated["RevisionId"] != made["RevisionId"]
    for _ in range(2):
        answer = lambda_.delete_alias(FunctionName=versions, Name="live")
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    message = fails("ResourceNotFoundException", lambda_.get_alias, FunctionName=versions, Name="live")
    assert message == f"Cannot find alias arn: {made['AliasArn']}"


def test_an_alias_moves(lambda_, create, updated):
    name = create(WHICH, Publish=True)
    lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    assert invoke(lambda_, f"{name}:live") == "1"
    lambda_.update_function_configuration(FunctionName=name, Description="2")
    updated(name)
    lambda_.publish_version(FunctionName=name)
    assert invoke(lambda_, f"{name}:live") == "1"
    lambda_.update_alias(FunctionName=name, Name="live", FunctionVersion="2")
    assert invoke(lambda_, f"{name}:live") == "2"


def test_weights_share_the_traffic(lambda_, create, updated):
    name = create(WHICH, Publish=True)
    lambda_.update_function_configuration(FunctionName=name, Description="2")
    updated(name)
    lambda_.publish_version(FunctionName=name)
    made = lambda_.create_alias(
        FunctionName=name, Name="live", FunctionVersion="1",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}},
    )
    assert made["RoutingConfig"] == {"AdditionalVersionWeights": {"2": 0.5}}
    seen = [invoke(lambda_, f"{name}:live") for _ in range(60)]
    assert set(seen) == {"1", "2"}


def test_list(lambda_, versions):
    for name, version in [("a", "1"), ("b", "2"), ("c", "1")]:
        lambda_.create_alias(FunctionName=versions, Name=name, FunctionVersion=version)
    pages = lambda_.get_paginator("list_aliases").paginate(
        FunctionName=versions, PaginationConfig={"PageSize": 2}
    )
    assert [[one["Name"] for one in page["Aliases"]] for page in pages] == [["a", "b"], ["c"]]
    only = lambda_.list_aliases(FunctionName=versions, FunctionVersion="1")["Aliases"]
    assert [one["Name"] for one in only] == ["a", "c"]


def test_cli(account, versions):
    name = ["--function-name", versions]
    account.aws("lambda", "create-alias", *name, "--name", "live", "--function-version", "1")
    account.aws("lambda", "update-alias", *name, "--name", "live", "--function-version", "2")
    assert account.aws("lambda", "get-alias", *name, "--name", "live")["FunctionVersion"] == "2"
    assert len(account.aws("lambda", "list-aliases", *name)["Aliases"]) == 1
    account.aws("lambda", "delete-alias", *name, "--name", "live")
    assert account.aws("lambda", "list-aliases", *name)["Aliases"] == []


@pytest.mark.parametrize(
    "version, weights, code, text",
    [
        ("10", {}, "ResourceNotFoundException", ":10"),
        ("1", {"10": 0.5}, "ResourceNotFoundException", ":10"),
        ("1", {"1": 0.5}, "InvalidParameterValueException",
         "Invalid function version 1. Function version 1 is already included in routing configuration."),
        ("1", {"2": 0.1, "3": 0.1}, "InvalidParameterValueException",
         "Number of items in AdditionalVersionWeights cannot be greater than 1"),
        ("$LATEST", {"1": 0.5}, "InvalidParameterValueException",
         "$LATEST is not supported for an alias pointing to more than 1 version"),
        ("1", {"2": 2.0}, "ValidationException", "routingConfig.additionalVersionWeights"),
        ("1", {"$LATEST": 0.5}, "ValidationException", "routingConfig.additionalVersionWeights"),
    ],
)
def test_bad_input(lambda_, versions, fails, version, weights, code, text):
    message = fails(
        code, lambda_.create_alias, FunctionName=versions, Name="x", FunctionVersion=version,
        RoutingConfig={"AdditionalVersionWeights": weights},
    )
    assert text in message


def test_a_version_has_one_number(lambda_, versions, account, fails):
    make = lambda_.create_alias
    message = fails("ResourceNotFoundException", make, FunctionName=versions, Name="z", FunctionVersion="01")
    assert message == f"Function not found: arn:aws:lambda:us-east-1:{account.id}:function:{versions}:01"
    weights = {"AdditionalVersionWeights": {"02": 0.5}}
    fails(
        "ResourceNotFoundException", make, FunctionName=versions, Name="z", FunctionVersion="1", RoutingConfig=weights
    )
    for call in [lambda_.invoke, lambda_.get_function]:
        fails("ResourceNotFoundException", call, FunctionName=versions, Qualifier="01")
    fails(
        "ResourceNotFoundException", lambda_.put_function_event_invoke_config, FunctionName=versions,
        Qualifier="01", MaximumRetryAttempts=1,
    )
    permission = {"StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}
    fails("ResourceNotFoundException", lambda_.add_permission, FunctionName=f"{versions}:01", **permission)
    fails(
        "ResourceNotFoundException", lambda_.put_provisioned_concurrency_config, FunctionName=versions,
        Qualifier="01", ProvisionedConcurrentExecutions=1,
    )


def test_missing_and_existing(lambda_, versions, fails):
    lambda_.create_alias(FunctionName=versions, Name="live", FunctionVersion="1")
    message = fails(
        "ResourceConflictException", lambda_.create_alias,
        FunctionName=versions, Name="live", FunctionVersion="1",
    )
    assert message.startswith("Alias already exists: arn:aws:lambda:")
    message = fails("ResourceNotFoundException", lambda_.update_alias, FunctionName=versions, Name="x")
    assert message.startswith("Alias not found: arn:aws:lambda:")
    fails(
        "PreconditionFailedException", lambda_.update_alias,
        FunctionName=versions, Name="live", RevisionId="wrong",
    )
    fails("ResourceNotFoundException", lambda_.list_aliases, FunctionName="missing")


def test_denied(nobody, versions, denied):
    alias = {"FunctionName": versions, "Name": "live"}
    denied("lambda:CreateAlias", nobody.create_alias, FunctionVersion="1", **alias)
    denied("lambda:GetAlias", nobody.get_alias, **alias)
    denied("lambda:ListAliases", nobody.list_aliases, FunctionName=versions)
    denied("lambda:UpdateAlias", nobody.update_alias, **alias)
    denied("lambda:DeleteAlias", nobody.delete_alias, **alias)
