//! What single services do otherwise than the rest of AWS.

use crate::evaluate::Request;
use crate::principal::Principal;

/// No policy gives these on a role below `role/aws-reserved/`, which IAM Identity Center alone keeps.
/// <https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html>
const RESERVED_ROLE_ACTIONS: [&str; 16] = [
    "attachrolepolicy",
    "createrole",
    "createservicelinkedrole",
    "deleterole",
    "deleterolepermissionsboundary",
    "deleterolepolicy",
    "deleteservicelinkedrole",
    "detachrolepolicy",
    "passrole",
    "putrolepermissionsboundary",
    "putrolepolicy",
    "tagrole",
    "untagrole",
    "updateassumerolepolicy",
    "updaterole",
    "updateroledescription",
];

/// No policy gives these on a managed policy of AWS's own.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html>
const AWS_POLICY_ACTIONS: [&str; 7] = [
    "createpolicy",
    "createpolicyversion",
    "deletepolicy",
    "deletepolicyversion",
    "setdefaultpolicyversion",
    "tagpolicy",
    "untagpolicy",
];

/// No policy gives these on an alias below `alias/aws/`.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/alias-create.html>
const AWS_ALIAS_ACTIONS: [&str; 3] = ["createalias", "deletealias", "updatealias"];

/// Whether everybody who has credentials may do it, whatever policies say.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
pub(crate) fn is_free(request: &Request<'_>) -> bool {
    request.action_lower() == "sts:getcalleridentity" && request.principal != Principal::Anonymous
}

/// Whether AWS alone may do it.
pub(crate) fn is_reserved(request: &Request<'_>) -> bool {
    let Some((service, action)) = request.action_lower().split_once(':') else { return false };
    if !matches!(service, "iam" | "kms") {
        return false;
    }
    let mut parts = request.resource.splitn(6, ':').skip(4);
    let (Some(account), Some(resource)) = (parts.next(), parts.next()) else { return false };
    let is_below = |folder: &str| {
        resource.get(..folder.len()).is_some_and(|start| start.eq_ignore_ascii_case(folder))
    };
    match service {
        "kms" => is_below("alias/aws/") && AWS_ALIAS_ACTIONS.contains(&action),
        _ if account == "aws" => is_below("policy/") && AWS_POLICY_ACTIONS.contains(&action),
        _ => is_below("role/aws-reserved/") && RESERVED_ROLE_ACTIONS.contains(&action),
    }
}

/// Whether nobody may pass without the consent of the resource's own policy, not even in the resource's account: keys of
/// KMS, and roles that are assumed.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html>
pub fn requires_consent(action: &str, resource: &str, has_policy: bool) -> bool {
    let service = action.split(':').next().unwrap_or_default();
    if service.eq_ignore_ascii_case("sts") {
        return has_policy;
    }
    let resource = resource.splitn(6, ':').nth(5).unwrap_or_default();
    service.eq_ignore_ascii_case("kms") && resource.to_ascii_lowercase().starts_with("key/")
}
