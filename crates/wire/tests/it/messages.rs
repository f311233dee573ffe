//! What is read from requests and written into answers.

use crate::{FORM, body, decode, find, request};
use wire::{Op, Protocol};

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
fn what_broke_is_the_service_s_own_fault_and_says_nothing_of_the_cause() {
    let error = wire::Error::internal("the disk is on fire");
    let response = wire_lambda::SERVICE.error(Protocol::RestJson, &error, "id");
    assert_eq!(response.status, 500);
    assert_eq!(response.headers["x-amzn-errortype"], "ServiceException");
    assert_eq!(
        body(&response),
        r#"{"Type":"Service","Message":"An error occurred and the request cannot be processed."}"#
    );
    let response = wire_logs::SERVICE.error(Protocol::AwsJson, &error, "id");
    assert_eq!(response.status, 500);
    assert_eq!(body(&response), r#"{"__type":"InternalFailure","message":""}"#);
    let response = wire_s3::SERVICE.error(Protocol::RestXml, &error, "id");
    assert_eq!(response.status, 500);
    assert!(body(&response).contains(
        "<Code>InternalError</Code>\
         <Message>We encountered an internal error. Please try again.</Message>"
    ));
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
    for request in [json, query] {
        let input = decode::<wire_sqs::ops::CreateQueue>(service, request).unwrap();
        assert_eq!(input.queue_name, "q");
        assert_eq!(input.attributes.unwrap()["DelaySeconds"], "1");
    }
}

#[test]
fn sqs_answers_in_two_protocols() {
    let service = &wire_sqs::SERVICE;
    let message = wire_sqs::Message {
        message_id: Some("1".into()),
        attributes: Some([("SentTimestamp".into(), "2".into())].into()),
        ..Default::default()
    };
    let operation = wire_sqs::ops::ReceiveMessage::OPERATION;
    let mut output = wire_sqs::ReceiveMessageResult { messages: Some(vec![message]) };
    let json = service.encode(Protocol::AwsJson, operation, &mut output, "id");
    assert_eq!(
        body(&json),
        r#"{"Messages":[{"MessageId":"1","Attributes":{"SentTimestamp":"2"}}]}"#
    );
    let query = service.encode(Protocol::AwsQuery, operation, &mut output, "id");
    assert_eq!(
        body(&query),
        "<ReceiveMessageResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><ReceiveMessageResult><Message><MessageId>1</MessageId><Attribute>\
         <Name>SentTimestamp</Name><Value>2</Value></Attribute></Message></ReceiveMessageResult>\
         <ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></ReceiveMessageResponse>"
    );
}

#[test]
fn sqs_errors_bear_both_codes() {
    let service = &wire_sqs::SERVICE;
    let text = "The specified queue does not exist.";
    let error = wire::Error::from(wire_sqs::QueueDoesNotExist { message: Some(text.into()) });
    let json = service.error(Protocol::AwsJson, &error, "id");
    assert_eq!(
        json.headers["x-amzn-query-error"],
        "AWS.SimpleQueueService.NonExistentQueue;Sender"
    );
    assert_eq!(body(&json), format!(r#"{{"__type":"QueueDoesNotExist","message":"{text}"}}"#));
    let query = body(&service.error(Protocol::AwsQuery, &error, "id"));
    let wanted =
        format!("<Code>AWS.SimpleQueueService.NonExistentQueue</Code><Message>{text}</Message>");
    assert!(query.contains(&wanted), "{query}");
    let error = wire::Error::other_in_query(
        400,
        "MissingRequiredParameterException",
        "MissingParameter",
        "x",
    );
    let json = service.error(Protocol::AwsJson, &error, "id");
    assert_eq!(json.headers["x-amzn-query-error"], "MissingParameter;Sender");
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
