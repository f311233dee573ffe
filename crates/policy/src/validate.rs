//! What AWS checks of a document before it takes it, in AWS's order, so that the first error is the same.
//!
//! The texts were observed on AWS by the authors of Moto's public test suite and by users in public bug reports.

use crate::condition;
use crate::document::{Document, Kind, Malformed, OneOrMany, RawPrincipal, RawStatement};
use crate::principal;

/// What the resources of IAM may begin with.
const IAM_RESOURCES: [&str; 13] = [
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
];

fn malformed<T>(message: &str) -> Result<T, Malformed> {
    Err(Malformed(message.into()))
}

pub(crate) fn syntax() -> Malformed {
    Malformed("Syntax errors in policy.".into())
}

pub(crate) fn legacy() -> Malformed {
    Malformed("The policy failed legacy parsing".into())
}

pub(crate) fn document(document: &Document, kind: Kind) -> Result<(), Malformed> {
    let statements = || document.statements.iter().map(|(statement, _)| statement);
    match document.version.as_deref() {
        Some("2012-10-17") => {}
        None | Some("2008-10-17") if kind != Kind::Identity => {}
        None | Some("2008-10-17") => {
            statements().try_for_each(statement_syntax)?;
            return malformed("Policy document must be version 2012-10-17 or greater.");
        }
        Some(_) => return Err(syntax()),
    }
    statements().try_for_each(statement_syntax)?;
    statements().try_for_each(|statement| principal_presence(statement, kind))?;
    if statements().any(|s| !matches!(&*s.effect, "Allow" | "Deny")) {
        return Err(legacy());
    }
    let resources = if kind == Kind::Aws { Ok(()) } else { check_resources(document) };
    if let Err(error) = &resources
        && *error == legacy()
    {
        return resources;
    }
    if kind != Kind::Resource {
        statements().try_for_each(sid_format)?;
    }
    unique_sids(document)?;
    for statement in statements() {
        if is_empty(&statement.action) && is_empty(&statement.not_action) {
            return malformed("Policy statement must contain actions.");
        }
    }
    resources?;
    statements().try_for_each(|statement| actions(statement, kind))?;
    for statement in statements() {
        match (kind, is_empty(&statement.resource) && is_empty(&statement.not_resource)) {
            (Kind::Trust, false) => return malformed("Has prohibited field Resource"),
            (Kind::Trust, true) | (_, false) => {}
            (_, true) => return malformed("Policy statement must contain resources."),
        }
    }
    statements().try_for_each(|statement| {
        let named = [&statement.principal, &statement.not_principal].into_iter().flatten();
        named.into_iter().try_for_each(principal::check)?;
        condition::check(statement)
    })
}

fn is_empty(element: &Option<OneOrMany<String>>) -> bool {
    element.as_ref().is_none_or(|values| values.as_slice().is_empty())
}

fn statement_syntax(statement: &RawStatement) -> Result<(), Malformed> {
    let both = statement.action.is_some() && statement.not_action.is_some()
        || statement.resource.is_some() && statement.not_resource.is_some()
        || statement.principal.is_some() && statement.not_principal.is_some();
    let effect = &statement.effect;
    if both || !effect.eq_ignore_ascii_case("Allow") && !effect.eq_ignore_ascii_case("Deny") {
        return Err(syntax());
    }
    Ok(())
}

