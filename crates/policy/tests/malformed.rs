//! Documents that AWS refuses, with its words, and some that it takes.

use policy::{Kind, Policy};

fn identity(statement: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#)
}

/// An identity policy's only statement, and the message; empty if it is accepted.
fn check(statement: &str, expected: &str) {
    check_document(&identity(statement), Kind::Identity, expected);
}

fn check_document(document: &str, kind: Kind, expected: &str) {
    let message = Policy::parse(document, kind).map_or_else(|error| error.0, |_| String::new());
    assert_eq!(message, expected, "{document}");
}

const SYNTAX: &str = "Syntax errors in policy.";
const LEGACY: &str = "The policy failed legacy parsing";
const VENDOR: &str = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";

#[test]
fn syntax() {
    for document in [
        "",
        "not json",
        "[]",
        "{}",
        r#"{"Version":"2012-10-17"}"#,
        r#"{"Version":"2012-10-17","Statement":[]}"#,
        r#"{"Version":"2012-10-17","Statement":["x"]}"#,
        r#"{"Version":"2013-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
        r#"{"Version":"2012-10-17","Id":{},"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
        r#"{"Version":"2012-10-17","Extra":1,"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
        r#"{"Version":"2012-10-17","Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
    ] {
        check_document(document, Kind::Identity, SYNTAX);
    }
    for statement in [
        r#"{"Effect":"maybe","Action":"*","Resource":"*"}"#,
        r#"{"Action":"*","Resource":"*"}"#,
        r#"{"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"}"#,
        r#"{"Effect":"Allow","Action":"*","Resource":"*","NotResource":[]}"#,
        r#"{"Effect":"Allow","Action":[[]],"Resource":"*"}"#,
        r#"{"Effect":"Allow","Action":{},"Resource":"*"}"#,
        r#"{"Effect":"Allow","Action":"*","Resource":"*","Extra":"x"}"#,
        r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":[]}"#,
        r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":"x"}}"#,
        r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Boolean":{"a:b":"x"}}}"#,
    ] {
        check(statement, SYNTAX);
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    check(&deep[..120_000], SYNTAX);
    check(&" ".repeat(200_000), SYNTAX);
}

#[test]
fn versions() {
    let old = "Policy document must be version 2012-10-17 or greater.";
    let statement = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
    for version in ["", r#""Version":"2008-10-17","#] {
        let document = format!(r#"{{{version}"Statement":{statement}}}"#);
        check_document(&document, Kind::Identity, old);
        check_document(&document, Kind::Session, "");
    }
}

#[test]
fn actions() {
    check(r#"{"Effect":"Allow","Resource":"*"}"#, "Policy statement must contain actions.");
    check(
        r#"{"Effect":"Allow","Action":[],"Resource":"*"}"#,
        "Policy statement must contain actions.",
    );
    check(r#"{"Effect":"Allow","Action":"invalid","Resource":"*"}"#, VENDOR);
    check(r#"{"Effect":"Allow","Action":"invalid"}"#, VENDOR);
    check(r#"{"Effect":"Allow","NotAction":"","Resource":"*"}"#, VENDOR);
    check(r#"{"Effect":"Allow","Action":"a a:B","Resource":"*"}"#, "Vendor a a is not valid");
    let colons = "Actions/Condition can contain only one colon.";
    check(r#"{"Effect":"Allow","Action":"s3:List:Bucket","Resource":"*"}"#, colons);
    check(r#"{"Effect":"Allow","Action":["s3:*","*"],"Resource":"*"}"#, "");
}

#[test]
fn resources() {
    let with =
        |resource: &str| format!(r#"{{"Effect":"Allow","Action":"s3:*","Resource":{resource}}}"#);
    for (resource, expected) in [
        (r#""x y""#, "Resource x y must be in ARN format or \"*\"."),
        (r#""""#, "Resource  must be in ARN format or \"*\"."),
        (r#""a:part""#, "Partition \"part\" is not valid for resource \"arn:part:*:*:*:*\"."),
        (r#""a:b:cad""#, "Partition \"b\" is not valid for resource \"arn:b:cad:*:*:*\"."),
        (
            r#""a:b:c:d:e:f:g:h""#,
            "Partition \"b\" is not valid for resource \"arn:b:c:d:e:f:g:h\".",
        ),
        (r#""aws:s3:::x""#, "Partition \"s3\" is not valid for resource \"arn:s3:::x:*\"."),
        (r#""arn:aws""#, "Resource vendor must be fully qualified and cannot contain regexes."),
        (
            r#""arn:aws:s3:eu-west-1::x""#,
            "Resource arn:aws:s3:eu-west-1::x can not contain region information.",
        ),
        (
            r#""arn:aws:iam:eu:1:user/x""#,
            "IAM resource arn:aws:iam:eu:1:user/x cannot contain region information.",
        ),
        (r#""arn:aws:s3::x""#, LEGACY),
        (r#"[]"#, "Policy statement must contain resources."),
        (r#"["arn:aws:s3:::x","*"]"#, ""),
        (r#""arn:aws:iam::1:user/x""#, ""),
    ] {
        check(&with(resource), expected);
    }
    let path = "IAM resource path must either be \"*\" or start with user/, federated-user/, role/, group/, \
                instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, \
                report/, access-report/.";
    check(&with(r#""arn:aws:iam:::x""#), path);
    check(r#"{"Effect":"Allow","Action":"s3:*"}"#, "Policy statement must contain resources.");
    check(r#"{"Effect":"Allow","Resource":"arn:aws:s3::x"}"#, LEGACY);
}

#[test]
fn other_elements() {
    check(r#"{"Effect":"allow","Action":"*","Resource":"*"}"#, LEGACY);
    check(
        r#"[{"Sid":"a","Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"a","Effect":"Deny","Action":"*","Resource":"*"}]"#,
        "Statement IDs (SID) in a single policy must be unique.",
    );
    check(
        r#"{"Sid":"a b","Effect":"Allow","Action":"*","Resource":"*"}"#,
        "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression \
         [0-9A-Za-z]*",
    );
    check(
        r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}"#,
        "Policy document should not specify a principal.",
    );
    check(
        r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"DateLessThan":{"a:b":"soon"}}}"#,
        LEGACY,
    );
    check(
        r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"a:b":true},"NumericEquals":{"a:c":[1,"2"]}}}"#,
        "",
    );
}

#[test]
fn trust_policies() {
    let trust = |statement: &str, expected: &str| {
        check_document(&identity(statement), Kind::Trust, expected);
    };
    trust(r#"{"Effect":"Allow","Action":"sts:AssumeRole"}"#, "Missing required field Principal");
    let with = |principal: &str| {
        format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}"#)
    };
    trust(&with(r#"{"Service":["lambda.amazonaws.com","ec2.amazonaws.com"]}"#), "");
    trust(&with(r#"{"AWS":"*"}"#), "");
    trust(&with(r#"{"AWS":["123456789012","arn:aws:iam::123456789012:root"]}"#), "");
    trust(&with(r#"{"Federated":"cognito-identity.amazonaws.com"}"#), "");
    trust(&with(r#""*""#), "AssumeRolepolicy contained an invalid principal: \"STAR\":\"*\".");
    trust(&with(r#"{"AWS":"me"}"#), "Invalid principal in policy: \"AWS\":\"me\"");
    trust(&with(r#"{"Service":"lambda"}"#), "Invalid principal in policy: \"SERVICE\":\"lambda\"");
    trust(
        r#"{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"s3:GetObject"}"#,
        "AssumeRole policy may only specify STS AssumeRole actions.",
    );
    trust(
        r#"{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Resource":"*"}"#,
        "Has prohibited field Resource",
    );
}
