"""Greets whoever the event names, and says who it is itself.

boto3 is there without being packaged, and finds the cloud that runs this function by itself.
"""

import logging
import os
import platform

import boto3

logging.getLogger().setLevel(logging.INFO)


def handler(event, context):
    identity = boto3.client("sts").get_caller_identity()
    logging.info("greeting %s as %s", event.get("name", "world"), identity["Arn"])
    return {
        "greeting": f"Hello, {event.get('name', 'world')}!",
        "python": platform.python_version(),
        "memory_mb": os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
        "role": identity["Arn"],
        "remaining_ms": context.get_remaining_time_in_millis(),
    }
