"""What one function's storm leaves to others. That nothing waits for ever at a limit is in test_scaling.py."""

import json
import threading

HOLDS = """
import os, time
ENVIRONMENT = os.urandom(8).hex()

def handler(event, context):
    time.sleep(event)
    return [ENVIRONMENT, os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"]]
"""
# More than are started at once.
STORM = 40


class Storm:
    """Invocations at once that stay for a while; `answered` grows as they end."""

    def __init__(self, account, name, seconds):
        self.answered = []

        def invoke():
            client = account.client("lambda")
            self.answered.append(json.load(client.invoke(FunctionName=name, Payload=str(seconds))["Payload"]))

        self.callers = [threading.Thread(target=invoke) for _ in range(STORM)]
        for caller in self.callers:
            caller.start()

    def join(self):
        for caller in self.callers:
            caller.join()


def answer(lambda_, **parameters):
    return json.load(lambda_.invoke(Payload="0", **parameters)["Payload"])


def test_a_storm_does_not_starve_another_function(account, lambda_, create):
    storming, warm, cold = create(HOLDS, Timeout=60), create(HOLDS), create(HOLDS)
    before = answer(lambda_, FunctionName=warm)
    storm = Storm(account, storming, 15)
    # Both are answered while the storm is on: the one in its environment, the other in a new one.
    assert answer(lambda_, FunctionName=warm) == before
    assert answer(lambda_, FunctionName=cold)[1] == "on-demand"
    assert len(storm.answered) < STORM
    storm.join()
    assert len({environment for environment, _ in storm.answered}) == STORM


def test_a_storm_does_not_take_provisioned_environments(account, lambda_, create, eventually):
    name = create(HOLDS, Timeout=60, Publish=True)
    lambda_.get_waiter("published_version_active").wait(
        FunctionName=name, Qualifier="1", WaiterConfig={"Delay": 0.1}
    )
    lambda_.put_provisioned_concurrency_config(FunctionName=name, Qualifier="1", ProvisionedConcurrentExecutions=1)

    def ready():
        shown = lambda_.get_provisioned_concurrency_config(FunctionName=name, Qualifier="1")
        return shown["Status"] == "READY"

    eventually(ready)
    before = answer(lambda_, FunctionName=name, Qualifier="1")
    assert before[1] == "provisioned-concurrency"
    storm = Storm(account, name, 4)
    # Unqualified, so it goes to $LATEST, whose code is the same.
    assert answer(lambda_, FunctionName=name, Qualifier="1") == before
    storm.join()
    assert {kind for _, kind in storm.answered} == {"on-demand"}
    assert before[0] not in {environment for environment, _ in storm.answered}
    assert answer(lambda_, FunctionName=name, Qualifier="1") == before
