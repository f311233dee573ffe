"""The calls of recorded cases, made again: what AWS answered, and what Nuage answers."""

import uuid

ECHO = "def handler(event, context):\n    return event\n"
OTHER = {"index.py": "def handler(event, context):\n    return 'other'\n"}


def test_function_lifecycle(lambda_, make, case, active, updated, package, error):
    case, name = case("TestLambdaFunction::test_function_lifecycle"), "recorded-function"
    made = make(
        Handler="handler.handler", MemorySize=256, Timeout=5, Environment={"Variables": {}}
    )
    recorded = case.answers["create_response"]["CreateFunctionResponse"]
    case.answers["create_response"] = recorded
    case.check("create_response", made)
    active(name)
    case.check("get_function_response", lambda_.get_function(FunctionName=name))
    changed = lambda_.update_function_configuration(
        FunctionName=name, Description="Changed-Description", MemorySize=512, Timeout=10,
        Environment={"Variables": {"ENV_A": "a"}},
    )
    case.check("update_func_conf_response", changed)
    updated(name)
    case.check("get_function_response_postupdate", lambda_.get_function(FunctionName=name))
    changed = lambda_.update_function_code(FunctionName=name, ZipFile=package(OTHER))
    case.check("update_code_response", changed)
    updated(name)
    case.check("get_function_response_postcodeupdate", lambda_.get_function(FunctionName=name))
    case.check("delete_response", lambda_.delete_function(FunctionName=name))
    case.check("delete_postdelete", error(lambda_.delete_function, FunctionName=name))


def test_version_lifecycle(lambda_, make, case, active, updated, error):
    case, name = case("TestLambdaVersions::test_version_lifecycle"), "recorded-function"
    case.check("create_response", make(Description="No version :("))
    active(name)
    case.check("get_function_result", lambda_.get_function(FunctionName=name))
    case.check("list_versions_result", lambda_.list_versions_by_function(FunctionName=name))
    update = lambda_.update_function_configuration
    case.check("first_update_response", update(FunctionName=name, Description="First version :)"))
    updated(name)
    case.check("first_update_get_function", lambda_.get_function(FunctionName=name))
    first = lambda_.publish_version(FunctionName=name, Description="First version description :)")
    case.check("first_publish_response", first)
    qualified = {"FunctionName": name, "Qualifier": "1"}
    case.check("first_publish_get_function", lambda_.get_function(**qualified))
    case.check("first_publish_get_function_config", lambda_.get_function_configuration(**qualified))
    case.check("second_update_response", update(FunctionName=name, Description="Second version :))"))
    updated(name)
    case.check("first_publish_get_function_after_update", lambda_.get_function(**qualified))
    case.check("second_publish_response", lambda_.publish_version(FunctionName=name))
    case.check("third_publish_response", lambda_.publish_version(FunctionName=name))
    case.check(
        "list_versions_result_after_third_publish",
        lambda_.list_versions_by_function(FunctionName=name),
    )
    lambda_.delete_function(**qualified)
    case.check(
        "list_versions_result_after_deletion_of_first_version",
        lambda_.list_versions_by_function(FunctionName=name),
    )


