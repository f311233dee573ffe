//! Functions, versions, aliases, and what belongs to them.

use crate::cloud::{Cloud, encoded_package};
use serde_json::{Value, json};

/// The recorded case `test_function_lifecycle`.
#[tokio::test]
async fn life_of_a_function() {
    let cloud = Cloud::new();
    let created = cloud.create("f", "index.handler", json!({ "MemorySize": 256 })).await.body;
    assert_eq!(created["State"], "Pending");
    assert_eq!(created["StateReasonCode"], "Creating");
    assert_eq!(created["FunctionArn"], "arn:aws:lambda:us-east-1:111111111111:function:f");
    assert_eq!(created["Version"], "$LATEST");
    assert_eq!(created.get("LastUpdateStatus"), None);
    let got = cloud.call("GET", "/2015-03-31/functions/f", Value::Null).await.body;
    assert_eq!(got["Configuration"]["State"], "Active");
    assert_eq!(got["Configuration"]["LastUpdateStatus"], "Successful");
    assert_eq!(got["Code"]["RepositoryType"], "S3");
    assert_ne!(got["Configuration"]["RevisionId"], created["RevisionId"]);

    let target = "/2015-03-31/functions/f/configuration";
    let change = json!({ "Timeout": 10, "Environment": { "Variables": { "ENV_A": "a" } } });
    let updated = cloud.call("PUT", target, change).await.body;
    assert_eq!(updated["LastUpdateStatus"], "InProgress");
    assert_eq!(updated["LastUpdateStatusReasonCode"], "Creating");
    assert_eq!(updated["State"], "Active");
    let settled = cloud.settled("f").await;
    assert_eq!((&settled["Timeout"], &settled["MemorySize"]), (&json!(10), &json!(256)));

    let code = json!({ "ZipFile": encoded_package("2") });
    let updated = cloud.call("PUT", "/2015-03-31/functions/f/code", code).await.body;
    assert_ne!(updated["CodeSha256"], settled["CodeSha256"]);
    cloud.settled("f").await;

    let deleted = cloud.call("DELETE", "/2015-03-31/functions/f", Value::Null).await;
    assert_eq!(deleted.status, 204);
    let again = cloud.call("DELETE", "/2015-03-31/functions/f", Value::Null).await;
    assert_eq!((again.status, again.code()), (404, "ResourceNotFoundException"));
    let text = "Function not found: arn:aws:lambda:us-east-1:111111111111:function:f";
    assert_eq!(again.message(), text);
    let usage = cloud.call("GET", "/2016-08-19/account-settings", Value::Null).await.body;
    assert_eq!(usage["AccountUsage"], json!({ "TotalCodeSize": 0, "FunctionCount": 0 }));
}

#[tokio::test]
async fn the_package_can_be_downloaded_from_its_location() {
    let cloud = Cloud::new();
    cloud.create("f", "index.handler", json!({})).await;
    let got = cloud.call("GET", "/2015-03-31/functions/f", Value::Null).await.body;
    let location = got["Code"]["Location"].as_str().unwrap();
    let token = location.rsplit('/').next().unwrap();
    assert_eq!(cloud.lambda.code_download(token).await.unwrap(), crate::cloud::package("1"));
    assert!(cloud.lambda.code_download("x").await.is_none());
    cloud.clock.advance(std::time::Duration::from_secs(601));
    assert!(cloud.lambda.code_download(token).await.is_none());
}

