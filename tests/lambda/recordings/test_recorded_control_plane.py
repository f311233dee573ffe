"""Recorded cases of everything that is configured: names, layers, versions, concurrency, sizes, tags, code signing."""

import json
import os
import re
import urllib.request
import uuid
from pathlib import Path

import pytest

NAME = "recorded-function"
# What the recordings' tools say where the case says nothing.
USUAL = {"Handler": "handler.handler", "Timeout": 30, "Environment": {"Variables": {}}}
OTHER = {"index.py": "def handler(event, context):\n    return 'other'\n"}
LONG = "a" * 65
REGION = "us-east-1"

# What each name of the recorded cases stands for: a function's name, and a qualifier beside it.
NAMES = {
    "full_arn_and_qualifier_too_long_and_invalid_region": (
        "arn:aws:lambda:invalid-region:{account}:function:my-function", "a" * 129),
    "full_arn_with_multiple_qualifiers": (
        "arn:aws:lambda:us-east-1:{account}:function:my-function:1:2", None),
    "function_name_is_single_invalid": ("*", None),
    "function_name_too_long": (LONG, None),
    "function_name_too_long_and_invalid_region": (
        "arn:aws:lambda:invalid-region:{account}:function:" + LONG, None),
    "incomplete_arn": ("arn:aws:lambda:us-east-1:{account}:function", None),
    "invalid_account_id_in_partial_arn": ("invalid-account:function:my-function", None),
    "invalid_characters_in_function_name": ("my-function!", None),
    "invalid_characters_in_qualifier": ("my-function", "invalid!"),
    "invalid_region_in_arn": ("arn:aws:lambda:invalid-region:{account}:function:my-function", None),
    "latest_version_with_additional_qualifier": (
        "arn:aws:lambda:us-east-1:{account}:function:my-function:$LATEST", "1"),
    "lowercase_latest_qualifier": ("arn:aws:lambda:us-east-1:{account}:function:my-function", "$latest"),
    "missing_account_id_in_arn": ("arn:aws:lambda:us-east-1:function:my-function", None),
    "missing_region_in_arn": ("arn:aws:lambda::{account}:function:my-function", None),
    "misspelled_latest_in_arn": ("arn:aws:lambda:us-east-1:{account}:function:my-function:$LATES", None),
    "non_lambda_arn": ("arn:aws:ec2:us-east-1:{account}:instance:i-1234567890abcdef0", None),
    "partial_arn_with_extra_qualifier": ("function:my-function:$LATEST:extra", None),
    "qualifier_too_long": ("my-function", "a" * 129),
    "qualifier_too_long0": ("my-function", "a" * 129),
    "qualifier_too_long1": ("my-function", LONG),
}


def cases(name):
    """The variants of a recorded case: what stands in brackets."""
    directory = os.environ.get("NUAGE_ORACLE")
    if not directory:
        return []
    recorded = json.loads((Path(directory) / "lambda" / "lambda_api.json").read_text())
    found = [re.search(rf"::{name}\[(.*)\]$", key) for key in recorded]
    return [one[1] for one in found if one]


def plain_error(answer):
    """As the cases about names show an error: the sentences of a validation one by one."""
    code, message = answer["Error"]["Code"], answer["Error"]["Message"]
    counted = re.match(r"(\d+) validation errors? detected: (.*)", message, re.DOTALL)
    if not counted:
        return {"Code": code, "Message": message}
    sentences = re.split(r"; (?=Value )", counted[2])
    return {"Code": code, "Count": int(counted[1]), "Errors": sorted(sentences)}


@pytest.mark.parametrize(
    "variant", cases("TestLambdaFunction::test_function_name_and_qualifier_validation")
)
def test_names_and_qualifiers(lambda_, make, case, error, account, variant):
    kind, _, operation = variant.rpartition("-")
    case = case(f"TestLambdaFunction::test_function_name_and_qualifier_validation[{variant}]")
    if not case.answers:
        pytest.skip("the recording is empty")
    name, qualifier = NAMES[kind]
    if operation == "create_function" and qualifier:
        name = f"{name}:{qualifier}"
    name = recorded_name(case, account) or name.replace("{account}", account.id)
    if operation == "create_function":
        answer = error(make, FunctionName=name)
    else:
        qualified = {"Qualifier": qualifier} if qualifier else {}
        answer = error(getattr(lambda_, operation), FunctionName=name, **qualified)
    [label] = case.answers
    recorded = case.answers[label]
    if "Errors" in recorded:
        recorded["Errors"] = sorted(recorded["Errors"])
    case.check(label, plain_error(answer))