def test_alias_lifecycle(lambda_, make, case, active, updated, error):
    case, name = case("TestLambdaAlias::test_alias_lifecycle"), "recorded-function"
    made = make(Environment={"Variables": {"testenv": "staging"}})
    case.check("create_response", made)
    active(name)
    case.check("publish_v1", lambda_.publish_version(FunctionName=name))
    lambda_.update_function_configuration(
        FunctionName=name, Environment={"Variables": {"testenv": "prod"}}
    )
    updated(name)
    case.check("publish_v2", lambda_.publish_version(FunctionName=name))
    create = lambda **more: lambda_.create_alias(FunctionName=name, **more)
    weights = {"AdditionalVersionWeights": {"2": 0.2}}
    described = {"FunctionVersion": "1", "Description": "custom-alias"}
    case.check("create_alias_1_1", create(Name="aliasname1_1", RoutingConfig=weights, **described))
    case.check("get_alias_1_1", lambda_.get_alias(FunctionName=name, Name="aliasname1_1"))
    qualified = {"FunctionName": name, "Qualifier": "aliasname1_1"}
    case.check("get_function_alias_1_1", lambda_.get_function(**qualified))
    missing = {"FunctionName": name, "Qualifier": "aliasdoesnotexist"}
    case.check("get_function_alias_notfound_exc", error(lambda_.get_function, **missing))
    case.check("create_alias_1_2", create(Name="aliasname1_2", **described))
    case.check("create_alias_1_3", create(Name="aliasname1_3", FunctionVersion="1"))
    two = {"FunctionVersion": "2", "Description": "custom-alias"}
    case.check("create_alias_2", create(Name="aliasname2", **two))
    get, listed = lambda_.get_alias, lambda **more: lambda_.list_aliases(FunctionName=name, **more)
    for alias in ["1_2", "1_3", "2"]:
        case.check(f"get_alias_{alias}", get(FunctionName=name, Name=f"aliasname{alias}"))
    arn = made["FunctionArn"]
    case.check("get_function_byarn_alias_1_1", lambda_.get_function(FunctionName=f"{arn}:aliasname1_1"))
    missing = error(lambda_.get_function, FunctionName=f"{arn}:aliasdoesnotexist")
    case.check("get_function_alias_byarn_notfound_exc", missing)
    # Recorded page by page, so without what belongs to one answer.
    pages = {"Aliases": listed()["Aliases"]}
    case.check("list_aliases_for_fnname", pages)
    update = {"FunctionName": name, "Name": "aliasname1_1", "RoutingConfig": {"AdditionalVersionWeights": {}}}
    case.check("update_alias_1_1", lambda_.update_alias(**update))
    case.check("get_alias_1_1_after_update", lambda_.get_alias(FunctionName=name, Name="aliasname1_1"))
    case.check("list_aliases_for_fnname_after_update", listed())
    same = lambda_.update_alias(FunctionName=name, Name="aliasname1_2", **described)
    case.check("update_alias_1_2", same)
    case.check("get_alias_1_2_after_update", get(FunctionName=name, Name="aliasname1_2"))
    case.check("list_aliases_for_fnname_after_update_2", listed())
    case.check("list_aliases_for_version", listed(FunctionVersion="1"))
    case.check("delete_alias_response", lambda_.delete_alias(FunctionName=name, Name="aliasname1_1"))
    case.check("list_aliases_for_fnname_afterdelete", listed())


def test_permissions(lambda_, make, case, active, error):
    case, name = case("TestLambdaPermissions::test_lambda_permission_fn_versioning"), "recorded-function"
    make({"handler.py": ECHO}, Handler="handler.handler", Timeout=30, Environment={"Variables": {}})
    active(name)
    permission = {
        "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com", "SourceArn": "arn:aws:s3:::b"
    }
    case.check("add_permission", lambda_.add_permission(FunctionName=name, StatementId="s3", **permission))
    case.check("get_policy", lambda_.get_policy(FunctionName=name))
    case.check("publish_version_result", lambda_.publish_version(FunctionName=name))
    case.check("get_function_result_after_publishing", lambda_.get_function(FunctionName=name))
    case.check("get_policy_after_publishing_latest", lambda_.get_policy(FunctionName=name))
    missing = error(lambda_.get_policy, FunctionName=name, Qualifier="1")
    case.check("get_policy_after_publishing_new_version", missing)
    lambda_.add_permission(FunctionName=name, StatementId="s3", Qualifier="1", **permission)
    case.check("get_policy_version", lambda_.get_policy(FunctionName=name, Qualifier="1"))
    unchanged = lambda_.get_policy(FunctionName=name)
    case.check("get_policy_after_adding_to_new_version", unchanged)
    alias = lambda_.create_alias(FunctionName=name, Name="permission-alias", FunctionVersion="1")
    case.check("create_alias_response", alias)
    case.check("get_alias", lambda_.get_alias(FunctionName=name, Name="permission-alias"))
    qualified = {"FunctionName": name, "Qualifier": "permission-alias", "StatementId": "s3", **permission}
    stale = error(lambda_.add_permission, RevisionId=str(uuid.uuid4()), **qualified)
    case.check("add_permission_alias_revision_exception", stale)
    lambda_.add_permission(RevisionId=alias["RevisionId"], **qualified)
    of_alias = lambda_.get_policy(FunctionName=name, Qualifier="permission-alias")
    case.check("get_policy_alias", of_alias)
    lambda_.add_permission(
        FunctionName=name, StatementId="s3_2", RevisionId=unchanged["RevisionId"], **permission
    )
    case.check("get_policy_after_adding_2", lambda_.get_policy(FunctionName=name))


