"""The operations on code signing configurations.

Signatures are made by AWS Signer, which is not here: no package has one.
"""

import pytest


@pytest.fixture
def config(lambda_, account):
    """`config("Enforce")` makes a configuration and answers with its ARN."""

    def make(policy, **more):
        profile = f"arn:aws:signer:us-east-1:{account.id}:/signing-profiles/test/version1"
        made = lambda_.create_code_signing_config(
            AllowedPublishers={"SigningProfileVersionArns": [profile]},
            CodeSigningPolicies={"UntrustedArtifactOnDeployment": policy},
            **more,
        )
        return made["CodeSigningConfig"]["CodeSigningConfigArn"]

    return make


def test_life(lambda_, config, create, account, fails):
    arn = config("Enforce", Description="first", Tags={"k": "v"})
    assert arn.startswith(f"arn:aws:lambda:us-east-1:{account.id}:code-signing-config:csc-")
    shown = lambda_.get_code_signing_config(CodeSigningConfigArn=arn)["CodeSigningConfig"]
    assert shown["CodeSigningConfigId"] == arn.rsplit(":", 1)[1]
    assert shown["CodeSigningPolicies"] == {"UntrustedArtifactOnDeployment": "Enforce"}
    updated = lambda_.update_code_signing_config(
        CodeSigningConfigArn=arn, CodeSigningPolicies={"UntrustedArtifactOnDeployment": "Warn"}
    )["CodeSigningConfig"]
    assert updated["CodeSigningPolicies"] == {"UntrustedArtifactOnDeployment": "Warn"}
    assert updated["Description"] == "first"
    assert lambda_.list_tags(Resource=arn)["Tags"] == {"k": "v"}
    lambda_.tag_resource(Resource=arn, Tags={"l": "w"})
    lambda_.untag_resource(Resource=arn, TagKeys=["k"])
    assert lambda_.list_tags(Resource=arn)["Tags"] == {"l": "w"}
    name = create(CodeSigningConfigArn=arn)
    got = lambda_.get_function_code_signing_config(FunctionName=name)
    assert (got["CodeSigningConfigArn"], got["FunctionName"]) == (arn, name)
    other = config("Warn")
    listed = lambda_.list_code_signing_configs()["CodeSigningConfigs"]
    assert {one["CodeSigningConfigArn"] for one in listed} == {arn, other}
    functions = lambda_.list_functions_by_code_signing_config(CodeSigningConfigArn=arn)
    assert functions["FunctionArns"] == [f"arn:aws:lambda:us-east-1:{account.id}:function:{name}"]
    fails("ResourceConflictException", lambda_.delete_code_signing_config, CodeSigningConfigArn=arn)
    lambda_.delete_function_code_signing_config(FunctionName=name)
    lambda_.put_function_code_signing_config(FunctionName=name, CodeSigningConfigArn=other)
    lambda_.delete_code_signing_config(CodeSigningConfigArn=arn)
    message = fails("ResourceNotFoundException", lambda_.get_code_signing_config, CodeSigningConfigArn=arn)
    assert message == f"The Lambda code signing configuration {arn} can not be found."
    # The function's own goes with it.
    lambda_.delete_function(FunctionName=name)
    assert lambda_.list_functions_by_code_signing_config(CodeSigningConfigArn=other)["FunctionArns"] == []


def test_enforced_means_that_nothing_unsigned_is_deployed(lambda_, config, create, updated, package, fails):
    arn, code = config("Enforce"), "CodeVerificationFailedException"
    message = fails(code, create, CodeSigningConfigArn=arn)
    assert message.startswith("Lambda cannot deploy the function.")
    name = create("def handler(event, context):\n    return 'deployed before'\n")
    lambda_.put_function_code_signing_config(FunctionName=name, CodeSigningConfigArn=arn)
    archive = package({"index.py": "def handler(event, context):\n    return 'new'\n"})
    fails(code, lambda_.update_function_code, FunctionName=name, ZipFile=archive)
    layer = lambda_.publish_layer_version(LayerName="l", Content={"ZipFile": archive})["LayerVersionArn"]
    fails(code, lambda_.update_function_configuration, FunctionName=name, Layers=[layer])
    lambda_.update_function_configuration(FunctionName=name, Description="no deployment")
    updated(name)
    assert lambda_.invoke(FunctionName=name)["Payload"].read() == b'"deployed before"'
    policies = {"UntrustedArtifactOnDeployment": "Warn"}
    lambda_.update_code_signing_config(CodeSigningConfigArn=arn, CodeSigningPolicies=policies)
    lambda_.update_function_code(FunctionName=name, ZipFile=archive)
    updated(name)
    assert lambda_.invoke(FunctionName=name)["Payload"].read() == b'"new"'


def test_bad_input(lambda_, account, create, fails):
    missing = f"arn:aws:lambda:us-east-1:{account.id}:code-signing-config:csc-077c33b4c19e26036"
    code = "CodeSigningConfigNotFoundException"
    message = fails(code, create, CodeSigningConfigArn=missing)
    assert message.startswith("The code signing configuration cannot be found.")
    name = create()
    fails(code, lambda_.put_function_code_signing_config, FunctionName=name, CodeSigningConfigArn=missing)
    fails("ResourceNotFoundException", lambda_.get_function_code_signing_config, FunctionName="missing")
    fails("ResourceNotFoundException", lambda_.delete_function_code_signing_config, FunctionName="missing")
    fails("ResourceNotFoundException", lambda_.update_code_signing_config, CodeSigningConfigArn=missing)
    fails("ResourceNotFoundException", lambda_.delete_code_signing_config, CodeSigningConfigArn=missing)
    profiles = {"SigningProfileVersionArns": ["no arn"]}
    fails("ValidationException", lambda_.create_code_signing_config, AllowedPublishers=profiles)


def test_denied(nobody, config, create, denied):
    arn, name = config("Warn"), create()
    profiles = {"SigningProfileVersionArns": ["arn:aws:signer:us-east-1:111111111111:/signing-profiles/test"]}
    denied("lambda:CreateCodeSigningConfig", nobody.create_code_signing_config, AllowedPublishers=profiles)
    denied("lambda:ListCodeSigningConfigs", nobody.list_code_signing_configs)
    for call in ["Get", "Update", "Delete"]:
        method = getattr(nobody, f"{call.lower()}_code_signing_config")
        denied(f"lambda:{call}CodeSigningConfig", method, CodeSigningConfigArn=arn)
    method = nobody.list_functions_by_code_signing_config
    denied("lambda:ListFunctionsByCodeSigningConfig", method, CodeSigningConfigArn=arn)
    method = nobody.put_function_code_signing_config
    denied("lambda:PutFunctionCodeSigningConfig", method, FunctionName=name, CodeSigningConfigArn=arn)
    for call in ["Get", "Delete"]:
        method = getattr(nobody, f"{call.lower()}_function_code_signing_config")
        denied(f"lambda:{call}FunctionCodeSigningConfig", method, FunctionName=name)
