//! Violations of the models' constraints, in the words that AWS was recorded with.

use crate::{FORM, body, decode, request};
use wire::{Error, Op, Protocol, Service};

fn rest_json<O: Op>(method: &str, target: &str, json: &str) -> String {
    refusal::<O>(&wire_lambda::SERVICE, request(method, target, &[], json))
}

fn aws_json<O: Op>(service: &Service, json: &str) -> String {
    let target = format!("{}.{}", service.target_prefix, O::OPERATION.name);
    refusal::<O>(service, request("POST", "/", &[("x-amz-target", &target)], json))
}

fn query<O: Op>(service: &Service, parameters: &str) -> String {
    let form = format!("Action={}&{parameters}", O::OPERATION.name);
    refusal::<O>(service, request("POST", "/", &[FORM], &form))
}

fn refusal<O: Op>(service: &Service, request: wire::Request) -> String {
    let error: Error = match decode::<O>(service, request) {
        Ok(_) => panic!("the request is accepted"),
        Err(error) => error,
    };
    let message = error.message();
    message.strip_prefix("1 validation error detected: ").unwrap_or(message).to_string()
}

const FUNCTIONS: &str = "/2015-03-31/functions";

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
fn lists_of_scalars() {
    let json = r#"{"FunctionName":"f","Role":"arn:aws:iam::111111111111:role/r","Code":{},"Layers":["x"]}"#;
    assert_eq!(
        rest_json::<wire_lambda::ops::CreateFunction>("POST", FUNCTIONS, json),
        "Value '[x]' at 'layers' failed to satisfy constraint: Member must satisfy constraint: [Member must have \
         length less than or equal to 2048, Member must have length greater than or equal to 1, Member must satisfy \
         regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d\
         {1}:\\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+), Member must not be null]"
    );
    let json = r#"{"VpcConfig":{"SecurityGroupIds":["<security_group_id_2>"]}}"#;
    let target = "/2015-03-31/functions/f/configuration";
    assert_eq!(
        rest_json::<wire_lambda::ops::UpdateFunctionConfiguration>("PUT", target, json),
        "Value '[<security_group_id_2>]' at 'vpcConfig.securityGroupIds' failed to satisfy constraint: Member must \
         satisfy constraint: [Member must have length less than or equal to 1024, Member must have length greater than \
         or equal to 0, Member must satisfy regular expression pattern: sg-[0-9a-zA-Z]*]"
    );
    let json = r#"{"Architectures":["X86_64"],"ZipFile":""}"#;
    let target = "/2015-03-31/functions/f/code";
    assert_eq!(
        rest_json::<wire_lambda::ops::UpdateFunctionCode>("PUT", target, json),
        "Value '[X86_64]' at 'architectures' failed to satisfy constraint: Member must satisfy constraint: [Member must \
         satisfy enum value set: [x86_64, arm64], Member must not be null]"
    );
}

