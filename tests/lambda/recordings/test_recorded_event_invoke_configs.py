"""The recorded case of how asynchronous invocations are configured: every form of names, and what is refused."""

NAME = "recorded-function"
CASE = "TestLambdaEventInvokeConfig::test_lambda_eventinvokeconfig_exceptions"
# What the recordings' tools say where the case says nothing.
USUAL = {"Handler": "handler.handler", "Timeout": 30, "Environment": {"Variables": {}}}
ALIAS = "eventinvokealias"
CODE = {"handler.py": "def handler(event, context):\n    return event\n"}


def test_event_invoke_configs(lambda_, make, case, active, error, client, document):
    one = case(CASE)
    put, update = lambda_.put_function_event_invoke_config, lambda_.update_function_event_invoke_config
    get, listed = lambda_.get_function_event_invoke_config, lambda_.list_function_event_invoke_configs
    delete = lambda_.delete_function_event_invoke_config
    arn = make(CODE, **USUAL)["FunctionArn"]
    active(NAME)
    other = make(CODE, FunctionName="other", **USUAL)["FunctionArn"]
    policy = document("Allow", "lambda:InvokeFunction", "*")
    client("iam").put_role_policy(RoleName="function", PolicyName="invoke", PolicyDocument=policy)
    missing = arn.replace(NAME, "doesnotexist")
    one.check("fn_version_result", lambda_.publish_version(FunctionName=NAME))
    one.check("fn_alias_result", lambda_.create_alias(FunctionName=NAME, FunctionVersion="1", Name=ALIAS))
    named = lambda name, qualifier=None: {"FunctionName": name, **({"Qualifier": qualifier} if qualifier else {})}

    def check(label, name, qualifier=None):
        one.check(label, put(**named(name, qualifier), MaximumRetryAttempts=1))

    def refused(label, name, qualifier=None):
        one.check(label, error(put, **named(name, qualifier), MaximumRetryAttempts=1))

    refused("put_functionname_name_notfound", "doesnotexist")
    refused("put_functionname_arn_notfound", missing)
    one.check("put_functionname_nootherargs", error(put, FunctionName=NAME))
    largest = put(FunctionName=NAME, MaximumRetryAttempts=2, MaximumEventAgeInSeconds=21600)
    one.check("put_maxevent_maxvalue_result", largest)

    one.check("get_function_doesnotexist", error(get, FunctionName="doesnotexist"))
    one.check("get_qualifier_doesnotexist", error(get, **named(NAME, "doesnotexist")))
    one.check("get_eventinvokeconfig_doesnotexist", error(get, **named(NAME, ALIAS)))

    on_success = lambda **to: put(FunctionName=NAME, DestinationConfig={"OnSuccess": to})
    on_failure = lambda **to: put(FunctionName=NAME, DestinationConfig={"OnFailure": to})
    one.check("put_destination_success_no_destination_arn", on_success())
    one.check("put_destination_failure_no_destination_arn", on_failure())
    pattern = error(on_failure, Destination=arn.replace(":lambda:", ":_-/!lambda:"))
    one.check("put_destination_invalid_arn_pattern", pattern)
    service = error(on_success, Destination=arn.replace(":lambda:", ":iam:"))
    one.check("put_destination_invalid_service_arn", service)
    one.check("put_destination_lambda_doesntexist", error(on_success, Destination=missing))
    one.check("put_destination_recursive", error(on_success, Destination=arn))
    one.check("put_destination_other_lambda", on_success(Destination=other))

    check("put_destination_latest", NAME)
    check("put_destination_latest_explicit_qualifier", NAME, "$LATEST")
    check("put_destination_version", NAME, "1")
    check("put_alias_functionname_qualifier", NAME, ALIAS)
    refused("put_alias_doesnotexist", NAME, "doesnotexist")
    check("put_alias_qualifiedarn", f"{arn}:{ALIAS}")
    check("put_alias_qualifiedarn_qualifier", f"{arn}:{ALIAS}", ALIAS)
    refused("put_alias_qualifiedarn_qualifierconflict", f"{arn}:{ALIAS}", "1")
    check("put_alias_shorthand", f"{NAME}:{ALIAS}")
    check("put_alias_shorthand_qualifier", f"{NAME}:{ALIAS}", ALIAS)
    refused("put_alias_shorthand_qualifierconflict", f"{NAME}:{ALIAS}", "1")
    check("put_version_shorthand", f"{NAME}:1")
    check("put_shorthand_qualifier_match", f"{NAME}:$LATEST", "$LATEST")
    refused("put_shorthand_qualifier_mismatch_1", f"{NAME}:$LATEST", ALIAS)
    refused("put_shorthand_qualifier_mismatch_2", f"{NAME}:{ALIAS}", "1")
    refused("put_shorthand_qualifier_mismatch_3", f"{NAME}:1", "$LATEST")

    minute = {"FunctionName": NAME, "MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 60}
    one.check("put_pre_overwrite", put(**minute))
    one.check("put_post_overwrite", put(FunctionName=NAME, MaximumRetryAttempts=0))
    one.check("second_overwrite_existing_response", put(FunctionName=NAME, MaximumRetryAttempts=0))
    one.check("get_post_overwrite", get(FunctionName=NAME))
    one.check("pre_update_response", put(**minute))
    none = {"FunctionName": NAME, "MaximumRetryAttempts": 0}
    one.check("update_response", update(**none))
    one.check("update_response_existing", update(**none))
    unknown = error(update, FunctionName="doesnotexist", MaximumRetryAttempts=0)
    one.check("update_eventinvokeconfig_function_doesnotexist", unknown)

    one.check("list_configs", listed(FunctionName=NAME))
    one.check("list_function_doesnotexist", error(listed, FunctionName="doesnotexist"))
    one.check("delete_latest", delete(FunctionName=NAME))
    one.check("delete_version", delete(**named(NAME, "1")))
    one.check("delete_alias", delete(**named(NAME, ALIAS)))
    one.check("list_configs_postdelete", listed(FunctionName=NAME))
    one.check("delete_function_not_found", error(delete, FunctionName=NAME))
    one.check("delete_function_doesnotexist", error(delete, FunctionName="doesnotexist"))
    latest = error(update, **none)
    one.check("update_eventinvokeconfig_config_doesnotexist_without_qualifier", latest)
    alias = error(update, **none, Qualifier=ALIAS)
    one.check("update_eventinvokeconfig_config_doesnotexist_with_qualifier", alias)