def test_tags(lambda_, make, case, account, error):
    case = case("TestLambdaTag::test_tag_lifecycle[lambda_function]")
    arn = make()["FunctionArn"]
    tag = lambda **tags: lambda_.tag_resource(Resource=arn, Tags=tags)
    listed = lambda: lambda_.list_tags(Resource=arn)
    untag = lambda *keys: lambda_.untag_resource(Resource=arn, TagKeys=list(keys))
    case.check("tag_single_response", tag(A="tag-a"))
    case.check("tag_single_response_listtags", listed())
    case.check("tag_multiple_response", tag(B="tag-b", C="tag-c"))
    case.check("tag_multiple_response_listtags", listed())
    case.check("tag_overlap_response", tag(C="tag-c-newsuffix", D="tag-d"))
    case.check("tag_overlap_response_listtags", listed())
    case.check("untag_single_response", untag("A"))
    case.check("untag_single_response_listtags", listed())
    case.check("untag_multiple_response", untag("B", "C"))
    case.check("untag_multiple_response_listtags", listed())
    case.check("untag_nonexisting_response", untag("F"))
    case.check("untag_nonexisting_response_listtags", listed())
    case.check("untag_existing_and_nonexisting_response", untag("D", "F"))
    case.check("untag_existing_and_nonexisting_response_listtags", listed())


def test_concurrency(lambda_, make, case, error):
    case, name = case("TestLambdaReservedConcurrency::test_function_concurrency"), "recorded-function"
    make()
    put = lambda reserved: lambda_.put_function_concurrency(
        FunctionName=name, ReservedConcurrentExecutions=reserved
    )
    case.check("put_function_concurrency_with_reserved_0", put(0))
    case.check("put_function_concurrency_with_reserved_1", put(1))
    case.check("get_function_concurrency", lambda_.get_function_concurrency(FunctionName=name))
    case.check("delete_response", lambda_.delete_function_concurrency(FunctionName=name))
    case.check(
        "get_function_concurrency_after_delete", lambda_.get_function_concurrency(FunctionName=name)
    )


def test_refused_runtimes_and_roles(make, case, lambda_, error):
    # The order in which AWS lists the runtimes and the patterns' regions (`eusc-`) change from time to time.
    case = case("TestLambdaFunction::test_create_lambda_exceptions")
    case.check("invalid_runtime_exc", error(make, Runtime="non-existent-runtime"))
    case.check("uppercase_runtime_exc", error(make, Runtime="PYTHON3.9"))
    case.check("invalid_zip_exc", error(make, Code={"ZipFile": b"this is not a zipfile, just a random string"}))
    case.check("invalid_role_arn_exc", error(make, Role="r1"))


def test_aliases_refused(lambda_, make, case, active, updated, error, account):
    case, name = case("TestLambdaAlias::test_notfound_and_invalid_routingconfigs"), "recorded-function"
    case.check("create_response", make(Publish=True, Environment={"Variables": {"testenv": "staging"}}))
    active(name)
    case.check("publish_v1", lambda_.publish_version(FunctionName=name))
    lambda_.update_function_configuration(
        FunctionName=name, Environment={"Variables": {"testenv": "prod"}}
    )
    updated(name)
    case.check("publish_v2", lambda_.publish_version(FunctionName=name))

    def create(version, weights, alias="custom"):
        return {
            "FunctionName": name, "Name": alias, "FunctionVersion": version,
            "RoutingConfig": {"AdditionalVersionWeights": weights},
        }

    refused = {
        "routing_config_exc_toomany": create("1", {"2": 0.5, "1": 0.1}),
        "routing_config_exc_toohigh": create("1", {"2": 2.0}),
        "routing_config_exc_subzero": create("1", {"2": -1.0}),
        "routing_config_exc_sameversion": create("1", {"1": 0.5}),
        "routing_config_exc_version_doesnotexist": create("1", {"10": 0.5}),
        "routing_config_exc_version_latest": create("1", {"$LATEST": 0.5}),
        "target_version_doesnotexist": create("10", {"2": 0.5}),
        "target_version_exc_version_latest": create("$LATEST", {"1": 0.5}),
    }
    # botocore itself refuses a weight below 0 otherwise.
    unchecked = account.client("lambda", parameter_validation=False)
    for label, parameters in refused.items():
        case.check(label, error(unchecked.create_alias, **parameters))
    unknown = {**create("1", {"2": 0.5}), "FunctionName": name + "-unknown"}
    case.check("routing_config_exc_fn_doesnotexist", error(lambda_.create_alias, **unknown))
    latest = lambda_.create_alias(FunctionName=name, Name="custom-latest", FunctionVersion="$LATEST")
    case.check("create-alias-latest", latest)
    empty = lambda_.create_alias(**create("1", {}, "custom-empty-routingconfig"))
    case.check("create_alias_empty_routingconfig", empty)
    case.check("create_alias_response", lambda_.create_alias(**create("1", {"2": 0.5})))
    again = error(lambda_.create_alias, **create("1", {"2": 0.5}))
    case.check("routing_config_exc_already_exist", again)
    missing = error(lambda_.get_alias, FunctionName=name, Name="non-existent")
    case.check("alias_does_not_exist_esc", missing)