#[tokio::test]
async fn creation_is_refused() {
    let cloud = Cloud::new();
    cloud.create("f", "index.handler", json!({})).await;
    let cases = [
        ("f", json!({}), 409, "ResourceConflictException", "Function already exist: f"),
        (
            "g",
            json!({ "Code": { "ZipFile": "AAAA" } }),
            400,
            "InvalidParameterValueException",
            "Could not unzip",
        ),
        (
            "g",
            json!({ "Code": { "ZipFile": "" } }),
            400,
            "InvalidParameterValueException",
            "non-empty zip",
        ),
        ("g", json!({ "Code": {} }), 400, "InvalidParameterValueException", "provide a source"),
        (
            "g",
            json!({ "Code": { "S3Bucket": "bucket", "S3Key": "k" } }),
            400,
            "InvalidParameterValueException",
            "Error occurred while GetObject. S3 Error Code: NoSuchBucket.",
        ),
        (
            "g",
            json!({ "Role": "arn:aws:iam::111111111111:role/missing" }),
            400,
            "InvalidParameterValueException",
            "The role defined for the function cannot be assumed by Lambda.",
        ),
        (
            "g",
            json!({ "Role": "arn:aws:iam::111111111111:role/r-not-passed" }),
            403,
            "AccessDeniedException",
            "not passed",
        ),
        ("g", json!({ "Role": "r1" }), 400, "ValidationException", "Value 'r1' at 'role'"),
        (
            "g",
            json!({ "Runtime": "PYTHON3.9" }),
            400,
            "InvalidParameterValueException",
            "Value PYTHON3.9 at 'runtime'",
        ),
        ("g", json!({ "MemorySize": 10241 }), 400, "ValidationException", "memorySize"),
        (
            "g",
            json!({ "Layers": ["arn:aws:lambda:us-east-1:111111111111:layer:l:1"] }),
            400,
            "InvalidParameterValueException",
            "Layer version arn:aws:lambda:us-east-1:111111111111:layer:l:1 does not exist.",
        ),
        (
            &"a".repeat(65),
            json!({}),
            400,
            "InvalidParameterValueException",
            "less than or equal to 64",
        ),
    ];
    for (name, more, status, code, text) in cases {
        let answer = cloud.try_create(name, "index.handler", more.clone()).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{more}: {}", answer.body);
        assert!(answer.message().contains(text), "{more}: {}", answer.message());
    }
}

#[tokio::test]
async fn a_missing_runtime_fails_the_function_until_it_is_installed() {
    let cloud = Cloud::new();
    cloud.engine.missing_runtimes.lock().unwrap().insert("python3.12".into());
    cloud.create("f", "index.handler", json!({})).await;
    let shown = cloud.settled("f").await;
    assert_eq!(
        (&shown["State"], &shown["StateReasonCode"]),
        (&json!("Failed"), &json!("InvalidRuntime"))
    );
    assert_eq!(shown["StateReason"], "Run: nuage runtime install python3.12");
    let refused = cloud.invoke("f", "{}").await;
    assert_eq!(refused.status, 502);
    assert!(refused.message().contains("nuage runtime install python3.12"));
    cloud.engine.missing_runtimes.lock().unwrap().clear();
    assert_eq!(cloud.invoke("f", "{}").await.status, 200);
    assert_eq!(cloud.settled("f").await["State"], "Active");
}

/// The recorded case `test_version_lifecycle`.
#[tokio::test]
async fn versions() {
    let cloud = Cloud::new();
    cloud.create("f", "index.handler", json!({ "Description": "No version :(" })).await;
    let versions = "/2015-03-31/functions/f/versions";
    let described = json!({ "Description": "First version description :)" });
    let first = cloud.call("POST", versions, described).await;
    assert_eq!(first.status, 201);
    assert_eq!((&first.body["Version"], &first.body["State"]), (&json!("1"), &json!("Active")));
    assert_eq!(first.body["Description"], "First version description :)");
    let same = cloud.call("POST", versions, json!({})).await.body;
    assert_eq!((&same["Version"], &same["RevisionId"]), (&json!("1"), &first.body["RevisionId"]));
    let target = "/2015-03-31/functions/f/configuration";
    cloud.call("PUT", target, json!({ "Description": "Second version :))" })).await;
    cloud.settled("f").await;
    let second = cloud.call("POST", versions, json!({})).await.body;
    assert_eq!(second["Version"], "2");
    let wrong = cloud.call("POST", versions, json!({ "CodeSha256": "x" })).await;
    assert_eq!(wrong.code(), "InvalidParameterValueException");
    let wrong = cloud.call("POST", versions, json!({ "RevisionId": "x" })).await;
    assert_eq!((wrong.status, wrong.code()), (412, "PreconditionFailedException"));

    let numbers = |listed: &Value| -> Vec<String> {
        let version = |v: &Value| v["Version"].as_str().unwrap().to_string();
        listed["Versions"].as_array().unwrap().iter().map(version).collect()
    };
    let listed = cloud.call("GET", versions, Value::Null).await.body;
    assert_eq!(numbers(&listed), ["$LATEST", "1", "2"]);
    assert_eq!(listed["Versions"][0].get("State"), None);
    let page = cloud.call("GET", &format!("{versions}?MaxItems=2"), Value::Null).await.body;
    let marker = page["NextMarker"].as_str().unwrap();
    let rest = cloud.call("GET", &format!("{versions}?Marker={marker}"), Value::Null).await.body;
    assert_eq!(
        (numbers(&page), numbers(&rest)),
        (vec!["$LATEST".into(), "1".into()], vec!["2".into()])
    );
    assert!(rest.get("NextMarker").is_none_or(Value::is_null));

    cloud.call("DELETE", "/2015-03-31/functions/f?Qualifier=1", Value::Null).await;
    let listed = cloud.call("GET", versions, Value::Null).await.body;
    assert_eq!(numbers(&listed), ["$LATEST", "2"]);
    let all =
        cloud.call("GET", "/2015-03-31/functions?FunctionVersion=ALL", Value::Null).await.body;
    let arn = |i: usize| all["Functions"][i]["FunctionArn"].as_str().unwrap().to_string();
    assert!(arn(0).ends_with(":f:$LATEST") && arn(1).ends_with(":f:2"));
    let gone = cloud.call("GET", "/2015-03-31/functions/f?Qualifier=1", Value::Null).await;
    assert_eq!(
        gone.message(),
        "Function not found: arn:aws:lambda:us-east-1:111111111111:function:f:1"
    );
}

