//! Which operation a request means.

use crate::{SERVICES, find, request};
use wire::Segment;

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

/// Every route leads to its own operation.
#[test]
fn routes_are_unambiguous() {
    for service in SERVICES.iter().filter(|service| service.target_prefix.is_empty()) {
        if service.protocols[0].is_xml() && !service.dialect.s3 {
            continue; // The query protocol has one route for all.
        }
        for operation in service.operations {
            let path: Vec<&str> = operation
                .path
                .iter()
                .map(|segment| match segment {
                    Segment::Literal(text) => text,
                    Segment::Label(_) => "label",
                    Segment::Greedy(_) => "greedy/label",
                })
                .collect();
            let fixed = operation.query.iter().map(|(key, value)| format!("{key}={value}"));
            let required = operation.input.members.iter().filter(|member| member.required);
            let bound = required.clone().filter(|m| m.location == wire::Loc::Query);
            let query: Vec<String> = fixed.chain(bound.map(|m| format!("{}=1", m.wire))).collect();
            let headers = required.filter(|m| m.location == wire::Loc::Header);
            let headers: Vec<(&str, &str)> = headers.map(|m| (m.wire, "1")).collect();
            let target = format!("/{}?{}", path.join("/"), query.join("&"));
            let request = request(operation.method, &target, &headers, "");
            assert_eq!(find(service, &request).1, operation.name, "{} {target}", operation.method);
        }
    }
}