def recorded_name(case, account):
    """The function's name that the recorded error repeats; None if it does not."""
    text = json.dumps(case.answers)
    value = re.search(r"Value '([^']*)' at 'functionName'", text)
    if not value:
        return None
    value = re.sub(r"<a:len\((\d+)\)>", lambda count: "a" * int(count[1]), value[1])
    value = value.replace("<partition>", "aws").replace("<region>", REGION)
    return value.replace("111111111111", account.id)


@pytest.mark.parametrize("operation", cases("TestLambdaFunction::test_get_function_wrong_region"))
def test_other_regions(lambda_, case, error, account, operation):
    case = case(f"TestLambdaFunction::test_get_function_wrong_region[{operation}]")
    arn = f"arn:aws:lambda:ap-southeast-1:{account.id}:function:some-function"
    case.check("wrong_region_exception", error(getattr(lambda_, operation), FunctionName=arn))


@pytest.mark.parametrize("operation", cases("TestLambdaFunction::test_ops_on_nonexisting_fn"))
def test_missing_functions(lambda_, case, error, operation):
    case = case(f"TestLambdaFunction::test_ops_on_nonexisting_fn[{operation}]")
    case.check("not_found_exception", error(getattr(lambda_, operation), FunctionName="i-am-not-here"))


@pytest.mark.parametrize("operation", cases("TestLambdaFunction::test_ops_on_nonexisting_version"))
def test_missing_versions(lambda_, make, case, error, operation):
    case = case(f"TestLambdaFunction::test_ops_on_nonexisting_version[{operation}]")
    make()
    answer = error(getattr(lambda_, operation), FunctionName=NAME, Qualifier="1221")
    case.check("version_not_found_exception", answer)


@pytest.mark.parametrize("operation", cases("TestLambdaFunction::test_ops_with_arn_qualifier_mismatch"))
def test_two_qualifiers(lambda_, case, error, account, operation):
    case = case(f"TestLambdaFunction::test_ops_with_arn_qualifier_mismatch[{operation}]")
    arn = f"arn:aws:lambda:{REGION}:{account.id}:function:some-function"
    call = getattr(lambda_, operation)
    case.check("not_match_exception", error(call, FunctionName=f"{arn}:1", Qualifier="$LATEST"))
    case.check("match_exception", error(call, FunctionName=f"{arn}:$LATEST", Qualifier="$LATEST"))


def test_deleting_what_is_not_there(lambda_, make, case, error):
    case = case("TestLambdaFunction::test_delete_on_nonexisting_version")
    make()
    delete = lambda_.delete_function
    lambda_.delete_function(FunctionName=NAME)
    case.check("delete_function_response_non_existent", error(delete, FunctionName=NAME))
    answer = error(delete, FunctionName=NAME, Qualifier="2")
    case.check("delete_function_response_non_existent_with_qualifier", answer)


def test_functions_named_by_arns(make, case, error, account, package):
    case = case("TestLambdaFunction::test_function_arns")
    arn = lambda name, region=REGION, owner=account.id: f"arn:aws:lambda:{region}:{owner}:function:{name}"
    case.check("create-function-arn-response", make(FunctionName=arn("one"), **USUAL))
    partial = make(FunctionName=f"{account.id}:function:two", **USUAL)
    case.check("create-function-partial-arn-response", partial)
    other = error(make, FunctionName=arn("three", region="ap-southeast-1"))
    case.check("function_arn_other_region_exc", other)
    case.check("function_arn_other_account_exc", error(make, FunctionName=arn("f", owner="123456789012")))
    case.check("invalid_function_name_exc", error(make, FunctionName="invalid:function:name"))
    case.check("long_function_name_exc", error(make, FunctionName="a" * 65))
    case.check("long_function_arn_exc", error(make, FunctionName=arn("a" * 140)))


