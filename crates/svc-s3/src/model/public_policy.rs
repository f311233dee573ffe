//! Whether a bucket policy is public: it permits something to everybody.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status>

use serde_json::Value;

/// Condition keys whose fixed values make a statement for everybody one for somebody.
const NARROWING: [&str; 16] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "aws:vpcsourceip",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
];

/// Whether any statement of `policy`, a JSON text that was checked, is public.
pub fn is_public(policy: &str) -> bool {
    let Ok(document) = serde_json::from_str::<Value>(policy) else { return false };
    list(&document["Statement"]).any(is_public_statement)
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    let (many, one) = match value {
        Value::Array(values) => (values.as_slice(), None),
        Value::Null => (&[][..], None),
        value => (&[][..], Some(value)),
    };
    many.iter().chain(one)
}

fn is_public_statement(statement: &Value) -> bool {
    let names_everybody = match &statement["Principal"] {
        Value::String(text) => text == "*",
        Value::Object(kinds) => kinds.get("AWS").is_some_and(|aws| list(aws).any(|p| p == "*")),
        // Whom a statement leaves out by name, all others are not.
        _ => statement.get("NotPrincipal").is_some(),
    };
    statement["Effect"] == "Allow" && names_everybody && !is_narrowed(&statement["Condition"])
}

/// Whether some condition holds for fixed values of a key that says who or where the caller is.
fn is_narrowed(condition: &Value) -> bool {
    let operators = condition.as_object().into_iter().flatten();
    operators.filter(|(operator, _)| is_equality(operator)).any(|(_, keys)| {
        let keys = keys.as_object().into_iter().flatten();
        keys.filter(|(key, _)| NARROWING.contains(&key.to_ascii_lowercase().as_str()))
            .any(|(key, values)| list(values).all(|value| is_fixed(key, value)))
    })
}

fn is_equality(operator: &str) -> bool {
    let operator = operator.rsplit(':').next().unwrap_or(operator);
    ["StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "IpAddress"]
        .contains(&operator)
}

fn is_fixed(key: &str, value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    if key.eq_ignore_ascii_case("aws:SourceIp") {
        // A network that takes in most of the Internet is nobody in particular.
        let bits = text.split_once('/').and_then(|(_, bits)| bits.parse::<u8>().ok());
        let least = if text.contains(':') { 32 } else { 8 };
        return bits.is_none_or(|bits| bits >= least);
    }
    !text.contains(['*', '?']) && !text.contains("${")
}

#[cfg(test)]
mod tests {
    use super::is_public;
    use serde_json::json;

    #[test]
    fn statuses() {
        let policy = |principal, condition| {
            let statement = json!({
                "Effect": "Allow", "Principal": principal, "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::b/*", "Condition": condition,
            });
            is_public(&json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string())
        };
        let none = json!({});
        assert!(policy(json!("*"), none.clone()));
        assert!(policy(json!({"AWS": "*"}), none.clone()));
        assert!(policy(json!({"AWS": ["111111111111", "*"]}), none.clone()));
        assert!(!policy(json!({"AWS": "111111111111"}), none.clone()));
        assert!(!policy(json!({"Service": "*.amazonaws.com"}), none));
        let when = |operator: &str, key: &str, value: &str| {
            policy(json!("*"), json!({ operator: { key: value } }))
        };
        assert!(!when("StringEquals", "aws:SourceVpc", "vpc-1"));
        assert!(when("StringLike", "aws:SourceVpc", "vpc-*"));
        assert!(when("StringNotEquals", "aws:SourceVpc", "vpc-1"));
        assert!(!when("IpAddress", "aws:SourceIp", "203.0.113.0/24"));
        assert!(when("IpAddress", "aws:SourceIp", "0.0.0.0/0"));
        assert!(when("StringEquals", "aws:UserAgent", "x"));
        assert!(!is_public(r#"{"Statement":{"Effect":"Deny","Principal":"*"}}"#));
        assert!(!is_public("{"));
    }
}
