"""More asynchronous events than a function may run at once: they wait, and are run one after the other."""

import json
import threading
import time

SLEEPS = """
import time

def handler(event, context):
    print("begun", flush=True)
    time.sleep(event)
    print("ran", flush=True)
"""
EVENTS = 100
SECONDS = 0.05


def ran(client, function, word="ran"):
    logs = client("logs")
    try:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{function}")
        return sum(event["message"].startswith(word) for page in pages for event in page["events"])
    except logs.exceptions.ResourceNotFoundException:
        return 0


def test_a_backlog_drains(client, lambda_, create, eventually):
    slow, other = create(SLEEPS), create(SLEEPS)
    lambda_.put_function_concurrency(FunctionName=slow, ReservedConcurrentExecutions=1)
    begun = time.monotonic()
    for _ in range(EVENTS):
        lambda_.invoke(FunctionName=slow, Payload=json.dumps(SECONDS), InvocationType="Event")
    lambda_.invoke(FunctionName=other, Payload="0", InvocationType="Event")
    eventually(lambda: ran(client, other) == 1)
    before = ran(client, slow)
    assert before < EVENTS, "the other function's event waited for the backlog"
    eventually(lambda: ran(client, slow) == EVENTS, 60)
    # With waits that double, the last would run after a minute.
    assert time.monotonic() - begun < 30


def test_events_run_beside_callers_who_wait(account, client, lambda_, create, eventually):
    name = create(SLEEPS, Timeout=30)
    lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=2)
    caller = threading.Thread(
        target=lambda: account.client("lambda").invoke(FunctionName=name, Payload="8")
    )
    caller.start()
    eventually(lambda: ran(client, name, "begun"))
    for _ in range(20):
        lambda_.invoke(FunctionName=name, Payload=json.dumps(SECONDS), InvocationType="Event")
    # The caller's own run is not over.
    eventually(lambda: ran(client, name) == 20)
    assert caller.is_alive()
    caller.join()


def test_events_of_a_function_that_is_gone(account, client, lambda_, create, eventually):
    """They are not for another one that gets its name."""
    name = create(SLEEPS, Timeout=30)
    lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    caller = threading.Thread(
        target=lambda: account.client("lambda").invoke(FunctionName=name, Payload="6")
    )
    caller.start()
    eventually(lambda: ran(client, name, "begun"))
    lambda_.invoke(FunctionName=name, Payload='"old"', InvocationType="Event")
    lambda_.delete_function(FunctionName=name)
    create("def handler(event, context):\n    print('got', event)\n", FunctionName=name)
    lambda_.invoke(FunctionName=name, Payload='"new"', InvocationType="Event")
    eventually(lambda: ran(client, name, "got new"))
    assert ran(client, name, "got old") == 0
    caller.join()