def test_update_refused(lambda_, make, case, active, error):
    case = case("TestLambdaFunction::test_update_lambda_exceptions")
    make()
    active(NAME)
    update = lambda_.update_function_configuration
    case.check("invalid_role_arn_exc", error(update, FunctionName=NAME, Role="r1"))
    case.check("invalid_runtime_exc", error(update, FunctionName=NAME, Runtime="non-existent-runtime"))
    case.check("uppercase_runtime_exc", error(update, FunctionName=NAME, Runtime="PYTHON3.9"))


def test_architectures_refused(make, case, error):
    case = case("TestLambdaFunction::test_create_lambda_exceptions")
    both = error(make, Architectures=["x86_64", "arm64"])
    case.check("multiple_architectures", both)
    case.check("uppercase_architecture", error(make, Architectures=["X86_64"]))


def test_location_downloads(lambda_, make, case, active, package):
    case = case("TestLambdaFunction::test_lambda_code_location_zipfile")
    first = package({"index.py": "first"})
    case.check("create-response-zip-file", make(Code={"ZipFile": first}))
    active(NAME)
    got = lambda_.get_function(FunctionName=NAME)
    case.check("get-function-response", got)
    assert urllib.request.urlopen(got["Code"]["Location"]).read() == first
    case.check("update-function-response", lambda_.update_function_code(FunctionName=NAME, ZipFile=package(OTHER)))


def test_updates_that_change_nothing(lambda_, make, case, active, updated):
    case = case("TestLambdaFunction::test_redundant_updates")
    case.check("create_response", make(Description="Initial description", **USUAL))
    active(NAME)
    update = lambda: lambda_.update_function_configuration(
        FunctionName=NAME, Description="1st update description"
    )
    case.check("first_update_result", update())
    updated(NAME)
    case.check("get_fn_config_result", lambda_.get_function_configuration(FunctionName=NAME))
    case.check("get_fn_result", lambda_.get_function(FunctionName=NAME))
    case.check("redundant_update_result", update())
    updated(NAME)
    case.check("get_fn_result_after_redundant_update", lambda_.get_function(FunctionName=NAME))


@pytest.mark.parametrize(
    "variant, config",
    [
        ("partial_config0", {"LogFormat": "JSON"}),
        ("partial_config1", {"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG"}),
        ("partial_config2", {"LogFormat": "JSON", "SystemLogLevel": "DEBUG"}),
    ],
)
def test_logging(lambda_, make, case, active, updated, variant, config):
    name = "TestLoggingConfig::test_function_partial_advanced_logging_configuration_update"
    case = case(f"{name}[{variant}]")
    case.check("create_response", make(**{**USUAL, "MemorySize": 256, "Timeout": 5}))
    active(NAME)
    case.check("get_function_response", lambda_.get_function(FunctionName=NAME))
    case.check("function_config", lambda_.get_function_configuration(FunctionName=NAME))
    update = lambda_.update_function_configuration(FunctionName=NAME, LoggingConfig=config)
    case.check("updated_config", update)
    updated(NAME)
    case.check("received_config", lambda_.get_function_configuration(FunctionName=NAME))


@pytest.mark.parametrize("runtime", ["dotnetcore3.1", "go1.x", "java8"])
def test_old_runtimes(make, case, error, runtime):
    name = "TestRuntimeValidation::test_create_deprecated_function_runtime_with_validation_enabled"
    case(f"{name}[{runtime}]").check("deprecation_error", error(make, Runtime=runtime))


def test_aliases_that_are_not_there(lambda_, make, case, active, error):
    deletion = case("TestLambdaAlias::test_non_existent_alias_deletion")
    update = case("TestLambdaAlias::test_non_existent_alias_update")
    made = make(Environment={"Variables": {"testenv": "staging"}})
    deletion.check("create_response", made)
    update.check("create_response", made)
    active(NAME)
    name = {"FunctionName": NAME, "Name": "non-existent"}
    deletion.check("delete_alias_response", lambda_.delete_alias(**name))
    update.check("update_alias_response", error(lambda_.update_alias, **name))