#[test]
fn maps_of_scalars() {
    let target = "/2015-03-31/functions/f/aliases/a";
    let weights = |weights: &str| {
        let json = format!(r#"{{"RoutingConfig":{{"AdditionalVersionWeights":{weights}}}}}"#);
        rest_json::<wire_lambda::ops::UpdateAlias>("PUT", target, &json)
    };
    assert_eq!(
        weights(r#"{"2":2.0}"#),
        "Value '{2=2.0}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map value must \
         satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or \
         equal to 0.0, Member must not be null]"
    );
    assert_eq!(
        weights(r#"{"$LATEST":0.5}"#),
        "Value '{$LATEST=0.5}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map keys must \
         satisfy constraint: [Member must have length less than or equal to 1024, Member must have length greater than \
         or equal to 1, Member must satisfy regular expression pattern: [0-9]+]"
    );
}

#[test]
fn nulls_in_lists_and_maps() {
    let target = "/2015-03-31/functions/f/aliases/a";
    let json = r#"{"RoutingConfig":{"AdditionalVersionWeights":{"1":0.5,"2":null}}}"#;
    assert_eq!(
        rest_json::<wire_lambda::ops::UpdateAlias>("PUT", target, json),
        "Value '{1=0.5, 2=null}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map value \
         must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater \
         than or equal to 0.0, Member must not be null]"
    );
    // What is secret is not shown.
    let json = r#"{"Environment":{"Variables":{"AB":null}}}"#;
    let target = "/2015-03-31/functions/f/configuration";
    assert_eq!(
        rest_json::<wire_lambda::ops::UpdateFunctionConfiguration>("PUT", target, json),
        "Value at 'environment.variables' failed to satisfy constraint: Map value must satisfy constraint: [Member must \
         not be null]"
    );
    let json = r#"{"Architectures":[null],"ZipFile":""}"#;
    let target = "/2015-03-31/functions/f/code";
    assert_eq!(
        rest_json::<wire_lambda::ops::UpdateFunctionCode>("PUT", target, json),
        "Value '[null]' at 'architectures' failed to satisfy constraint: Member must satisfy constraint: [Member must \
         satisfy enum value set: [x86_64, arm64], Member must not be null]"
    );
}

#[test]
fn numbers_and_enumerations() {
    let kms = &wire_kms::SERVICE;
    assert_eq!(
        aws_json::<wire_kms::ops::GenerateRandom>(kms, r#"{"NumberOfBytes":1025}"#),
        "Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have value less than or equal to 1024"
    );
    let target = "/2019-09-30/functions/f/provisioned-concurrency?Qualifier=1";
    let json = r#"{"ProvisionedConcurrentExecutions":0}"#;
    assert_eq!(
        rest_json::<wire_lambda::ops::PutProvisionedConcurrencyConfig>("PUT", target, json),
        "Value '0' at 'provisionedConcurrentExecutions' failed to satisfy constraint: Member must have value greater \
         than or equal to 1"
    );
    let json = r#"{"SnapStart":{"ApplyOn":"invalidOption"}}"#;
    let target = "/2015-03-31/functions/f/configuration";
    assert_eq!(
        rest_json::<wire_lambda::ops::UpdateFunctionConfiguration>("PUT", target, json),
        "Value 'invalidOption' at 'snapStart.applyOn' failed to satisfy constraint: Member must satisfy enum value set: \
         [PublishedVersions, None]"
    );
}

#[test]
fn paths_lead_into_lists() {
    let value = "v".repeat(257);
    let json = format!(r#"{{"KeyId":"k","Tags":[{{"TagKey":"a","TagValue":"{value}"}}]}}"#);
    assert_eq!(
        aws_json::<wire_kms::ops::TagResource>(&wire_kms::SERVICE, &json),
        format!(
            "Value '{value}' at 'tags.1.member.tagValue' failed to satisfy constraint: Member must have length less \
             than or equal to 256"
        )
    );
}

#[test]
fn secrets_are_not_repeated() {
    use base64::Engine;
    let plaintext = base64::engine::general_purpose::STANDARD.encode([0; 4097]);
    let json = format!(r#"{{"KeyId":"k","Plaintext":"{plaintext}"}}"#);
    assert_eq!(
        aws_json::<wire_kms::ops::Encrypt>(&wire_kms::SERVICE, &json),
        "Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096"
    );
    let parameters = "UserName=u&ServiceSpecificCredentialId=a-bbbbbbbbbbbbbbbbbbbbbbbbbbb";
    assert_eq!(
        query::<wire_iam::ops::DeleteServiceSpecificCredential>(&wire_iam::SERVICE, parameters),
        "Value at 'serviceSpecificCredentialId' failed to satisfy constraint: Member must satisfy regular expression \
         pattern: [\\w]+"
    );
}

#[test]
fn whole_structures_are_repeated() {
    let transformation = |n: u8| {
        format!(
            r#"{{"metricName":"metric{n}","metricNamespace":"namespace{n}","metricValue":"1"}}"#
        )
    };
    let json = format!(
        r#"{{"logGroupName":"g","filterName":"f","filterPattern":"","metricTransformations":[{},{}]}}"#,
        transformation(1),
        transformation(2)
    );
    // AWS says `unit` before `dimensions`; its model does not.
    assert_eq!(
        aws_json::<wire_logs::ops::PutMetricFilter>(&wire_logs::SERVICE, &json),
        "Value '[MetricTransformation(metricName=metric1, metricNamespace=namespace1, metricValue=1, defaultValue=null, \
         dimensions=null, unit=null), MetricTransformation(metricName=metric2, metricNamespace=namespace2, \
         metricValue=1, defaultValue=null, dimensions=null, unit=null)]' at 'metricTransformations' failed to satisfy \
         constraint: Member must have length less than or equal to 1"
    );
}

#[test]
fn absent_members() {
    let target = "/2017-03-31/tags/arn%3Aaws%3Alambda%3Aus-east-1%3A111111111111%3Afunction%3Af";
    assert_eq!(
        rest_json::<wire_lambda::ops::UntagResource>("DELETE", target, ""),
        "Value null at 'tagKeys' failed to satisfy constraint: Member must not be null"
    );
    let sqs = &wire_sqs::SERVICE;
    let missing = "The request must contain the parameter MessageBody.";
    assert_eq!(aws_json::<wire_sqs::ops::SendMessage>(sqs, r#"{"QueueUrl":"q"}"#), missing);
    assert_eq!(query::<wire_sqs::ops::SendMessage>(sqs, "QueueUrl=q"), missing);
}

#[test]
fn queries_say_validation_error() {
    let parameters = "RoleArn=arn:aws:iam::111111111111:role/r&RoleSessionName=Session1:2";
    let request = request("POST", "/", &[FORM], &format!("Action=AssumeRole&{parameters}"));
    let error = decode::<wire_sts::ops::AssumeRole>(&wire_sts::SERVICE, request).unwrap_err();
    let answer = body(&wire_sts::SERVICE.error(Protocol::AwsQuery, &error, "id"));
    assert!(answer.contains(
        "<Error><Type>Sender</Type><Code>ValidationError</Code><Message>1 validation error detected: Value 'Session1:2' \
         at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: \
         [\\w+=,.@-]*</Message></Error>"
    ), "{answer}");
}
