"""The operations on event source mappings.

No service of this cloud has queues or streams yet, so what maps one is refused; reading is tested beside the code, over
sources in memory.
"""

import uuid

import pytest


@pytest.fixture
def queue(account):
    return f"arn:aws:sqs:us-east-1:{account.id}:queue"


@pytest.fixture
def stream(account):
    return f"arn:aws:kinesis:us-east-1:{account.id}:stream/stream"


def test_a_source_that_is_not_here_is_refused(lambda_, create, queue, stream, account, fails):
    name = create()
    make = lambda_.create_event_source_mapping
    message = fails("NotImplemented", make, FunctionName=name, EventSourceArn=queue)
    assert "Amazon SQS" in message
    message = fails(
        "NotImplemented", make, FunctionName=name, EventSourceArn=stream, StartingPosition="LATEST"
    )
    assert "Amazon Kinesis Data Streams" in message
    message = fails(
        "NotImplemented", make, FunctionName=name, Topics=["topic"], StartingPosition="LATEST",
        SelfManagedEventSource={"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["kafka:1000"]}},
        SourceAccessConfigurations=[
            {"Type": "BASIC_AUTH", "URI": f"arn:aws:secretsmanager:us-east-1:{account.id}:secret:s"}
        ],
    )
    assert "Apache Kafka" in message
    assert lambda_.list_event_source_mappings()["EventSourceMappings"] == []
    assert lambda_.list_event_source_mappings(FunctionName=name)["EventSourceMappings"] == []


def test_bad_input(lambda_, create, queue, stream, fails):
    name, make = create(), lambda_.create_event_source_mapping
    invalid = "InvalidParameterValueException"
    assert fails(invalid, make, FunctionName=name) == "Unrecognized event source."
    assert fails(invalid, make, FunctionName="missing", EventSourceArn=queue) == "Function does not exist"
    message = fails(invalid, make, FunctionName=name, EventSourceArn=stream)
    assert message.startswith("1 validation error detected: Value null at 'startingPosition'")
    message = fails(invalid, make, FunctionName=name, EventSourceArn=queue, BatchSize=11)
    assert message.startswith("Maximum batch window in seconds must be greater than 0")
    bad = {"Filters": [{"Pattern": "simple string"}]}
    message = fails(invalid, make, FunctionName=name, EventSourceArn=queue, FilterCriteria=bad)
    assert message == "Invalid filter pattern definition."
    message = fails(
        invalid, make, FunctionName=name, EventSourceArn=queue, ScalingConfig={"MaximumConcurrency": 2},
        MaximumRetryAttempts=1,
    )
    assert message == "Unsupported MaximumRetryAttempts parameter for given event source mapping type."
    fails("ValidationException", make, FunctionName=name, EventSourceArn=queue, BatchSize=20_000)


def test_unknown(lambda_, fails):
    unknown = {"UUID": str(uuid.uuid4())}
    for call in (
        lambda_.get_event_source_mapping,
        lambda_.update_event_source_mapping,
        lambda_.delete_event_source_mapping,
    ):
        message = fails("ResourceNotFoundException", call, **unknown)
        assert message == "The resource you requested does not exist."


def test_cli(account, create, queue):
    ended = account.aws(
        "lambda", "create-event-source-mapping", "--function-name", create(), "--event-source-arn", queue,
        check=False,
    )
    assert "NotImplemented" in ended.stderr
    assert account.aws("lambda", "list-event-source-mappings") == {"EventSourceMappings": []}


def test_denied(nobody, create, user, account, queue, denied, fails):
    name, unknown = create(), {"UUID": str(uuid.uuid4())}
    denied(
        "lambda:CreateEventSourceMapping",
        nobody.create_event_source_mapping, FunctionName=name, EventSourceArn=queue,
    )
    denied("lambda:ListEventSourceMappings", nobody.list_event_source_mappings)
    denied("lambda:GetEventSourceMapping", nobody.get_event_source_mapping, **unknown)
    denied("lambda:UpdateEventSourceMapping", nobody.update_event_source_mapping, **unknown)
    denied("lambda:DeleteEventSourceMapping", nobody.delete_event_source_mapping, **unknown)
    # The function is a condition.
    arn = f"arn:aws:lambda:us-east-1:{account.id}:function:other"
    only = user({
        "Action": "lambda:CreateEventSourceMapping",
        "Condition": {"StringEquals": {"lambda:FunctionArn": arn}},
    })("lambda").create_event_source_mapping
    denied("lambda:CreateEventSourceMapping", only, FunctionName=name, EventSourceArn=queue)
    message = fails("InvalidParameterValueException", only, FunctionName="other", EventSourceArn=queue)
    assert message == "Function does not exist"
