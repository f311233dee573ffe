//! What operations are: on data or on resources, reading or changing.

/// Calls on data, which AWS records for trails that ask for them and never shows in `LookupEvents`.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html>
pub fn is_data(event_source: &str, event_name: &str) -> bool {
    match event_source {
        "lambda.amazonaws.com" => {
            matches!(
                event_name,
                "Invoke" | "InvokeAsync" | "InvokeFunctionUrl" | "InvokeWithResponseStream"
            )
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

/// Operations whose action has another name.
const ACTIONS: [(&str, &str); 3] = [
    ("lambda:GetLayerVersionByArn", "lambda:GetLayerVersion"),
    ("lambda:Invoke", "lambda:InvokeFunction"),
    ("lambda:InvokeWithResponseStream", "lambda:InvokeFunction"),
];

/// Whether the call changes nothing: what AWS's reference says of the action, but for calls that events show otherwise.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>
pub fn is_read_only(event_source: &str, event_name: &str) -> bool {
    let service = event_source.split('.').next().unwrap_or_default();
    let name = format!("{service}:{event_name}");
    if let Some(read_only) = shown_otherwise(service, event_name) {
        return read_only;
    }
    let other = ACTIONS.iter().find(|(operation, _)| *operation == name);
    let action = other.map_or(&*name, |(_, action)| action);
    // What is newer than the reference is known by its name alone.
    let by_name = || ["Get", "List", "Describe"].iter().any(|verb| event_name.starts_with(verb));
    service_authorization::action(action)
        .map_or_else(by_name, service_authorization::Action::is_read_only)
}

/// The reference calls it writing to use a key, or to take on a role; in events both change nothing. A report is made by
/// what the reference calls reading.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/logging-using-cloudtrail.html>
fn shown_otherwise(service: &str, event_name: &str) -> Option<bool> {
    const CRYPTOGRAPHY: [&str; 7] =
        ["Encrypt", "Decrypt", "ReEncrypt", "Sign", "Verify", "Generate", "DeriveSharedSecret"];
    let begins = |names: &[&str]| names.iter().any(|name| event_name.starts_with(name));
    match service {
        "kms" if begins(&CRYPTOGRAPHY) => Some(true),
        "sts" => Some(true),
        "iam" if event_name == "GenerateCredentialReport" => Some(false),
        _ => None,
    }
}

/// Operations of Lambda whose events have names of their own: the operation's with the date of its version, and `v2` where
/// it was replaced within that.
/// <https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html>, which names most of them; the others are
/// those of events that were published. What is newer has no date.
const OF_LAMBDA: [(&str, &str); 37] = [
    ("AddLayerVersionPermission", "20181031"),
    ("AddPermission", "20150331v2"),
    ("CreateAlias", "20150331"),
    ("CreateEventSourceMapping", "20150331"),
    ("CreateFunction", "20150331"),
    ("DeleteAlias", "20150331"),
    ("DeleteEventSourceMapping", "20150331"),
    ("DeleteFunction", "20150331"),
    ("DeleteFunctionConcurrency", "20171031"),
    ("DeleteLayerVersion", "20181031"),
    ("GetAccountSettings", "20160819"),
    ("GetAlias", "20150331"),
    ("GetEventSourceMapping", "20150331"),
    ("GetFunction", "20150331v2"),
    ("GetFunctionConfiguration", "20150331v2"),
    ("GetLayerVersion", "20181031"),
    ("GetLayerVersionByArn", "20181031"),
    ("GetLayerVersionPolicy", "20181031"),
    ("GetPolicy", "20150331v2"),
    ("ListAliases", "20150331"),
    ("ListEventSourceMappings", "20150331"),
    ("ListFunctions", "20150331"),
    ("ListLayerVersions", "20181031"),
    ("ListLayers", "20181031"),
    ("ListTags", "20170331"),
    ("ListVersionsByFunction", "20150331"),
    ("PublishLayerVersion", "20181031"),
    ("PublishVersion", "20150331"),
    ("PutFunctionConcurrency", "20171031"),
    ("RemoveLayerVersionPermission", "20181031"),
    ("RemovePermission", "20150331v2"),
    ("TagResource", "20170331v2"),
    ("UntagResource", "20170331v2"),
    ("UpdateAlias", "20150331"),
    ("UpdateEventSourceMapping", "20150331"),
    ("UpdateFunctionCode", "20150331v2"),
    ("UpdateFunctionConfiguration", "20150331v2"),
];

/// The `eventName` of calls of an operation.
pub fn event_name(event_source: &str, operation: &str) -> String {
    let version = match event_source {
        "lambda.amazonaws.com" => OF_LAMBDA.iter().find(|(known, _)| *known == operation),
        _ => None,
    };
    format!("{operation}{}", version.map_or("", |(_, version)| version))
}

/// Where events of the service are shown: those of global services are at home in one region.
pub fn is_global(event_source: &str) -> bool {
    event_source == "iam.amazonaws.com"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_events() {
        let lambda = "lambda.amazonaws.com";
        assert_eq!(event_name(lambda, "UpdateFunctionCode"), "UpdateFunctionCode20150331v2");
        assert_eq!(event_name(lambda, "Invoke"), "Invoke");
        assert_eq!(event_name("kms.amazonaws.com", "TagResource"), "TagResource");
    }

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
            ("sts", "GetCallerIdentity", false, true),
            ("lambda", "InvokeFunctionUrl", true, false),
            ("lambda", "GetLayerVersionByArn", false, true),
            ("kms", "GetKeyLastUsage", false, true),
            ("logs", "PutLogEvents", true, false),
            ("logs", "FilterLogEvents", true, true),
            ("logs", "TestMetricFilter", false, true),
            ("cloudtrail", "LookupEvents", false, true),
            ("iam", "AddUserToGroup", false, false),
            ("kms", "GenerateDataKey", false, true),
            ("kms", "DescribeKey", false, true),
        ] {
            let source = format!("{source}.amazonaws.com");
            assert_eq!(is_data(&source, name), data, "{name}");
            assert_eq!(is_read_only(&source, name), read_only, "{name}");
        }
    }
}