fn principal_presence(statement: &RawStatement, kind: Kind) -> Result<(), Malformed> {
    let named = statement.principal.is_some() || statement.not_principal.is_some();
    match (kind, named) {
        (Kind::Identity | Kind::Session | Kind::Aws, true) => {
            malformed("Policy document should not specify a principal.")
        }
        (Kind::Trust | Kind::Resource, false) => malformed("Missing required field Principal"),
        (Kind::Trust, true) => match &statement.principal {
            // AWS takes `{"AWS": "*"}` here but not `"*"`, though it calls them equal elsewhere.
            Some(RawPrincipal::Text(text)) if text == "*" => {
                malformed("AssumeRolepolicy contained an invalid principal: \"STAR\":\"*\".")
            }
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

fn sid_format(statement: &RawStatement) -> Result<(), Malformed> {
    let sid = statement.sid.as_deref().unwrap_or_default();
    if sid.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Ok(());
    }
    malformed(
        "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression \
         [0-9A-Za-z]*",
    )
}

fn unique_sids(document: &Document) -> Result<(), Malformed> {
    let mut seen = std::collections::HashSet::new();
    let sids = document.statements.iter().filter_map(|(statement, _)| statement.sid.as_deref());
    for sid in sids.filter(|sid| !sid.is_empty()) {
        if !seen.insert(sid) {
            return malformed("Statement IDs (SID) in a single policy must be unique.");
        }
    }
    Ok(())
}

fn actions(statement: &RawStatement, kind: Kind) -> Result<(), Malformed> {
    let all = [&statement.action, &statement.not_action];
    for action in all.into_iter().flatten().flat_map(OneOrMany::as_slice) {
        action_format(action)?;
        if kind == Kind::Trust && !is_trust_action(action) {
            return malformed("AssumeRole policy may only specify STS AssumeRole actions.");
        }
    }
    Ok(())
}

fn is_trust_action(action: &str) -> bool {
    action == "*" || action.len() > 4 && action[..4].eq_ignore_ascii_case("sts:")
}

fn action_format(action: &str) -> Result<(), Malformed> {
    if action == "*" {
        return Ok(());
    }
    let Some((vendor, name)) = action.split_once(':') else {
        return malformed(
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        );
    };
    if name.contains(':') {
        return malformed("Actions/Condition can contain only one colon.");
    }
    let is_valid = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
    if vendor != "*" && (vendor.is_empty() || !vendor.bytes().all(is_valid)) {
        return Err(Malformed(format!("Vendor {vendor} is not valid")));
    }
    Ok(())
}

/// Values of a list are looked at from the alphabetically last on, as AWS does. A statement's own error is reported
/// only after the other statements had the chance to fail legacy parsing.
fn check_resources(document: &Document) -> Result<(), Malformed> {
    let mut first = Ok(());
    for (statement, _) in &document.statements {
        for values in [&statement.resource, &statement.not_resource].into_iter().flatten() {
            let mut sorted: Vec<&String> = values.as_slice().iter().collect();
            sorted.sort_unstable_by(|a, b| b.cmp(a));
            for resource in sorted {
                let checked = resource_format(resource);
                if first.is_ok() {
                    first = checked;
                }
            }
            if first.is_ok() {
                values.as_slice().iter().try_for_each(|resource| resource_legacy(resource))?;
            }
        }
    }
    first
}

fn resource_legacy(resource: &str) -> Result<(), Malformed> {
    if resource == "*" {
        return Ok(());
    }
    let colons = resource.bytes().filter(|b| *b == b':').count();
    let vendor = resource.split(':').nth(2).unwrap_or_default();
    if colons < 5 && resource.contains("::") || vendor.is_empty() {
        return Err(legacy());
    }
    Ok(())
}

fn resource_format(resource: &str) -> Result<(), Malformed> {
    if resource == "*" {
        return Ok(());
    }
    let Some((_, rest)) = resource.split_once(':') else {
        return Err(Malformed(format!("Resource {resource} must be in ARN format or \"*\".")));
    };
    let (partition, rest) = rest.split_once(':').map_or((rest, None), |(p, r)| (p, Some(r)));
    if !matches!(partition, "aws" | "aws-cn" | "aws-us-gov" | "*") {
        return Err(Malformed(unknown_partition(partition, rest)));
    }
    let Some(rest) = rest else {
        return malformed("Resource vendor must be fully qualified and cannot contain regexes.");
    };
    let (service, rest) = rest.split_once(':').unwrap_or((rest, ""));
    let mut fields = rest.splitn(3, ':');
    let (region, _account) = (fields.next().unwrap_or_default(), fields.next());
    let path = fields.next().unwrap_or_default();
    match service {
        "iam" if !region.is_empty() => {
            let message = format!("IAM resource {resource} cannot contain region information.");
            Err(Malformed(message))
        }
        "s3" if !region.is_empty() => {
            let message = format!("Resource {resource} can not contain region information.");
            Err(Malformed(message))
        }
        "iam" if path != "*" && !IAM_RESOURCES.iter().any(|kind| path.starts_with(kind)) => {
            let kinds = IAM_RESOURCES.join(", ");
            let message = format!("IAM resource path must either be \"*\" or start with {kinds}.");
            Err(Malformed(message))
        }
        _ => Ok(()),
    }
}

/// AWS prints the resource with what is missing replaced by `*`.
fn unknown_partition(partition: &str, rest: Option<&str>) -> String {
    let mut fields = rest.unwrap_or_default().splitn(4, ':');
    let service = match (fields.next().unwrap_or_default(), rest) {
        ("", Some(rest)) if rest.contains(':') => "",
        ("", _) => "*",
        (service, _) => service,
    };
    let [region, account, path] = std::array::from_fn(|_| fields.next().unwrap_or("*"));
    format!(
        "Partition \"{partition}\" is not valid for resource \
         \"arn:{partition}:{service}:{region}:{account}:{path}\"."
    )
}
