//! What operations are: on data or on resources, reading or changing.

/// Calls on data, which AWS records for trails that ask for them and never shows in `LookupEvents`.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html>
pub fn is_data(event_source: &str, event_name: &str) -> bool {
    match event_source {
        "lambda.amazonaws.com" => {
            matches!(event_name, "Invoke" | "InvokeAsync" | "InvokeWithResponseStream")
        }
        "logs.amazonaws.com" => matches!(
            event_name,
            "PutLogEvents" | "GetLogEvents" | "FilterLogEvents" | "StartLiveTail"
        ),
        "s3.amazonaws.com" => event_name.contains("Object") || event_name.contains("Part"),
        "sqs.amazonaws.com" => event_name.contains("Message"),
        _ => false,
    }
}

/// Whether the call changes nothing.
pub fn is_read_only(event_source: &str, event_name: &str) -> bool {
    const READING: [&str; 13] = [
        "Get",
        "List",
        "Describe",
        "Head",
        "Lookup",
        "Simulate",
        "Test",
        "Filter",
        "Decode",
        "Verify",
        "Generate",
        "BatchGet",
        "AssumeRole",
    ];
    const CRYPTOGRAPHY: [&str; 6] =
        ["Encrypt", "Decrypt", "ReEncrypt", "Sign", "DeriveSharedSecret", "GetPublicKey"];
    match (event_source, event_name) {
        ("iam.amazonaws.com", "GenerateCredentialReport") => false,
        ("kms.amazonaws.com", name) if CRYPTOGRAPHY.contains(&name) => true,
        (_, name) => READING.iter().any(|verb| name.starts_with(verb)),
    }
}

/// Where events of the service are shown: those of global services are at home in one region.
pub fn is_global(event_source: &str) -> bool {
    event_source == "iam.amazonaws.com"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_operations() {
        for (source, name, data, read_only) in [
            ("lambda", "Invoke", true, false),
            ("lambda", "CreateFunction", false, false),
            ("lambda", "GetFunction", false, true),
            ("kms", "Decrypt", false, true),
            ("kms", "CreateGrant", false, false),
            ("iam", "GenerateCredentialReport", false, false),
            ("iam", "SimulatePrincipalPolicy", false, true),
            ("sts", "AssumeRole", false, true),
            ("logs", "PutLogEvents", true, false),
        ] {
            let source = format!("{source}.amazonaws.com");
            assert_eq!(is_data(&source, name), data, "{name}");
            assert_eq!(is_read_only(&source, name), read_only, "{name}");
        }
    }
}