def test_published_at_creation(lambda_, make, case, active):
    case = case("TestLambdaVersions::test_publish_version_on_create")
    case.check("create_response", make(Publish=True))
    active(NAME)
    case.check("get_function_result", lambda_.get_function(FunctionName=NAME))
    latest = lambda_.get_function(FunctionName=NAME, Qualifier="$LATEST")
    case.check("get_function_latest_result", latest)
    first = lambda_.get_function(FunctionName=NAME, Qualifier="1")
    case.check("get_function_version_result", first)
    case.check("list_versions_result", lambda_.list_versions_by_function(FunctionName=NAME))
    case.check("repeated_publish_response", lambda_.publish_version(FunctionName=NAME, Description="ignored"))
    case.check("list_versions_result_after_publish", lambda_.list_versions_by_function(FunctionName=NAME))


def test_account_settings(lambda_, case):
    case = case("TestLambdaAccountSettings::test_account_settings")
    settings = lambda_.get_account_settings()
    names = {kind: sorted(settings[kind]) for kind in ("AccountLimit", "AccountUsage")}
    case.check("acc_settings_modded", {**names, "ResponseMetadata": settings["ResponseMetadata"]})


def test_concurrency_refused(lambda_, make, case, active, error, account):
    refused = case("TestLambdaReservedConcurrency::test_function_concurrency_exceptions")
    put = lambda_.put_function_concurrency
    missing = error(put, FunctionName="doesnotexist", ReservedConcurrentExecutions=1)
    refused.check("put_function_concurrency_with_function_name_doesnotexist", missing)
    label = "put_function_concurrency_with_function_name_doesnotexist_and_invalid_concurrency"
    refused.check(label, error(put, FunctionName="doesnotexist", ReservedConcurrentExecutions=9_999_999))
    arn = make()["FunctionArn"]
    active(NAME)
    lambda_.publish_version(FunctionName=NAME)
    qualified = error(put, FunctionName=f"{arn}:1", ReservedConcurrentExecutions=1)
    refused.check("put_function_concurrency_with_qualified_arn", qualified)
    limits = case("TestLambdaReservedConcurrency::test_function_concurrency_limits")
    all_of_it = lambda_.get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    above = error(put, FunctionName=NAME, ReservedConcurrentExecutions=all_of_it + 1)
    limits.check("put_function_concurrency_account_limit_exceeded", above)
    rest = error(put, FunctionName=NAME, ReservedConcurrentExecutions=all_of_it - 99)
    limits.check("put_function_concurrency_below_unreserved_min_value", rest)


def test_permissions_of_services(lambda_, make, case, active, error):
    several = case("TestLambdaPermissions::test_create_multiple_lambda_permissions")
    make()
    active(NAME)

    def add(service, **more):
        return {
            "FunctionName": NAME, "StatementId": service, "Action": "lambda:InvokeFunction",
            "Principal": f"{service}.amazonaws.com", **more,
        }

    several.check("add_permission_response_1", lambda_.add_permission(**add("logs")))
    several.check("add_permission_response_2", lambda_.add_permission(**add("kinesis")))
    several.check("policy_after_2_add", lambda_.get_policy(FunctionName=NAME))
    revisions = case("TestLambdaRevisions::test_function_revisions_permissions")
    answer = error(lambda_.add_permission, **add("s3", RevisionId="wrong"))
    answer["ResponseMetadata"] = {"HTTPStatusCode": answer["ResponseMetadata"]["HTTPStatusCode"]}
    revisions.answers["add_permission_revision_exception"]["ResponseMetadata"] = {
        "HTTPHeaders": {}, "HTTPStatusCode": 412,
    }
    revisions.check("add_permission_revision_exception", answer)


