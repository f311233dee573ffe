"""Functions whose environments serve one tenant each."""

import json

PER_TENANT = {"TenancyConfig": {"TenantIsolationMode": "PER_TENANT"}}
REMEMBERS = """
seen = []
def handler(event, context):
    seen.append(context.tenant_id)
    print("ran for", context.tenant_id)
    return seen
"""


def invoke(lambda_, name, tenant, **parameters):
    answer = lambda_.invoke(FunctionName=name, TenantId=tenant, **parameters)
    return json.loads(answer["Payload"].read() or "null")


def test_environments_serve_one_tenant(account, lambda_, create, updated):
    name = create(REMEMBERS, **PER_TENANT)
    shown = lambda_.get_function_configuration(FunctionName=name)
    assert shown["TenancyConfig"] == PER_TENANT["TenancyConfig"]
    for count in (1, 2, 3):
        for tenant in ("blue", "green"):
            assert invoke(lambda_, name, tenant) == [tenant] * count
    # A changed function meets none of its old environments.
    lambda_.update_function_configuration(FunctionName=name, Description="changed")
    updated(name)
    assert invoke(lambda_, name, "blue") == ["blue"]
    bill = json.loads(account.nuage("cost", "--output", "json").stdout)
    lines = {line["usage_type"]: line["quantity"] for line in bill["lines"]}
    # Three environments of 128 MB were made.
    assert lines["Lambda-Tenant-Isolated-Environment-Memory-GB"] == 3 * 128 / 1024
    shown = lambda_.get_function_configuration(FunctionName=name)
    assert shown["TenancyConfig"] == PER_TENANT["TenancyConfig"]


def test_events_keep_their_tenant(lambda_, client, create, eventually):
    name = create(REMEMBERS, **PER_TENANT)
    invoke(lambda_, name, "red", InvocationType="Event")
    logs = client("logs")

    def ran():
        try:
            events = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return False
        return any(event["message"] == "ran for red\n" for event in events)

    eventually(ran)


def test_refusals(lambda_, create, fails):
    isolated, plain = create(REMEMBERS, **PER_TENANT), create()
    code = "InvalidParameterValueException"
    assert "tenant ID" in fails(code, lambda_.invoke, FunctionName=isolated)
    event = {"FunctionName": isolated, "InvocationType": "Event"}
    assert "tenant ID" in fails(code, lambda_.invoke, **event)
    assert "not enabled" in fails(code, lambda_.invoke, FunctionName=plain, TenantId="blue")
    fails("ValidationException", lambda_.invoke, FunctionName=isolated, TenantId="not/\\one")
    version = lambda_.publish_version(FunctionName=isolated)["Version"]
    fails(
        code, lambda_.put_provisioned_concurrency_config,
        FunctionName=isolated, Qualifier=version, ProvisionedConcurrentExecutions=1,
    )
    fails(code, lambda_.create_function_url_config, FunctionName=isolated, AuthType="NONE")
