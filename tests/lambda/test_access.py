"""Every operation is refused to a user without permissions, in AWS's words; tags decide where a policy names them.

The callbacks of durable executions, which need one that is open, are in durable/test_api.py."""

import base64
import uuid

UUID = str(uuid.UUID(int=7))
NAME = {"FunctionName": "f"}
LAYER = {"LayerName": "l", "VersionNumber": 1}
CONFIG = "arn:aws:lambda:us-east-1:{account}:code-signing-config:csc-0123456789abcdef0"
EXECUTION = "arn:aws:lambda:us-east-1:{account}:function:f:1/durable-execution/e/" + UUID
TOKEN = {"CheckpointToken": base64.b64encode(b"token").decode()}
FUNCTION, LAYERS, MAPPING = "function:f", "layer:l", "event-source-mapping:" + UUID
MAPPED = {"FunctionName": "f", "EventSourceArn": "arn:aws:sqs:us-east-1:123456789012:q"}

# Operation: its input, and the resource that the refusal names. What begins with "arn:" is formatted with the account.
CALLS = {
    "AddLayerVersionPermission": (
        {**LAYER, "StatementId": "s", "Action": "lambda:GetLayerVersion", "Principal": "*"},
        "layer:l:1",
    ),
    "AddPermission": (
        {**NAME, "StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "*"},
        FUNCTION,
    ),
    "CheckpointDurableExecution": ({"DurableExecutionArn": EXECUTION, **TOKEN}, EXECUTION),
    "CreateAlias": ({**NAME, "Name": "a", "FunctionVersion": "1"}, FUNCTION),
    "CreateCodeSigningConfig": (
        {
            "AllowedPublishers": {
                "SigningProfileVersionArns": ["arn:aws:signer:us-east-1:{account}:/signing-profiles/p/0123456789"]
            }
        },
        "*",
    ),
    "CreateEventSourceMapping": (MAPPED, "*"),
    "CreateFunction": (
        {**NAME, "Role": "arn:aws:iam::{account}:role/r", "Code": {"ZipFile": b"x"}},
        FUNCTION,
    ),
    "CreateFunctionUrlConfig": ({**NAME, "AuthType": "NONE"}, FUNCTION),
    "DeleteAlias": ({**NAME, "Name": "a"}, FUNCTION),
    "DeleteCodeSigningConfig": ({"CodeSigningConfigArn": CONFIG}, CONFIG),
    "DeleteEventSourceMapping": ({"UUID": UUID}, MAPPING),
    "DeleteFunction": (NAME, FUNCTION),
    "DeleteFunctionCodeSigningConfig": (NAME, FUNCTION),
    "DeleteFunctionConcurrency": (NAME, FUNCTION),
    "DeleteFunctionEventInvokeConfig": (NAME, FUNCTION),
    "DeleteFunctionUrlConfig": (NAME, FUNCTION),
    "DeleteLayerVersion": (LAYER, "layer:l:1"),
    "DeleteProvisionedConcurrencyConfig": ({**NAME, "Qualifier": "1"}, FUNCTION + ":1"),
    "GetAccountSettings": ({}, "*"),
    "GetAlias": ({**NAME, "Name": "a"}, FUNCTION),
    "GetCodeSigningConfig": ({"CodeSigningConfigArn": CONFIG}, CONFIG),
    "GetDurableExecution": ({"DurableExecutionArn": EXECUTION}, EXECUTION),
    "GetDurableExecutionHistory": ({"DurableExecutionArn": EXECUTION}, EXECUTION),
    "GetDurableExecutionState": ({"DurableExecutionArn": EXECUTION, **TOKEN}, EXECUTION),
    "GetEventSourceMapping": ({"UUID": UUID}, MAPPING),
    "GetFunction": (NAME, FUNCTION),
    "GetFunctionCodeSigningConfig": (NAME, FUNCTION),
    "GetFunctionConcurrency": (NAME, FUNCTION),
    "GetFunctionConfiguration": (NAME, FUNCTION),
    "GetFunctionEventInvokeConfig": (NAME, FUNCTION),
    "GetFunctionRecursionConfig": (NAME, FUNCTION),
    "GetFunctionUrlConfig": (NAME, FUNCTION),
    "GetLayerVersion": (LAYER, "layer:l:1"),
    "GetLayerVersionByArn": ({"Arn": "arn:aws:lambda:us-east-1:{account}:layer:l:1"}, "layer:l:1"),
    "GetLayerVersionPolicy": (LAYER, "layer:l:1"),
    "GetPolicy": (NAME, FUNCTION),
    "GetProvisionedConcurrencyConfig": ({**NAME, "Qualifier": "1"}, FUNCTION + ":1"),
    "GetRuntimeManagementConfig": (NAME, FUNCTION),
    "Invoke": (NAME, FUNCTION),
    "InvokeAsync": ({**NAME, "InvokeArgs": b"{}"}, FUNCTION),
    "InvokeWithResponseStream": (NAME, FUNCTION),
    "ListAliases": (NAME, FUNCTION),
    "ListCodeSigningConfigs": ({}, "*"),
    "ListDurableExecutionsByFunction": (NAME, FUNCTION),
    "ListEventSourceMappings": ({}, "*"),
    "ListFunctionEventInvokeConfigs": (NAME, FUNCTION),
    "ListFunctionUrlConfigs": (NAME, FUNCTION),
    "ListFunctions": ({}, "*"),
    "ListFunctionsByCodeSigningConfig": ({"CodeSigningConfigArn": CONFIG}, CONFIG),
    "ListLayerVersions": ({"LayerName": "l"}, LAYERS),
    "ListLayers": ({}, "*"),
    "ListProvisionedConcurrencyConfigs": (NAME, FUNCTION),
    "ListTags": ({"Resource": "arn:aws:lambda:us-east-1:{account}:function:f"}, FUNCTION),
    "ListVersionsByFunction": (NAME, FUNCTION),
    "PublishLayerVersion": ({"LayerName": "l", "Content": {"ZipFile": b"x"}}, LAYERS),
    "PublishVersion": (NAME, FUNCTION),
    "PutFunctionCodeSigningConfig": ({**NAME, "CodeSigningConfigArn": CONFIG}, FUNCTION),
    "PutFunctionConcurrency": ({**NAME, "ReservedConcurrentExecutions": 1}, FUNCTION),
    "PutFunctionEventInvokeConfig": ({**NAME, "MaximumRetryAttempts": 1}, FUNCTION),
    "PutFunctionRecursionConfig": ({**NAME, "RecursiveLoop": "Allow"}, FUNCTION),
    "PutProvisionedConcurrencyConfig": (
        {**NAME, "Qualifier": "1", "ProvisionedConcurrentExecutions": 1},
        FUNCTION + ":1",
    ),
    "PutRuntimeManagementConfig": ({**NAME, "UpdateRuntimeOn": "Auto"}, FUNCTION),
    "RemoveLayerVersionPermission": ({**LAYER, "StatementId": "s"}, "layer:l:1"),
    "RemovePermission": ({**NAME, "StatementId": "s"}, FUNCTION),
    "StopDurableExecution": ({"DurableExecutionArn": EXECUTION}, EXECUTION),
    "TagResource": (
        {"Resource": "arn:aws:lambda:us-east-1:{account}:function:f", "Tags": {"k": "v"}},
        FUNCTION,
    ),
    "UntagResource": (
        {"Resource": "arn:aws:lambda:us-east-1:{account}:function:f", "TagKeys": ["k"]},
        FUNCTION,
    ),
    "UpdateAlias": ({**NAME, "Name": "a"}, FUNCTION),
    "UpdateCodeSigningConfig": ({"CodeSigningConfigArn": CONFIG}, CONFIG),
    "UpdateEventSourceMapping": ({"UUID": UUID}, MAPPING),
    "UpdateFunctionCode": (NAME, FUNCTION),
    "UpdateFunctionConfiguration": (NAME, FUNCTION),
    "UpdateFunctionEventInvokeConfig": ({**NAME, "MaximumRetryAttempts": 1}, FUNCTION),
    "UpdateFunctionUrlConfig": (NAME, FUNCTION),
}
# Where the action is not called as the operation.
ACTIONS = {
    "GetLayerVersionByArn": "GetLayerVersion",
    "Invoke": "InvokeFunction",
    "InvokeWithResponseStream": "InvokeFunction",
}


def formatted(value, account):
    """`value` with the account's number in its ARNs."""
    match value:
        case str():
            return value.format(account=account.id) if value.startswith("arn:") else value
        case dict():
            return {name: formatted(one, account) for name, one in value.items()}
        case list():
            return [formatted(one, account) for one in value]
        case _:
            return value


def test_denied(account, nobody):
    wrong = []
    methods = {operation: name for name, operation in nobody.meta.method_to_api_mapping.items()}
    for operation, (parameters, resource) in CALLS.items():
        resource = formatted(resource, account)
        if ":" in resource and not resource.startswith("arn:"):
            resource = f"arn:aws:lambda:us-east-1:{account.id}:{resource}"
        action = ACTIONS.get(operation, operation)
        try:
            getattr(nobody, methods[operation])(**formatted(parameters, account))
            answer = "it is allowed"
        except nobody.exceptions.ClientError as error:
            answer = f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"
        expected = (
            f"AccessDeniedException: User: arn:aws:iam::{account.id}:user/user1 is not authorized to perform: "
            f"lambda:{action} on resource: {resource} because no identity-based policy allows the lambda:{action} action"
        )
        if answer != expected:
            wrong.append(f"{operation}: {answer}")
    assert not wrong, "\n".join(wrong)


def test_request_tags(user, denied, role, package, python_runtime):
    condition = {"StringEquals": {"aws:RequestTag/team": "red"}, "ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}
    mine = user(
        {"Action": ["lambda:CreateFunction", "lambda:TagResource"], "Condition": condition}, {"Action": "iam:PassRole"}
    )("lambda")
    new = {
        "FunctionName": "f",
        "Runtime": python_runtime,
        "Handler": "index.handler",
        "Role": role,
        "Code": {"ZipFile": package({"index.py": ""})},
    }
    denied("lambda:CreateFunction", mine.create_function, **new)
    denied("lambda:CreateFunction", mine.create_function, Tags={"team": "blue"}, **new)
    denied("lambda:CreateFunction", mine.create_function, Tags={"team": "red", "more": "x"}, **new)
    arn = mine.create_function(Tags={"team": "red"}, **new)["FunctionArn"]
    denied("lambda:TagResource", mine.tag_resource, Resource=arn, Tags={"team": "blue"})
    mine.tag_resource(Resource=arn, Tags={"team": "red"})


def test_tags_at_birth(user, account, fails, role, package, python_runtime):
    """Who creates with tags must be allowed to tag; the denial names the kind of resource where its id is not known yet."""
    mine = user({"Action": ["lambda:Create*", "iam:PassRole"]})("lambda")
    signing = {"SigningProfileVersionArns": [f"arn:aws:signer:us-east-1:{account.id}:/signing-profiles/p/0123456789"]}
    queue = f"arn:aws:sqs:us-east-1:{account.id}:q"
    calls = [
        (
            mine.create_function,
            "function:f",
            {
                "FunctionName": "f",
                "Runtime": python_runtime,
                "Handler": "index.handler",
                "Role": role,
                "Code": {"ZipFile": package({"index.py": ""})},
            },
        ),
        (mine.create_code_signing_config, "code-signing-config:*", {"AllowedPublishers": signing}),
        (mine.create_event_source_mapping, "event-source-mapping:*", {"FunctionName": "f", "EventSourceArn": queue}),
        (
            mine.create_capacity_provider,
            "capacity-provider:p",
            {
                "CapacityProviderName": "p",
                "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": []},
                "PermissionsConfig": {"CapacityProviderOperatorRoleArn": role},
            },
        ),
    ]
    for call, resource, parameters in calls:
        message = fails("AccessDeniedException", call, Tags={"k": "v"}, **parameters)
        arn = f"arn:aws:lambda:us-east-1:{account.id}:{resource}"
        assert f"is not authorized to perform: lambda:TagResource on resource: {arn} because" in message
    call, _, parameters = calls[0]
    call(**parameters)


def test_resource_tags(user, denied, create, lambda_, account):
    name, other = create(Tags={"team": "red"}), create(Tags={"team": "blue"})
    condition = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    mine = user({"Action": "lambda:*", "Condition": condition})("lambda")
    for call, action in [
        (mine.get_function, "GetFunction"),
        (mine.invoke, "InvokeFunction"),
        (mine.publish_version, "PublishVersion"),
        (mine.list_versions_by_function, "ListVersionsByFunction"),
        (mine.list_durable_executions_by_function, "ListDurableExecutionsByFunction"),
    ]:
        call(FunctionName=name)
        denied(f"lambda:{action}", call, FunctionName=other)
    arn = f"arn:aws:lambda:us-east-1:{account.id}:function:"
    mine.list_tags(Resource=arn + name)
    denied("lambda:UntagResource", mine.untag_resource, Resource=arn + other, TagKeys=["team"])
    # The decision follows the tags.
    lambda_.tag_resource(Resource=arn + other, Tags={"team": "red"})
    mine.invoke(FunctionName=other)
    lambda_.untag_resource(Resource=arn + name, TagKeys=["team"])
    denied("lambda:InvokeFunction", mine.invoke, FunctionName=name)