def test_sizes(lambda_, make, case, error, package):
    zeros = lambda count: package({"index.py": "", "zeros": b"\0" * count})
    unzipped = case("TestLambdaSizeLimits::test_oversized_unzipped_lambda")
    large = zeros(262_144_001)
    unzipped.check("invalid_param_exc", error(make, Code={"ZipFile": large}))
    case("TestLambdaSizeLimits::test_oversized_lambda").check(
        "invalid_param_exc", error(make, Code={"ZipFile": large})
    )
    zipped = case("TestLambdaSizeLimits::test_oversized_zipped_create_lambda")
    zipped.check("invalid_param_exc", error(make, Code={"ZipFile": os.urandom(52_428_801)}))
    request = case("TestLambdaSizeLimits::test_oversized_request_create_lambda")
    request.check("invalid_param_exc", error(make, Code={"ZipFile": os.urandom(52_700_000)}))
    fits = case("TestLambdaSizeLimits::test_large_lambda")
    fits.check("create_function_large_zip", make(Code={"ZipFile": zeros(200_000_000)}, Handler="handler.handler", Timeout=10))
    variables = case("TestLambdaSizeLimits::test_large_environment_variables_fails")
    recorded = variables.answers["failed_create_fn_result"]["Error"]["Message"]
    value = re.search(r'"LARGE_VAR":"(x+)"', recorded)[1]
    answer = error(make, FunctionName="other", Environment={"Variables": {"LARGE_VAR": value}})
    variables.check("failed_create_fn_result", answer)


def test_tags_refused(lambda_, make, case, active, error, account):
    one = case("TestLambdaTag::test_tag_exceptions[lambda_function]")
    arn = f"arn:aws:lambda:{REGION}:{account.id}:function:{NAME}"
    invalid = arn.replace(":function:", ":foobar:")
    tag, untag, listed = lambda_.tag_resource, lambda_.untag_resource, lambda_.list_tags
    one.check("invalid_arn_exception", error(tag, Resource=invalid, Tags={"A": "a"}))
    one.check("not_found_exception_tag", error(tag, Resource=arn, Tags={"A": "a"}))
    one.check("not_found_exception_untag", error(untag, Resource=arn, TagKeys=["A"]))
    one.check("not_found_exception_list", error(listed, Resource=arn))
    one.check("aliased_arn_exception", error(tag, Resource=f"{arn}:alias", Tags={"A": "a"}))
    two = case("TestLambdaTags::test_tag_exceptions")
    gone = arn.replace(NAME, "doesnotexist")
    two.check("tag_lambda_doesnotexist", error(tag, Resource=gone, Tags={"A": "a"}))
    two.check("tag_lambda_invalidarn", error(tag, Resource="arn:aws:something", Tags={"A": "a"}))
    two.check("tag_lambda_qualifier_doesnotexist", error(tag, Resource=f"{arn}:v2", Tags={"A": "a"}))
    make(**USUAL)
    active(NAME)
    two.check("list_tag_lambda_empty", listed(Resource=arn))
    two.check("untag_nomatch", untag(Resource=arn, TagKeys=["somekey"]))
    two.check("tag_empty_tags", error(tag, Resource=arn, Tags={}))
    two.check("untag_empty_keys", error(untag, Resource=arn, TagKeys=[]))
    lambda_.publish_version(FunctionName=NAME)
    versions = case("TestLambdaTags::test_tag_versions")
    versions.check("tag_resource_exception", error(tag, Resource=f"{arn}:1", Tags={"A": "a"}))
    latest = error(tag, Resource=f"{arn}:$LATEST", Tags={"A": "a"})
    versions.check("tag_resource_latest_exception", latest)
    deleted = case("TestLambdaTag::test_tag_nonexisting_resource")
    deleted.check("pre_delete_get_function", lambda_.get_function(FunctionName=NAME))
    lambda_.delete_function(FunctionName=NAME)
    deleted.check("not_found_exception_tag", error(tag, Resource=arn, Tags={"A": "a"}))
    deleted.check("not_found_exception_untag", error(untag, Resource=arn, TagKeys=["A"]))
    deleted.check("not_found_exception_list", error(listed, Resource=arn))


