"""What is not built says so in the service's own protocol, so that SDKs show it and do not try again."""

import botocore.awsrequest
import pytest
from botocore.exceptions import ClientError


@pytest.mark.parametrize(
    ("service", "operation", "name", "arguments"),
    [
        ("s3", "get_bucket_website", "GetBucketWebsite", {"Bucket": "bucket"}),
        ("s3", "get_object_acl", "GetObjectAcl", {"Bucket": "bucket", "Key": "k"}),
        ("sqs", "create_queue", "CreateQueue", {"QueueName": "q"}),
        ("kms", "describe_custom_key_stores", "DescribeCustomKeyStores", {}),
        (
            "sts",
            "assume_root",
            "AssumeRoot",
            {"TargetPrincipal": "000000000000", "TaskPolicyArn": {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}},
        ),
    ],
)
def test_known_services(client, service, operation, name, arguments):
    with pytest.raises(ClientError) as error:
        getattr(client(service), operation)(**arguments)
    answer = error.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert answer["Error"]["Code"] == "NotImplemented"
    assert name in answer["Error"]["Message"]
    assert "docs/coverage.md" in answer["Error"]["Message"]


@pytest.mark.parametrize(
    ("service", "operation"),
    [("dynamodb", "list_tables"), ("ecs", "list_clusters"), ("ec2", "describe_vpcs"), ("sns", "list_topics")],
)
def test_unknown_services(client, service, operation):
    with pytest.raises(ClientError) as error:
        getattr(client(service), operation)()
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_unknown_operations(cloud, account):
    """As clients of a newer API version see it."""
    sts = account.client("sts")
    sts.meta.events.register(
        "before-sign.sts.*",
        lambda request, **_: request.data.update({"Action": "BrewCoffee"}),
    )
    with pytest.raises(ClientError) as error:
        sts.get_caller_identity()
    assert error.value.response["Error"]["Code"] == "InvalidAction"
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    logs = account.client("logs")
    logs.meta.events.register(
        "before-sign.cloudwatch-logs.*",
        lambda request, **_: request.headers.replace_header("X-Amz-Target", "Logs_20140328.BrewCoffee"),
    )
    with pytest.raises(ClientError) as error:
        logs.describe_log_groups()
    assert error.value.response["Error"]["Code"] == "UnknownOperationException"
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
