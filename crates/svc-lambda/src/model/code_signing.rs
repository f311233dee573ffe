//! Code signing configurations.
//!
//! Signatures are made by AWS Signer, which is not part of this cloud, so no package has one: where unsigned packages are
//! refused, all are; where they are only told of, all are accepted.
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-codesigning.html>

use crate::model::arn as arns;
use crate::model::version::last_modified;
use crate::tables::CodeSigningConfigRecord;
use base::{AccountId, Region};
use wire_lambda as w;

/// A configuration in the place where it is looked for. The key of its row.
pub type ConfigKey = (AccountId, Region, String);

/// The configuration that an ARN names; the wire layer has checked its form.
pub fn key(arn: &str) -> Option<ConfigKey> {
    arns::parse(arn, "code-signing-config:")
}

/// The ARN of a configuration.
pub fn arn((account, region, id): &ConfigKey) -> String {
    format!("arn:aws:lambda:{region}:{account}:code-signing-config:{id}")
}

/// As the API shows it.
pub fn to_wire(key: &ConfigKey, record: &CodeSigningConfigRecord) -> w::CodeSigningConfig {
    let policy =
        if record.enforce { w::CodeSigningPolicy::Enforce } else { w::CodeSigningPolicy::Warn };
    w::CodeSigningConfig {
        code_signing_config_id: key.2.clone(),
        code_signing_config_arn: arn(key),
        description: record.description.clone(),
        allowed_publishers: w::AllowedPublishers {
            signing_profile_version_arns: record.signing_profiles.clone(),
        },
        code_signing_policies: w::CodeSigningPolicies {
            untrusted_artifact_on_deployment: Some(policy),
        },
        last_modified: last_modified(record.last_modified_ms),
    }
}

/// Whether the policies refuse unsigned packages; `Warn` is the default.
pub fn enforces(policies: Option<&w::CodeSigningPolicies>) -> bool {
    let policy = policies.and_then(|policies| policies.untrusted_artifact_on_deployment);
    policy == Some(w::CodeSigningPolicy::Enforce)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns() {
        let text =
            "arn:aws:lambda:us-east-1:111111111111:code-signing-config:csc-077c33b4c19e26036";
        let key = key(text).unwrap();
        assert_eq!((key.2.as_str(), arn(&key)), ("csc-077c33b4c19e26036", text.to_string()));
    }
}