#[tokio::test]
async fn published_with_the_function() {
    let cloud = Cloud::new();
    let created = cloud.create("f", "index.handler", json!({ "Publish": true })).await.body;
    assert_eq!(created["Version"], "1");
    assert_eq!(created["FunctionArn"], "arn:aws:lambda:us-east-1:111111111111:function:f");
    cloud.settled("f:1").await;
    assert_eq!(cloud.invoke("f:1", "1").await.headers["x-amz-executed-version"], "1");
    let again = cloud.call("POST", "/2015-03-31/functions/f/versions", json!({})).await.body;
    assert_eq!(again["Version"], "1");
}

/// The recorded cases `test_alias_lifecycle` and `test_notfound_and_invalid_routingconfigs`.
#[tokio::test]
async fn aliases() {
    let cloud = Cloud::new();
    cloud.create("f", "index.handler", json!({ "Publish": true })).await;
    cloud.call("PUT", "/2015-03-31/functions/f/configuration", json!({ "Timeout": 9 })).await;
    cloud.settled("f").await;
    cloud.call("POST", "/2015-03-31/functions/f/versions", json!({})).await;
    let aliases = "/2015-03-31/functions/f/aliases";
    let alias = |name: &str, version: &str, weights: Value| json!({ "Name": name, "FunctionVersion": version, "RoutingConfig": { "AdditionalVersionWeights": weights } });
    let made = cloud.call("POST", aliases, alias("live", "1", json!({ "2": 0.2 }))).await;
    assert_eq!(made.status, 201);
    assert_eq!(made.body["AliasArn"], "arn:aws:lambda:us-east-1:111111111111:function:f:live");
    assert_eq!(made.body["RoutingConfig"]["AdditionalVersionWeights"], json!({ "2": 0.2 }));
    let cases = [
        (alias("live", "1", json!({})), 409, "Alias already exists"),
        (alias("x", "10", json!({})), 404, "function:f:10"),
        (alias("x", "1", json!({ "10": 0.5 })), 404, "function:f:10"),
        (alias("x", "1", json!({ "1": 0.5 })), 400, "already included in routing configuration"),
        (alias("x", "1", json!({ "2": 0.5, "3": 0.1 })), 400, "cannot be greater than 1"),
        (alias("x", "$LATEST", json!({ "1": 0.5 })), 400, "$LATEST is not supported"),
    ];
    for (body, status, text) in cases {
        let answer = cloud.call("POST", aliases, body).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        assert!(answer.message().contains(text), "{}", answer.message());
    }
    let live = format!("{aliases}/live");
    let updated = cloud.call("PUT", &live, json!({ "RoutingConfig": {} })).await.body;
    assert!(updated.get("RoutingConfig").is_none_or(Value::is_null));
    assert_ne!(updated["RevisionId"], made.body["RevisionId"]);
    let kept = cloud.call("DELETE", "/2015-03-31/functions/f?Qualifier=1", Value::Null).await;
    assert_eq!((kept.status, kept.code()), (409, "ResourceConflictException"));
    let listed = cloud.call("GET", &format!("{aliases}?FunctionVersion=1"), Value::Null).await.body;
    assert_eq!(listed["Aliases"][0]["Name"], "live");
    assert_eq!(cloud.call("DELETE", &live, Value::Null).await.status, 204);
    assert_eq!(cloud.call("DELETE", &live, Value::Null).await.status, 204);
    let missing = cloud.call("GET", &live, Value::Null).await;
    assert!(missing.message().starts_with("Cannot find alias arn: "));
    let missing = cloud.call("PUT", &live, json!({})).await;
    assert!(missing.message().starts_with("Alias not found: "));
}

