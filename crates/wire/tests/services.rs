//! Requests and answers of real services, through their generated types.

use wire::{Body, Op, Protocol, Request, Response, Service};

fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Request {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut map = http::HeaderMap::new();
    for (name, value) in headers {
        map.append(http::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
    }
    Request {
        method: method.parse().unwrap(),
        path: path.into(),
        query: query.into(),
        headers: map,
        body: body.to_string().into(),
    }
}

fn find(service: &Service, request: &Request) -> (Protocol, &'static str) {
    let (protocol, operation) = service.find(request);
    (protocol, operation.map_or("", |operation| operation.name))
}

fn decode<O: Op>(service: &Service, mut request: Request) -> Result<O::Input, wire::Error> {
    let (protocol, operation) = service.find(&request);
    assert_eq!(operation.unwrap().name, O::OPERATION.name);
    service.decode_as::<O>(protocol, &mut request)
}

fn body(response: &Response) -> String {
    match &response.body {
        Body::Full(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        Body::Stream(_) => panic!("the body is a stream"),
    }
}

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");

#[test]
fn lambda_routes() {
    let service = &wire_lambda::SERVICE;
    for (method, target, name) in [
        ("POST", "/2015-03-31/functions", "CreateFunction"),
        ("GET", "/2015-03-31/functions/", "ListFunctions"),
        ("GET", "/2015-03-31/functions/f", "GetFunction"),
        ("GET", "/2015-03-31/functions/f/configuration", "GetFunctionConfiguration"),
        ("POST", "/2015-03-31/functions/arn%3Aaws%3Alambda/invocations?Qualifier=1", "Invoke"),
        ("GET", "/2018-10-31/layers?find=LayerVersion&Arn=x", "GetLayerVersionByArn"),
        ("GET", "/2018-10-31/layers", "ListLayers"),
        ("GET", "/2015-03-31/functions/f/x", ""),
        ("GET", "/", ""),
    ] {
        assert_eq!(find(service, &request(method, target, &[], "")).1, name, "{method} {target}");
    }
}

#[test]
fn s3_routes() {
    let service = &wire_s3::SERVICE;
    let copy = [("x-amz-copy-source", "b/k")];
    for (method, target, headers, name) in [
        ("GET", "/", &[][..], "ListBuckets"),
        ("GET", "/b", &[], "ListObjects"),
        ("GET", "/b/", &[], "ListObjects"),
        ("GET", "/b?list-type=2", &[], "ListObjectsV2"),
        ("GET", "/b?tagging", &[], "GetBucketTagging"),
        ("GET", "/b/k", &[], "GetObject"),
        ("GET", "/b/k/l/", &[], "GetObject"),
        ("GET", "/b/k?tagging=", &[], "GetObjectTagging"),
        ("PUT", "/b/k", &[], "PutObject"),
        ("PUT", "/b/k", &copy, "CopyObject"),
        ("PUT", "/b/k?partNumber=1&uploadId=x", &[], "UploadPart"),
        ("PUT", "/b/k?partNumber=1&uploadId=x", &copy, "UploadPartCopy"),
        ("POST", "/b/k?uploads", &[], "CreateMultipartUpload"),
        ("POST", "/b/k?uploadId=x", &[], "CompleteMultipartUpload"),
        ("POST", "/b?delete", &[], "DeleteObjects"),
    ] {
        let request = request(method, target, headers, "");
        assert_eq!(find(service, &request).1, name, "{method} {target}");
    }
}

#[test]
fn lambda_input() {
    let json = r#"{"FunctionName":"f","Role":"arn:aws:iam::000000000000:role/r","Runtime":"python3.12",
        "Code":{"ZipFile":"UEs="},"Timeout":null,"Environment":{"Variables":{"AB":"b"}}}"#;
    let request = request("POST", "/2015-03-31/functions", &[], json);
    let input = decode::<wire_lambda::ops::CreateFunction>(&wire_lambda::SERVICE, request).unwrap();
    assert_eq!(input.function_name, "f");
    assert_eq!(input.runtime, Some("python3.12".to_string()));
    assert_eq!(input.code.zip_file.as_deref(), Some(&b"PK"[..]));
    assert_eq!(input.timeout, None);
    let variables = input.environment.clone().unwrap().variables.unwrap();
    assert_eq!(variables["AB"], "b");
    let printed = format!("{input:?}");
    assert!(printed.contains("FunctionName: \"f\"") && !printed.contains("\"b\""), "{printed}");
}

#[test]
fn lambda_validation() {
    let json = r#"{"FunctionName":"a b","Role":"r1","Architectures":["x86_64","arm64"],"Code":{}}"#;
    let request = request("POST", "/2015-03-31/functions", &[], json);
    let error =
        decode::<wire_lambda::ops::CreateFunction>(&wire_lambda::SERVICE, request).unwrap_err();
    let message = error.message();
    assert!(
        message.starts_with("3 validation errors detected: Value 'a b' at 'functionName'"),
        "{message}"
    );
    assert!(message.contains(
        "Value 'r1' at 'role' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:"
    ));
    assert!(message.contains(
        "Value '[x86_64, arm64]' at 'architectures' failed to satisfy constraint: Member must have length less than \
         or equal to 1"
    ));
    let response = wire_lambda::SERVICE.error(Protocol::RestJson, &error, "id");
    assert_eq!(response.status, 400);
    assert_eq!(response.headers["x-amzn-errortype"], "ValidationException");
    assert!(body(&response).starts_with(r#"{"message":"3 validation errors"#));
}

#[test]
fn lambda_errors() {
    let error = wire::Error::from(wire_lambda::ResourceNotFoundException {
        r#type: Some("User".into()),
        message: Some("Function not found: f".into()),
    });
    let response = wire_lambda::SERVICE.error(Protocol::RestJson, &error, "id");
    assert_eq!(response.status, 404);
    assert_eq!(response.headers["x-amzn-errortype"], "ResourceNotFoundException");
    assert_eq!(response.headers["x-amzn-requestid"], "id");
    assert_eq!(body(&response), r#"{"Type":"User","Message":"Function not found: f"}"#);
}

#[test]
fn iam_query() {
    let form = "Action=CreateRole&Version=2010-05-08&RoleName=r&AssumeRolePolicyDocument=%7B%7D&Tags.member.1.Key=k\
                &Tags.member.1.Value=v";
    let request = request("POST", "/", &[FORM], form);
    let input = decode::<wire_iam::ops::CreateRole>(&wire_iam::SERVICE, request).unwrap();
    assert_eq!((input.role_name.as_str(), input.assume_role_policy_document.as_str()), ("r", "{}"));
    assert_eq!(input.tags.unwrap()[0].key, "k");
    let mut output = wire_iam::GetAccountSummaryResponse {
        summary_map: Some([(wire_iam::SummaryKeyType::Users.to_string(), 1)].into()),
    };
    let operation = wire_iam::ops::GetAccountSummary::OPERATION;
    let response = wire_iam::SERVICE.encode(Protocol::AwsQuery, operation, &mut output, "id");
    assert_eq!(
        body(&response),
        "<GetAccountSummaryResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><GetAccountSummaryResult>\
         <SummaryMap><entry><key>Users</key><value>1</value></entry></SummaryMap></GetAccountSummaryResult>\
         <ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></GetAccountSummaryResponse>"
    );
}

#[test]
fn sqs_speaks_two_protocols() {
    let service = &wire_sqs::SERVICE;
    let json = request(
        "POST",
        "/",
        &[
            ("x-amz-target", "AmazonSQS.CreateQueue"),
            ("content-type", "application/x-amz-json-1.0"),
        ],
        r#"{"QueueName":"q","Attributes":{"DelaySeconds":"1"}}"#,
    );
    assert_eq!(find(service, &json), (Protocol::AwsJson, "CreateQueue"));
    let form = "Action=CreateQueue&QueueName=q&Attribute.1.Name=DelaySeconds&Attribute.1.Value=1";
    let query = request("POST", "/", &[FORM], form);
    assert_eq!(find(service, &query), (Protocol::AwsQuery, "CreateQueue"));
    assert_eq!(decode::<wire_sqs::ops::CreateQueue>(service, query).unwrap().queue_name, "q");
    for request in [json] {
        let input = decode::<wire_sqs::ops::CreateQueue>(service, request).unwrap();
        assert_eq!(input.queue_name, "q");
        assert_eq!(input.attributes.unwrap()["DelaySeconds"], "1");
    }
}

#[test]
fn unknown_operations() {
    let service = &wire_logs::SERVICE;
    let request = request("POST", "/", &[("x-amz-target", "Logs_20140328.Nothing")], "{}");
    let (protocol, operation) = service.find(&request);
    let response = service.error(protocol, &operation.err().unwrap(), "id");
    assert_eq!(response.status, 400);
    assert_eq!(body(&response), r#"{"__type":"UnknownOperationException","message":""}"#);
}
