"""More asynchronous events than a function may run at once: they wait, and are run one after the other."""

import json
import threading
import time

import pytest

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


@pytest.fixture
def awaited(account, client, lambda_, create, eventually):
    """A function that has `concurrency`, one of which a caller has for `seconds`; and that caller."""

    def make(concurrency, seconds):
        name = create(SLEEPS, Timeout=30)
        lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=concurrency)
        call = account.client("lambda").invoke
        parameters = {"FunctionName": name, "Payload": json.dumps(seconds)}
        caller = threading.Thread(target=call, kwargs=parameters)
        caller.start()
        eventually(lambda: ran(client, name, "begun"))
        return name, caller

    return make


def test_events_run_beside_callers_who_wait(client, lambda_, awaited, eventually):
    name, caller = awaited(2, 8)
    for _ in range(20):
        lambda_.invoke(FunctionName=name, Payload=json.dumps(SECONDS), InvocationType="Event")
    # The caller's own run is not over.
    eventually(lambda: ran(client, name) == 20)
    assert caller.is_alive()
    caller.join()


def test_events_of_a_function_that_is_gone(client, lambda_, create, awaited, eventually):
    """They are not for another one that gets its name."""
    name, caller = awaited(1, 6)
    lambda_.invoke(FunctionName=name, Payload='"old"', InvocationType="Event")
    lambda_.delete_function(FunctionName=name)
    create("def handler(event, context):\n    print('got', event)\n", FunctionName=name)
    lambda_.invoke(FunctionName=name, Payload='"new"', InvocationType="Event")
    eventually(lambda: ran(client, name, "got new"))
    assert ran(client, name, "got old") == 0
    caller.join()