#[tokio::test]
async fn updates_exclude_each_other() {
    let cloud = Cloud::new();
    let created = cloud.try_create("f", "index.handler", json!({})).await;
    assert_eq!(created.status, 201);
    let target = "/2015-03-31/functions/f/configuration";
    let early = cloud.call("PUT", target, json!({ "Timeout": 5 })).await;
    // The reconciler may have been quicker.
    if early.status != 200 {
        assert_eq!((early.status, early.code()), (409, "ResourceConflictException"));
        assert!(early.message().contains("An update is in progress for resource: arn:aws:lambda"));
    }
    cloud.settled("f").await;
    let stale = json!({ "RevisionId": created.body["RevisionId"], "Timeout": 5 });
    let stale = cloud.call("PUT", target, stale).await;
    assert_eq!((stale.status, stale.code()), (412, "PreconditionFailedException"));
    let dry = json!({ "ZipFile": encoded_package("2"), "DryRun": true });
    let before = cloud.settled("f").await;
    let dry = cloud.call("PUT", "/2015-03-31/functions/f/code", dry).await;
    assert_eq!(dry.status, 200);
    assert_eq!(cloud.settled("f").await, before);
}

#[tokio::test]
async fn names_and_qualifiers() {
    let cloud = Cloud::new();
    cloud.create("f", "index.handler", json!({})).await;
    let get = async |target: &str| {
        cloud.call("GET", &format!("/2015-03-31/functions/{target}"), Value::Null).await
    };
    let arn = "arn%3Aaws%3Alambda%3Aus-east-1%3A111111111111%3Afunction%3Af";
    for name in ["f", "function%3Af", "111111111111%3Afunction%3Af", arn] {
        assert_eq!(get(name).await.status, 200, "{name}");
    }
    let other = get("arn%3Aaws%3Alambda%3Aap-southeast-1%3A111111111111%3Afunction%3Af").await;
    assert_eq!(
        other.message(),
        "Functions from 'ap-southeast-1' are not reachable in this region ('us-east-1')"
    );
    let mismatch = get(&format!("{arn}%3A1?Qualifier=2")).await;
    assert_eq!(mismatch.code(), "InvalidParameterValueException");
    let delete = async |target: &str| {
        cloud.call("DELETE", &format!("/2015-03-31/functions/{target}"), Value::Null).await
    };
    assert!(delete("f?Qualifier=$LATEST").await.message().contains("cannot be deleted without"));
    assert!(delete("f?Qualifier=live").await.message().contains("Deletion of aliases"));
    assert_eq!(delete("f?Qualifier=$latest").await.status, 404);
    assert_eq!(delete("f?Qualifier=7").await.status, 204);
}

#[tokio::test]
async fn lists_come_in_pages() {
    let cloud = Cloud::new();
    for i in 0..5 {
        cloud.create(&format!("f{i}"), "index.handler", json!({})).await;
    }
    let mut seen = Vec::new();
    let mut marker = String::new();
    loop {
        let target = format!("/2015-03-31/functions?MaxItems=2&Marker={marker}");
        let page = cloud.call("GET", &target, Value::Null).await.body;
        let functions = page["Functions"].as_array().unwrap();
        seen.extend(functions.iter().map(|f| f["FunctionName"].as_str().unwrap().to_string()));
        match page["NextMarker"].as_str() {
            Some(next) => marker = next.to_string(),
            None => break,
        }
    }
    assert_eq!(seen, ["f0", "f1", "f2", "f3", "f4"]);
    let bad = cloud.call("GET", "/2015-03-31/functions?Marker=%25", Value::Null).await;
    assert_eq!(bad.status, 400);
}

/// The recorded case `test_tag_lifecycle`.
#[tokio::test]
async fn tags() {
    let cloud = Cloud::new();
    cloud.create("f", "index.handler", json!({ "Tags": { "A": "a" } })).await;
    let target = "/2017-03-31/tags/arn%3Aaws%3Alambda%3Aus-east-1%3A111111111111%3Afunction%3Af";
    assert_eq!(cloud.call("POST", target, json!({ "Tags": { "B": "b" } })).await.status, 204);
    assert_eq!(
        cloud.call("DELETE", &format!("{target}?tagKeys=A&tagKeys=X"), Value::Null).await.status,
        204
    );
    assert_eq!(cloud.call("GET", target, Value::Null).await.body["Tags"], json!({ "B": "b" }));
    let got = cloud.call("GET", "/2015-03-31/functions/f", Value::Null).await.body;
    assert_eq!(got["Tags"], json!({ "B": "b" }));
    let empty = cloud.call("POST", target, json!({ "Tags": {} })).await;
    assert_eq!(empty.message(), "An error occurred and the request cannot be processed.");
    let version =
        cloud.call("POST", &format!("{target}%3A1"), json!({ "Tags": { "B": "b" } })).await;
    assert!(version.message().starts_with("Tags on function aliases and versions"));
}

