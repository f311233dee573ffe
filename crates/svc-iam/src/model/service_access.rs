//! Which services a policy lets its holder use, and how they are called.

use policy::wildcard_matches;
use serde::Deserialize;

/// Namespaces of actions, sorted, with the names that reports show. The services of this cloud and those that policies
/// for compute name most.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
pub const SERVICES: &[(&str, &str)] = &[
    ("apigateway", "Amazon API Gateway Management"),
    ("application-autoscaling", "AWS Application Auto Scaling"),
    ("autoscaling", "Amazon EC2 Auto Scaling"),
    ("batch", "AWS Batch"),
    ("cloudformation", "AWS CloudFormation"),
    ("cloudtrail", "AWS CloudTrail"),
    ("cloudwatch", "Amazon CloudWatch"),
    ("dynamodb", "Amazon DynamoDB"),
    ("ec2", "Amazon EC2"),
    ("ecr", "Amazon Elastic Container Registry"),
    ("ecs", "Amazon Elastic Container Service"),
    ("elasticfilesystem", "Amazon Elastic File System"),
    ("elasticloadbalancing", "AWS Elastic Load Balancing"),
    ("events", "Amazon EventBridge"),
    ("execute-api", "Amazon API Gateway"),
    ("iam", "AWS Identity and Access Management"),
    ("kinesis", "Amazon Kinesis Data Streams"),
    ("kms", "AWS Key Management Service"),
    ("lambda", "AWS Lambda"),
    ("logs", "Amazon CloudWatch Logs"),
    ("pipes", "Amazon EventBridge Pipes"),
    ("s3", "Amazon S3"),
    ("scheduler", "Amazon EventBridge Scheduler"),
    ("secretsmanager", "AWS Secrets Manager"),
    ("sns", "Amazon SNS"),
    ("sqs", "Amazon SQS"),
    ("ssm", "AWS Systems Manager"),
    ("states", "AWS Step Functions"),
    ("sts", "AWS Security Token Service"),
    ("xray", "AWS X-Ray"),
];

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    statement: OneOrMany<Statement>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    effect: String,
    action: Option<OneOrMany<String>>,
    not_action: Option<OneOrMany<String>>,
}

impl<T> OneOrMany<T> {
    fn as_slice(&self) -> &[T] {
        match self {
            OneOrMany::One(one) => std::slice::from_ref(one),
            OneOrMany::Many(many) => many,
        }
    }
}

/// Whether some action of the service is allowed by a document, whatever others deny, as AWS reports it.
pub fn grants(document: &str, namespace: &str) -> bool {
    let Ok(document) = serde_json::from_str::<Document>(document) else { return false };
    document.statement.as_slice().iter().any(|statement| {
        statement.effect == "Allow"
            && match (&statement.action, &statement.not_action) {
                (Some(actions), _) => actions.as_slice().iter().any(|pattern| {
                    let (service, _) = pattern.split_once(':').unwrap_or((pattern, "*"));
                    wildcard_matches(&service.to_ascii_lowercase(), namespace)
                }),
                (None, Some(excluded)) => !excluded.as_slice().iter().any(|pattern| {
                    pattern == "*" || pattern.eq_ignore_ascii_case(&format!("{namespace}:*"))
                }),
                (None, None) => false,
            }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_sorted() {
        assert!(SERVICES.is_sorted());
    }

    #[test]
    fn what_a_policy_grants() {
        let document = |statement: &str| format!(r#"{{"Statement":{statement}}}"#);
        let s3 = document(r#"[{"Effect":"Allow","Action":["S3:Get*"],"Resource":"*"}]"#);
        assert!(grants(&s3, "s3") && !grants(&s3, "sqs"));
        let all = document(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#);
        assert!(grants(&all, "s3"));
        let but = document(r#"{"Effect":"Allow","NotAction":["iam:*"],"Resource":"*"}"#);
        assert!(grants(&but, "s3") && !grants(&but, "iam"));
        let deny = document(r#"{"Effect":"Deny","Action":"s3:*","Resource":"*"}"#);
        assert!(!grants(&deny, "s3"));
    }
}
