"""PutFunctionEventInvokeConfig and its four siblings."""

import json


def test_life(lambda_, create, account):
    name = create()
    arn = f"arn:aws:lambda:us-east-1:{account.id}:function:{name}:$LATEST"
    put = lambda_.put_function_event_invoke_config(
        FunctionName=name, MaximumRetryAttempts=2, MaximumEventAgeInSeconds=60
    )
    assert put["FunctionArn"] == arn
    assert put["DestinationConfig"] == {"OnSuccess": {}, "OnFailure": {}}
    update = lambda_.update_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=0)
    assert (update["MaximumRetryAttempts"], update["MaximumEventAgeInSeconds"]) == (0, 60)
    again = lambda_.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=1)
    assert "MaximumEventAgeInSeconds" not in again
    assert lambda_.get_function_event_invoke_config(FunctionName=name)["MaximumRetryAttempts"] == 1
    listed = lambda_.list_function_event_invoke_configs(FunctionName=name)
    assert [one["FunctionArn"] for one in listed["FunctionEventInvokeConfigs"]] == [arn]
    lambda_.delete_function_event_invoke_config(FunctionName=name)
    listed = lambda_.list_function_event_invoke_configs(FunctionName=name)
    assert listed["FunctionEventInvokeConfigs"] == []


def test_a_failing_event_reaches_its_destination(lambda_, client, create, may_invoke, account, eventually):
    told = create("import json\ndef handler(event, context):\n    print('told ' + json.dumps(event))\n")
    source = create("def handler(event, context):\n    raise Exception('intentional failure')\n")
    arn = f"arn:aws:lambda:us-east-1:{account.id}:function:{told}"
    lambda_.put_function_event_invoke_config(
        FunctionName=source, MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": arn}},
    )
    lambda_.invoke(FunctionName=source, InvocationType="Event", Payload=b'{"k": "v"}')
    logs = client("logs")

    def record():
        try:
            events = logs.filter_log_events(logGroupName=f"/aws/lambda/{told}")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return None
        lines = [event["message"] for event in events if event["message"].startswith("told ")]
        return json.loads(lines[0][5:]) if lines else None

    got = eventually(record)
    assert got["version"] == "1.0"
    assert got["requestContext"]["condition"] == "RetriesExhausted"
    assert got["requestContext"]["approximateInvokeCount"] == 1
    assert got["requestPayload"] == {"k": "v"}
    assert got["responseContext"] == {
        "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"
    }
    assert got["responsePayload"]["errorMessage"] == "intentional failure"


def test_what_is_too_large_for_a_function_is_not_told(lambda_, client, create, may_invoke, account, eventually):
    """A destination gets no larger events than whoever invokes it asynchronously."""
    told = create("def handler(event, context):\n    print('told', len(event['responsePayload']))\n")
    source = create("def handler(event, context):\n    return 'x' * event\n")
    to = {"OnSuccess": {"Destination": f"arn:aws:lambda:us-east-1:{account.id}:function:{told}"}}
    lambda_.put_function_event_invoke_config(FunctionName=source, DestinationConfig=to)

    def lengths(name, word):
        events = client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        return [event["message"].split()[1] for event in events if event["message"].startswith(word)]

    lambda_.invoke(FunctionName=source, InvocationType="Event", Payload="1200000")
    eventually(lambda: lengths(source, "REPORT"))
    lambda_.invoke(FunctionName=source, InvocationType="Event", Payload="12")
    assert eventually(lambda: lengths(told, "told")) == ["12"]


def test_buckets_are_told_of_failures_alone(lambda_, client, create, role, account, fails):
    name, bucket = create(), f"told-{account.id}"
    client("s3").create_bucket(Bucket=bucket)
    statement = {"Effect": "Allow", "Action": ["s3:PutObject", "s3:ListBucket"], "Resource": "*"}
    client("iam").put_role_policy(
        RoleName=role.rsplit("/", 1)[-1], PolicyName="put",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    put = lambda on: lambda_.put_function_event_invoke_config(
        FunctionName=name, DestinationConfig={on: {"Destination": f"arn:aws:s3:::{bucket}"}}
    )
    assert put("OnFailure")["DestinationConfig"]["OnFailure"]["Destination"].endswith(bucket)
    message = fails("InvalidParameterValueException", lambda: put("OnSuccess"))
    assert "OnSuccess(destination=arn:aws:s3:::" in message and message.endswith("is invalid.")


def test_cli(account, create):
    name = ["--function-name", create()]
    for command in ["put-function-event-invoke-config", "update-function-event-invoke-config"]:
        account.aws("lambda", command, *name, "--maximum-retry-attempts", 1)
    got = account.aws("lambda", "get-function-event-invoke-config", *name)
    assert got["MaximumRetryAttempts"] == 1
    assert account.aws("lambda", "list-function-event-invoke-configs", *name)
    account.aws("lambda", "delete-function-event-invoke-config", *name)


def test_bad_input(lambda_, create, account, fails):
    name, put = create(), lambda_.put_function_event_invoke_config
    arn = f"arn:aws:lambda:us-east-1:{account.id}:function:{name}"
    code = "InvalidParameterValueException"
    message = fails(code, put, FunctionName=name)
    assert message == "You must specify at least one of error handling or destination setting."
    to = lambda arn: {"DestinationConfig": {"OnFailure": {"Destination": arn}}}
    message = fails(code, put, FunctionName=name, **to(arn))
    assert message == "You can't specify the function as a destination for itself."
    message = fails(code, put, FunctionName=name, **to(arn + "missing"))
    assert message == f"The destination ARN {arn}missing is invalid."
    queue = f"arn:aws:sqs:us-east-1:{account.id}:queue"
    assert "Amazon SQS" in fails("NotImplemented", put, FunctionName=name, **to(queue))
    other = f"{arn[: -len(name)]}{create()}"
    message = fails(code, put, FunctionName=name, **to(other))
    assert message == (
        f"The function's execution role does not have permissions to call InvokeFunction on {other}"
    )
    message = fails("ResourceNotFoundException", put, FunctionName="missing", MaximumRetryAttempts=1)
    assert message == "The function doesn't exist."
    for call in ["get", "delete"]:
        call = getattr(lambda_, f"{call}_function_event_invoke_config")
        message = fails("ResourceNotFoundException", call, FunctionName=name)
        assert message == f"The function {arn}:$LATEST doesn't have an EventInvokeConfig"
    update = lambda_.update_function_event_invoke_config
    fails("ResourceNotFoundException", update, FunctionName=name, MaximumRetryAttempts=1)
    fails("ResourceNotFoundException", lambda_.list_function_event_invoke_configs, FunctionName="missing")


def test_denied(nobody, create, denied):
    name = create()
    for call, more in [("Put", {"MaximumRetryAttempts": 1}), ("Update", {"MaximumRetryAttempts": 1}),
                       ("Get", {}), ("Delete", {})]:
        method = getattr(nobody, f"{call.lower()}_function_event_invoke_config")
        denied(f"lambda:{call}FunctionEventInvokeConfig", method, FunctionName=name, **more)
    denied(
        "lambda:ListFunctionEventInvokeConfigs", nobody.list_function_event_invoke_configs,
        FunctionName=name,
    )