/// The recorded cases of `TestLambdaReservedConcurrency`.
#[tokio::test]
async fn reserved_concurrency_leaves_a_hundred() {
    let cloud = Cloud::new();
    cloud.create("f", "index.handler", json!({})).await;
    cloud.create("g", "index.handler", json!({})).await;
    let put = async |name: &str, reserved: i32| {
        let body = json!({ "ReservedConcurrentExecutions": reserved });
        cloud.call("PUT", &format!("/2017-10-31/functions/{name}/concurrency"), body).await
    };
    assert_eq!(put("f", 500).await.body["ReservedConcurrentExecutions"], 500);
    let refused = put("g", 401).await;
    assert!(refused.message().contains("below its minimum value of [100]"), "{}", refused.body);
    assert_eq!(put("g", 400).await.status, 200);
    assert_eq!(put("f", 501).await.status, 400);
    let settings = cloud.call("GET", "/2016-08-19/account-settings", Value::Null).await.body;
    assert_eq!(settings["AccountLimit"]["UnreservedConcurrentExecutions"], 100);
    let missing = put("missing", 1).await;
    assert!(missing.message().ends_with("function:missing:$LATEST"));
    let delete = cloud.call("DELETE", "/2017-10-31/functions/f/concurrency", Value::Null).await;
    assert_eq!(delete.status, 204);
    let none = cloud.call("GET", "/2019-09-30/functions/f/concurrency", Value::Null).await.body;
    assert_eq!(none, json!({}));
}

/// The recorded cases of `TestLambdaPermissions`.
#[tokio::test]
async fn permissions() {
    let cloud = Cloud::new();
    cloud.create("f", "index.handler", json!({})).await;
    let policy = "/2015-03-31/functions/f/policy";
    let none = cloud.call("GET", policy, Value::Null).await;
    assert_eq!(none.message(), "The resource you requested does not exist.");
    let permission = json!({
        "StatementId": "s3", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com",
        "SourceArn": "arn:aws:s3:::bucket",
    });
    let added = cloud.call("POST", policy, permission.clone()).await;
    assert_eq!(added.status, 201);
    let statement: Value = serde_json::from_str(added.body["Statement"].as_str().unwrap()).unwrap();
    assert_eq!(statement["Principal"], json!({ "Service": "s3.amazonaws.com" }));
    assert_eq!(
        statement["Condition"],
        json!({ "ArnLike": { "AWS:SourceArn": "arn:aws:s3:::bucket" } })
    );
    assert_eq!(cloud.call("POST", policy, permission.clone()).await.status, 409);
    let mut wrong = permission;
    wrong["StatementId"] = json!("other");
    wrong["RevisionId"] = json!("wrong");
    assert_eq!(cloud.call("POST", policy, wrong).await.status, 412);
    let got = cloud.call("GET", policy, Value::Null).await.body;
    let document: Value = serde_json::from_str(got["Policy"].as_str().unwrap()).unwrap();
    assert_eq!(document["Statement"], json!([statement]));
    let remove =
        async |sid: &str| cloud.call("DELETE", &format!("{policy}/{sid}"), Value::Null).await;
    assert_eq!(remove("x").await.status, 404);
    assert_eq!(remove("s3").await.status, 204);
    assert_eq!(cloud.call("GET", policy, Value::Null).await.status, 404);
}