def test_code_signing(lambda_, make, case, active, account):
    case = case("TestCodeSigningConfig::test_function_code_signing_config")
    profile = f"arn:aws:signer:{REGION}:{account.id}:/signing-profiles/test"
    made = lambda_.create_code_signing_config(
        Description="Testing CodeSigning Config",
        AllowedPublishers={"SigningProfileVersionArns": [profile]},
        CodeSigningPolicies={"UntrustedArtifactOnDeployment": "Enforce"},
    )
    case.check("create_code_signing_config", made)
    arn = made["CodeSigningConfig"]["CodeSigningConfigArn"]
    config = {"CodeSigningConfigArn": arn}
    updated = lambda_.update_code_signing_config(
        CodeSigningPolicies={"UntrustedArtifactOnDeployment": "Warn"}, **config
    )
    case.check("update_code_signing_config", updated)
    case.check("get_code_signing_config", lambda_.get_code_signing_config(**config))
    [listed] = lambda_.list_code_signing_configs()["CodeSigningConfigs"]
    case.check("list_code_signing_configs", listed)
    make()
    put = lambda_.put_function_code_signing_config(FunctionName=NAME, **config)
    case.check("put_function_code_signing_config", put)
    got = lambda_.get_function_code_signing_config(FunctionName=NAME)
    case.check("get_function_code_signing_config", got)
    functions = lambda_.list_functions_by_code_signing_config(**config)
    case.check("list_functions_by_code_signing_config", functions)
    deleted = lambda_.delete_function_code_signing_config(FunctionName=NAME)
    case.check("delete_function_code_signing_config", deleted)
    case.check("delete_code_signing_config", lambda_.delete_code_signing_config(**config))


def test_event_source_mappings_refused(lambda_, make, case, active, error, account):
    one = case("TestLambdaEventSourceMappings::test_event_source_mapping_exceptions")
    unknown = {"UUID": "00000000-0000-4000-8000-000000000000"}
    one.check("get_unknown_uuid", error(lambda_.get_event_source_mapping, **unknown))
    one.check("delete_unknown_uuid", error(lambda_.delete_event_source_mapping, **unknown))
    update = error(lambda_.update_event_source_mapping, Enabled=False, **unknown)
    one.check("update_unknown_uuid", update)
    create = lambda_.create_event_source_mapping
    one.check("create_no_event_source_arn", error(create, FunctionName="doesnotexist"))
    queue = f"arn:aws:sqs:{REGION}:{account.id}:somequeue"
    answer = error(create, FunctionName="doesnotexist", EventSourceArn=queue)
    one.check("create_unknown_params", answer)
    to = {"OnSuccess": {"Destination": queue}}
    stream = f"arn:aws:kinesis:{REGION}:{account.id}:stream/s"
    answer = error(
        create, FunctionName="doesnotexist", EventSourceArn=stream, StartingPosition="LATEST",
        DestinationConfig=to,
    )
    one.check("destination_config_failure", answer)
    make()
    active(NAME)
    sizes = case("TestSQSEventSourceMapping::test_event_source_mapping_default_batch_size",
                 "lambda_integration_sqs.json")
    answer = error(create, FunctionName=NAME, EventSourceArn=queue, BatchSize=11)
    sizes.check("invalid-create-event-source-mapping", answer)
    name, file = "TestSQSEventSourceMapping::test_sqs_invalid_event_filter", "lambda_integration_sqs.json"
    for variant, pattern in [("None", None), ("simple string", "simple string")]:
        filters = {"Filters": [{"Pattern": pattern} if pattern else {}]}
        answer = error(create, FunctionName=NAME, EventSourceArn=queue, FilterCriteria=filters)
        case(f"{name}[{variant}]", file).check("create_event_source_mapping_exception", answer)
    table = f"arn:aws:dynamodb:{REGION}:{account.id}:table/t/stream/2026-01-01T00:00:00.000"
    name = "TestDynamoDBEventSourceMapping::test_dynamodb_invalid_event_filter"
    for pattern, variant in [("single-string", "single-string"),
                             ('[{"eventName": ["INSERT"=123}]', '[{"eventName": ["INSERT"=123}]')]:
        answer = error(
            create, FunctionName=NAME, EventSourceArn=table, StartingPosition="LATEST",
            FilterCriteria={"Filters": [{"Pattern": pattern}]},
        )
        one = case(f"{name}[{variant}]", "lambda_integration_dynamodbstreams.json")
        one.check("exception_event_source_creation", answer)


