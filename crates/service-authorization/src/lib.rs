//! AWS's Service Authorization Reference as data: for every action its access level, the resources it applies to and the
//! condition keys it knows; `models/authorization.toml` lists where we mean to differ from it, and why.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/>
//!
//! Services say which action and resource an operation needs in their `routes.rs`, where the compiler checks it against the
//! operation's input; the authorizer checks it against the reference by [`disagreement`] in builds with debug assertions.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod actions;

/// What an action does to its resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessLevel {
    /// Shows which resources there are.
    List,
    /// Shows what is in a resource.
    Read,
    /// Creates, changes or deletes.
    Write,
    /// Changes tags alone.
    Tagging,
    /// Changes who may do what.
    PermissionsManagement,
}

/// One action.
#[derive(Debug)]
pub struct Action {
    /// Such as `lambda:InvokeFunction`.
    pub name: &'static str,
    /// What it does.
    pub access_level: AccessLevel,
    /// Whether it applies to resources of the listed kinds only, rather than to `*` as well.
    pub resource_required: bool,
    /// The ARNs of its resources, with `${Account}` and the like for what varies. Empty: it applies to `*` only.
    pub resources: &'static [&'static str],
    /// The condition keys that may be in its context beside the global ones, such as `lambda:Layer` and
    /// `aws:RequestTag/${TagKey}`.
    pub condition_keys: &'static [&'static str],
}

impl Action {
    /// Whether it changes nothing, as CloudTrail's `readOnly` says.
    pub fn is_read_only(&self) -> bool {
        matches!(self.access_level, AccessLevel::List | AccessLevel::Read)
    }
}

/// The action called `name`, if its service is one of those that are built here.
pub fn action(name: &str) -> Option<&'static Action> {
    let at = actions::ACTIONS.binary_search_by(|action| action.name.cmp(name)).ok()?;
    Some(&actions::ACTIONS[at])
}

/// What is wrong with asking for `name` on `resource` in a context that has `condition_keys`; nothing if AWS asks so too.
pub fn disagreement<'a>(
    name: &str,
    resource: &str,
    condition_keys: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let Some(action) = action(name) else { return Some(format!("there is no action {name}")) };
    // What a caller gave as an ARN and is none matches no policy anyway.
    let is_arn = resource.starts_with("arn:");
    let known =
        !is_arn && resource != "*" || action.resources.iter().any(|format| fits(format, resource));
    if !known && (resource != "*" || action.resource_required) {
        return Some(format!("{name} does not apply to {resource} but to {:?}", action.resources));
    }
    let unknown = condition_keys.into_iter().find(|key| !knows(action, key))?;
    Some(format!("{name} has no condition key {unknown} but {:?}", action.condition_keys))
}

/// Whether `key` may be in the action's context. Other services' keys are not judged, nor are the global ones.
fn knows(action: &Action, key: &str) -> bool {
    let (prefix, _) = key.split_once(':').unwrap_or_default();
    let own = action.name.split(':').next() == Some(prefix);
    let of_tags = ["aws:RequestTag/", "aws:ResourceTag/", "aws:TagKeys"];
    if !own && !of_tags.iter().any(|start| key.starts_with(start)) {
        return true;
    }
    action.condition_keys.iter().any(|format| {
        // That is how S3's are written there: `s3:ExistingObjectTag/<key>`.
        let of_tag = format.strip_suffix("<key>").is_some_and(|start| key.starts_with(start));
        of_tag || fits(format, key)
    })
}

/// Whether `text` is `format` with something in place of each `${…}`.
fn fits(format: &str, text: &str) -> bool {
    let Some((before, rest)) = format.split_once("${") else { return format == text };
    let Some(text) = text.strip_prefix(before) else { return false };
    let rest = rest.split_once('}').map_or("", |(_, rest)| rest);
    (0..=text.len()).any(|end| text.is_char_boundary(end) && fits(rest, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FUNCTION: &str = "arn:aws:lambda:us-east-1:123456789012:function:f";

    #[test]
    fn the_table_is_sorted() {
        assert!(actions::ACTIONS.is_sorted_by(|a, b| a.name < b.name));
        assert!(actions::ACTIONS.len() > 500);
    }

    #[test]
    fn levels_are_those_of_the_reference() {
        let level = |name| action(name).unwrap().access_level;
        assert_eq!(level("lambda:InvokeFunction"), AccessLevel::Write);
        assert_eq!(level("lambda:AddPermission"), AccessLevel::PermissionsManagement);
        assert_eq!(level("iam:ListUsers"), AccessLevel::List);
        assert!(action("iam:GetUser").unwrap().is_read_only());
        assert!(action("lambda:Invoke").is_none());
    }

    #[test]
    fn what_aws_would_not_ask_is_told() {
        let none: [&str; 0] = [];
        assert_eq!(disagreement("lambda:InvokeFunction", FUNCTION, none), None);
        assert_eq!(disagreement("lambda:ListFunctions", "*", none), None);
        assert!(disagreement("lambda:Invoke", FUNCTION, none).unwrap().contains("no action"));
        assert!(disagreement("lambda:InvokeFunction", "*", none).is_some());
        assert!(disagreement("lambda:ListFunctions", FUNCTION, none).is_some());
        assert!(
            disagreement("lambda:InvokeFunction", "arn:aws:sqs:us-east-1:123456789012:f", none)
                .is_some()
        );
    }

    #[test]
    fn condition_keys_are_those_of_the_action() {
        let asked = |key| disagreement("lambda:CreateFunction", FUNCTION, [key]);
        assert_eq!(asked("lambda:Layer"), None);
        assert_eq!(asked("aws:RequestTag/team"), None);
        assert_eq!(asked("aws:SourceIp"), None);
        assert!(asked("lambda:Principal").is_some());
        let asked = |key| disagreement("lambda:InvokeFunction", FUNCTION, [key]);
        assert!(asked("aws:RequestTag/team").is_some());
    }
}