/// Every operation asks for its action before it does anything.
#[tokio::test]
async fn denied() {
    let cloud = Cloud::new();
    cloud.create("f", "index.handler", json!({})).await;
    let functions = "/2015-03-31/functions";
    let event = "/2019-09-25/functions/f/event-invoke-config";
    let tags = "/2017-03-31/tags/arn%3Aaws%3Alambda%3Aus-east-1%3A111111111111%3Afunction%3Af";
    let alias = json!({ "Name": "a", "FunctionVersion": "$LATEST" });
    let permission =
        json!({ "StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "*" });
    let create = json!({
        "FunctionName": "f", "Role": crate::cloud::ROLE, "Handler": "h", "Runtime": "python3.12",
        "Code": { "ZipFile": encoded_package("1") },
    });
    let cases = [
        ("lambda:CreateFunction", "POST", functions.to_string(), create),
        ("lambda:ListFunctions", "GET", functions.to_string(), Value::Null),
        ("lambda:GetFunction", "GET", format!("{functions}/f"), Value::Null),
        (
            "lambda:GetFunctionConfiguration",
            "GET",
            format!("{functions}/f/configuration"),
            Value::Null,
        ),
        (
            "lambda:UpdateFunctionConfiguration",
            "PUT",
            format!("{functions}/f/configuration"),
            json!({}),
        ),
        ("lambda:UpdateFunctionCode", "PUT", format!("{functions}/f/code"), json!({})),
        ("lambda:DeleteFunction", "DELETE", format!("{functions}/f"), Value::Null),
        ("lambda:PublishVersion", "POST", format!("{functions}/f/versions"), json!({})),
        ("lambda:ListVersionsByFunction", "GET", format!("{functions}/f/versions"), Value::Null),
        ("lambda:CreateAlias", "POST", format!("{functions}/f/aliases"), alias),
        ("lambda:GetAlias", "GET", format!("{functions}/f/aliases/a"), Value::Null),
        ("lambda:ListAliases", "GET", format!("{functions}/f/aliases"), Value::Null),
        ("lambda:UpdateAlias", "PUT", format!("{functions}/f/aliases/a"), json!({})),
        ("lambda:DeleteAlias", "DELETE", format!("{functions}/f/aliases/a"), Value::Null),
        ("lambda:InvokeFunction", "POST", format!("{functions}/f/invocations"), json!({})),
        (
            "lambda:InvokeAsync",
            "POST",
            "/2014-11-13/functions/f/invoke-async".to_string(),
            json!({}),
        ),
        ("lambda:AddPermission", "POST", format!("{functions}/f/policy"), permission),
        ("lambda:GetPolicy", "GET", format!("{functions}/f/policy"), Value::Null),
        ("lambda:RemovePermission", "DELETE", format!("{functions}/f/policy/s"), Value::Null),
        (
            "lambda:PutFunctionConcurrency",
            "PUT",
            "/2017-10-31/functions/f/concurrency".to_string(),
            json!({ "ReservedConcurrentExecutions": 1 }),
        ),
        (
            "lambda:GetFunctionConcurrency",
            "GET",
            "/2019-09-30/functions/f/concurrency".to_string(),
            Value::Null,
        ),
        (
            "lambda:DeleteFunctionConcurrency",
            "DELETE",
            "/2017-10-31/functions/f/concurrency".to_string(),
            Value::Null,
        ),
        (
            "lambda:PutFunctionEventInvokeConfig",
            "PUT",
            event.to_string(),
            json!({ "MaximumRetryAttempts": 1 }),
        ),
        (
            "lambda:UpdateFunctionEventInvokeConfig",
            "POST",
            event.to_string(),
            json!({ "MaximumRetryAttempts": 1 }),
        ),
        ("lambda:GetFunctionEventInvokeConfig", "GET", event.to_string(), Value::Null),
        ("lambda:DeleteFunctionEventInvokeConfig", "DELETE", event.to_string(), Value::Null),
        ("lambda:ListFunctionEventInvokeConfigs", "GET", format!("{event}/list"), Value::Null),
        ("lambda:TagResource", "POST", tags.to_string(), json!({ "Tags": { "a": "b" } })),
        ("lambda:UntagResource", "DELETE", format!("{tags}?tagKeys=a"), Value::Null),
        ("lambda:ListTags", "GET", tags.to_string(), Value::Null),
        (
            "lambda:GetAccountSettings",
            "GET",
            "/2016-08-19/account-settings".to_string(),
            Value::Null,
        ),
    ];
    let before = cloud.settled("f").await;
    for (action, method, target, body) in cases {
        *cloud.authorizer.denied.lock().unwrap() = Some(action);
        let answer = cloud.call(method, &target, body).await;
        assert_eq!(
            (answer.status, answer.code()),
            (403, "AccessDeniedException"),
            "{action}: {}",
            answer.body
        );
        *cloud.authorizer.denied.lock().unwrap() = None;
    }
    assert_eq!(cloud.settled("f").await, before);
    assert_eq!(cloud.invocations(), 0);
}