OLD = {
    "runtimes0": "nodejs24.x nodejs22.x nodejs20.x nodejs18.x nodejs16.x nodejs14.x nodejs12.x python3.14 python3.13 "
                 "python3.12 python3.11 python3.10 python3.9 python3.8 python3.7",
    "runtimes1": "java25 java21 java17 java11 java8.al2 java8 dotnet10 dotnet8 dotnet6 dotnetcore3.1 go1.x ruby3.4 "
                 "ruby3.3 ruby3.2 ruby2.7",
    "runtimes2": "provided.al2023 provided.al2 provided",
}


@pytest.mark.parametrize("variant", OLD)
def test_layers_of_all_runtimes(lambda_, case, package, variant):
    case = case(f"TestLambdaLayer::test_layer_compatibilities[{variant}]")
    published = lambda_.publish_layer_version(
        LayerName="layer", Content={"ZipFile": package(OTHER)}, CompatibleRuntimes=OLD[variant].split(),
        CompatibleArchitectures=["arm64", "x86_64"],
    )
    case.check("publish_result", published)


def test_layers_refused(lambda_, case, error, package):
    case = case("TestLambdaLayer::test_layer_exceptions")
    content = {"ZipFile": package(OTHER)}
    publish, delete = lambda_.publish_layer_version, lambda_.delete_layer_version
    case.check("publish_result", publish(
        LayerName="one", Content=content, CompatibleRuntimes=["python3.12"], CompatibleArchitectures=["x86_64"]))
    case.check("publish_empty_result", publish(
        LayerName="two", Content=content, CompatibleRuntimes=[], CompatibleArchitectures=[]))
    case.check("publish_layer_version_exc_invalid_runtime_arch", error(
        publish, LayerName="one", Content=content, CompatibleRuntimes=["invalidruntime"],
        CompatibleArchitectures=["invalidarch"]))
    case.check("publish_layer_version_exc_partially_invalid_values", error(
        publish, LayerName="one", Content=content,
        CompatibleRuntimes=["invalidruntime", "invalidruntime2", "nodejs20.x"],
        CompatibleArchitectures=["invalidarch", "x86_64"]))
    get = lambda_.get_layer_version
    number = lambda layer, version: {"LayerName": layer, "VersionNumber": version}
    case.check("get_layer_version_exc_layer_doesnotexist", error(get, **number("missing", 1)))
    case.check("get_layer_version_exc_layer_version_doesnotexist_negative", error(get, **number("one", -1)))
    case.check("get_layer_version_exc_layer_version_doesnotexist_zero", error(get, **number("one", 0)))
    case.check("get_layer_version_exc_layer_version_doesnotexist_2", error(get, **number("one", 2)))
    by_arn, arn = lambda_.get_layer_version_by_arn, get(**number("one", 1))["LayerArn"]
    case.check("get_layer_version_by_arn_exc_invalidarn", error(by_arn, Arn=arn))
    case.check("get_layer_version_by_arn_exc_nonexistentversion", error(by_arn, Arn=f"{arn}:2"))
    case.check("list_nonexistent_layer", lambda_.list_layer_versions(LayerName="missing"))
    listed = lambda_.list_layers
    answer = error(listed, CompatibleRuntime="runtimedoesnotexist")
    case.check("list_layers_exc_compatibleruntime_invalid", answer)
    answer = error(listed, CompatibleArchitecture="archdoesnotexist")
    case.check("list_layers_exc_compatiblearchitecture_invalid", answer)
    case.check("delete_nonexistent_response", delete(**number("missing", 1)))
    case.check("delete_nonexistent_version_response", delete(**number("one", 2)))
    answer = error(delete, **number("one", -1))
    case.check("delete_layer_version_exc_layerversion_invalid_version", answer)
    case.check("delete_layer_response", delete(**number("one", 1)))
    case.check("delete_layer_again_response", delete(**number("one", 1)))


