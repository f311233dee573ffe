"""What recorded functions do, by `scenario.txt` of the package: echo, tell of itself, or fail."""

import os

SCENARIO = open("/var/task/scenario.txt").read()


def handler(event, context):
    if SCENARIO == "echo":
        return event
    if SCENARIO == "uncaughtexception":
        raise Exception("Failed: " + event["error_msg"])
    names = (
        "aws_request_id function_name function_version invoked_function_arn log_group_name log_stream_name "
        "memory_limit_in_mb"
    )
    told = {name: getattr(context, name) for name in names.split()}
    told["remaining_time_in_millis"] = context.get_remaining_time_in_millis()
    return {"ctx": told, "environment": dict(os.environ), "packages": []}