def test_layers_of_functions_refused(lambda_, make, case, active, error, package):
    case, quota = case("TestLambdaLayer::test_layer_function_exceptions"), case(
        "TestLambdaLayer::test_layer_function_quota_exception")
    content = {"ZipFile": package(OTHER)}
    publish = lambda name: lambda_.publish_layer_version(
        LayerName=name, Content=content, CompatibleRuntimes=[], CompatibleArchitectures=["x86_64"])
    versions = [publish("layer") for _ in range(3)]
    for label, version in zip(["publish_result", "publish_result_2", "publish_result_3"], versions):
        case.check(label, version)
    make(**USUAL)
    active(NAME)
    case.check("get_fn_result", lambda_.get_function(FunctionName=NAME))
    arns = [version["LayerVersionArn"] for version in versions]
    update = lambda layers: error(
        lambda_.update_function_configuration, FunctionName=NAME, Layers=layers)
    case.check("two_layer_versions_single_function_exc", update(arns[:2]))
    case.check("three_layer_versions_single_function_exc", update(arns))
    case.check("two_identical_layer_versions_single_function_exc", update([arns[0], arns[0]]))
    layer = versions[0]["LayerArn"]
    case.check("add_nonexistent_layer_exc", update([layer.replace("layer:layer", "layer:doesnotexist") + ":1"]))
    case.check("add_nonexistent_layer_version_exc", update([f"{layer}:9"]))
    case.check("add_layer_arn_without_version_exc", update([layer]))
    elsewhere = arns[0].replace(REGION, "us-west-2")
    answer = error(make, FunctionName="other", Layers=[elsewhere])
    case.check("create_function_with_layer_in_different_region", answer)
    six = [publish(f"l{number}")["LayerVersionArn"] for number in range(6)]
    quota.check("create_function_with_six_layers", error(make, FunctionName="other", Layers=six))


def test_layer_policies(lambda_, case, package):
    case = case("TestLambdaLayer::test_layer_policy_lifecycle")
    published = lambda_.publish_layer_version(
        LayerName="layer", Content={"ZipFile": package(OTHER)}, CompatibleRuntimes=["python3.12"],
        CompatibleArchitectures=["x86_64"],
    )
    case.check("publish_result", published)
    version = {"LayerName": "layer", "VersionNumber": 1}
    add = lambda sid, **more: lambda_.add_layer_version_permission(
        StatementId=sid, Action="lambda:GetLayerVersion", Principal="*", **version, **more)
    first = add("s1")
    case.check("add_policy_s1", first)
    case.check("get_layer_version_policy", lambda_.get_layer_version_policy(**version))
    second = add("s2", RevisionId=first["RevisionId"])
    case.check("add_policy_s2", second)
    case.check("get_layer_version_policy_postadd2", lambda_.get_layer_version_policy(**version))
    removed = lambda_.remove_layer_version_permission(
        StatementId="s2", RevisionId=second["RevisionId"], **version)
    case.check("remove_s2", removed)
    case.check("get_layer_version_policy_postdeletes2", lambda_.get_layer_version_policy(**version))


def test_packages_that_are_not_there(lambda_, client, make, case, active, error):
    recorded = case("TestLambdaFunction::test_lambda_code_location_s3_errors")
    bucket = f"b-{uuid.uuid4()}"
    client("s3").create_bucket(Bucket=bucket)
    make()
    active(NAME)
    of_nobody = {"S3Bucket": "nobody-has-this-bucket", "S3Key": "key"}
    without_key = {"S3Bucket": bucket, "S3Key": "key"}
    for name, code in [("wrong-bucket", of_nobody), ("wrong-key", without_key)]:
        parameters = {
            "FunctionName": "other", "Runtime": "python3.12", "Handler": "index.handler",
            "Role": lambda_.get_function_configuration(FunctionName=NAME)["Role"], "Code": code,
        }
        recorded.check(f"create-error-{name}", error(lambda_.create_function, **parameters))
        recorded.check(f"update-error-{name}", error(lambda_.update_function_code, FunctionName=NAME, **code))
