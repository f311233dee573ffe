//! The plain evaluator.

use super::Verdict;
use super::generated::{
    ANN, Ask, FEDERATED, NOBODY, PROVIDER, ROLE, ROOT, SERVICE, SESSION, World,
};
use serde_json::{Map, Value};
use std::net::IpAddr;

/// Where a document stands, as far as that changes how it is read.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Identity,
    Resource,
    Endpoint,
    ServiceControl,
    ResourceControl,
}

pub fn decide(world: &World, ask: &Ask) -> Verdict {
    let has_account = ![SERVICE, PROVIDER, NOBODY].contains(&ask.principal);
    let mut denied = false;
    let mut look = |documents: &[Value], place| -> u8 {
        let found: Vec<(bool, u8)> = documents
            .iter()
            .flat_map(|document| matching(document, place, world.boundary.is_some(), ask))
            .collect();
        denied |= found.iter().any(|(denies, _)| *denies);
        found.iter().filter(|(denies, _)| !denies).map(|(_, how)| *how).max().unwrap_or(0)
    };
    let one = |document: &Option<Value>| -> Vec<Value> { document.iter().cloned().collect() };

    for level in &world.resource_control {
        look(level, Place::ResourceControl);
    }
    let mut service_control = true;
    if has_account {
        for level in &world.service_control {
            service_control &= look(level, Place::ServiceControl) > 0;
        }
    }
    let granted = look(&one(&world.resource), Place::Resource);
    let endpoint = look(&one(&world.endpoint), Place::Endpoint) > 0 || world.endpoint.is_none();
    let identity = ask.principal == ROOT || look(&world.identity, Place::Identity) > 0;
    let boundary = look(&one(&world.boundary), Place::Identity) > 0 || world.boundary.is_none();
    let session = look(&one(&world.session), Place::Identity) > 0 || world.session.is_none();
    // The root user's own policies are not asked, so nothing there denies either.
    if denied {
        return Verdict::ExplicitlyDenied;
    }
    let limits = boundary && session;
    let own = identity && limits;
    let core = if !has_account {
        granted == DIRECTLY
    } else if world.owner != "111111111111" {
        granted > 0 && own
    } else {
        match granted {
            DIRECTLY => session || ask.principal == FEDERATED,
            BY_ISSUER => limits,
            BY_ACCOUNT => own,
            _ => own && !world.consent_required,
        }
    };
    match core && service_control && endpoint {
        true => Verdict::Allowed,
        false => Verdict::ImplicitlyDenied,
    }
}

const BY_ACCOUNT: u8 = 1;
const BY_ISSUER: u8 = 2;
const DIRECTLY: u8 = 3;

/// Of each statement that applies: whether it denies, and how directly it names the caller.
fn matching(document: &Value, place: Place, bounded: bool, ask: &Ask) -> Vec<(bool, u8)> {
    let variables = document["Version"] == "2012-10-17";
    let statements = match &document["Statement"] {
        Value::Array(statements) => statements.clone(),
        one => vec![one.clone()],
    };
    let mut found = Vec::new();
    for statement in &statements {
        let denies = statement["Effect"] == "Deny";
        let excluded_anyway = bounded && denies && statement.get("NotPrincipal").is_some();
        let how = match place {
            Place::Resource if excluded_anyway => DIRECTLY,
            Place::Resource => named(statement, ask),
            _ => DIRECTLY,
        };
        if how > 0
            && action_matches(statement, ask)
            && resource_matches(statement, place, variables, ask)
            && conditions_hold(statement, variables, ask)
        {
            found.push((denies, how));
        }
    }
    found
}

fn list(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(all) => all.iter().map(|value| value.as_str().unwrap()).collect(),
        one => vec![one.as_str().unwrap()],
    }
}

/// 0 if the statement does not name the caller.
fn named(statement: &Value, ask: &Ask) -> u8 {
    let strength = |principal: &Value| -> u8 {
        if principal == "*" {
            return DIRECTLY;
        }
        let mut best = 0;
        for (kind, names) in principal.as_object().unwrap() {
            for name in list(names) {
                best = best.max(match (kind.as_str(), name) {
                    ("AWS", "*") => DIRECTLY,
                    ("AWS", "111111111111" | ROOT)
                        if [ROOT, ANN, SESSION, FEDERATED].contains(&ask.principal) =>
                    {
                        BY_ACCOUNT
                    }
                    ("AWS", ROOT) => 0,
                    ("AWS", name) if name == ask.principal => DIRECTLY,
                    ("AWS", ROLE) if ask.principal == SESSION => BY_ISSUER,
                    ("AWS", ANN) if ask.principal == FEDERATED => BY_ISSUER,
                    ("Service" | "Federated", name) if name == ask.principal => DIRECTLY,
                    _ => 0,
                });
            }
        }
        best
    };
    match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(principal), _) => strength(principal),
        (None, Some(principal)) if strength(principal) == 0 => DIRECTLY,
        _ => 0,
    }
}

fn action_matches(statement: &Value, ask: &Ask) -> bool {
    let asked: Vec<char> = ask.action.to_lowercase().chars().collect();
    let any = |patterns: &Value| {
        list(patterns).iter().any(|pattern| like(&wild(&pattern.to_lowercase()), &asked))
    };
    match statement.get("Action") {
        Some(patterns) => any(patterns),
        None => !any(&statement["NotAction"]),
    }
}

fn resource_matches(statement: &Value, place: Place, variables: bool, ask: &Ask) -> bool {
    let asked: Vec<char> = ask.resource.chars().collect();
    let negated = statement.get("Resource").is_none();
    let mut any = false;
    for resource in list(&statement[if negated { "NotResource" } else { "Resource" }]) {
        let mut resource = resource.to_string();
        let parts = resource.split(':').count();
        if resource != "*" && parts < 6 {
            let completed = match place {
                Place::Identity => true,
                Place::Resource | Place::Endpoint => resource.contains('*'),
                Place::ServiceControl => resource.ends_with('*'),
                Place::ResourceControl => false,
            };
            if !completed {
                if negated && matches!(place, Place::ServiceControl | Place::ResourceControl) {
                    return false;
                }
                continue;
            }
            resource += &":*".repeat(6 - parts);
        }
        if let Some(pattern) = resolve(&resource, true, variables, ask) {
            any |= like(&pattern, &asked);
        }
    }
    any != negated
}

/// A character of a pattern: `None` is `*`, `Some(None)` is `?`.
type Pattern = Vec<Option<Option<char>>>;

fn wild(text: &str) -> Pattern {
    text.chars()
        .map(|c| match c {
            '*' => None,
            '?' => Some(None),
            c => Some(Some(c)),
        })
        .collect()
}

fn literal(text: &str) -> Pattern {
    text.chars().map(|c| Some(Some(c))).collect()
}

fn like(pattern: &[Option<Option<char>>], text: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((None, rest)) => (0..=text.len()).any(|skipped| like(rest, &text[skipped..])),
        Some((Some(one), rest)) => {
            !text.is_empty() && one.is_none_or(|c| c == text[0]) && like(rest, &text[1..])
        }
    }
}

/// None if a variable has no value.
fn resolve(text: &str, wildcards: bool, variables: bool, ask: &Ask) -> Option<Pattern> {
    let plain = |text: &str| if wildcards { wild(text) } else { literal(text) };
    let Some((before, rest)) = text.split_once("${").filter(|_| variables) else {
        return Some(plain(text));
    };
    let (inner, after) = rest.split_once('}').unwrap();
    let value = match inner {
        "*" | "?" | "$" => inner.to_string(),
        _ => {
            let (key, default) = match inner.split_once(", ") {
                Some((key, default)) => (key, Some(default.trim_matches('\'').to_string())),
                None => (inner, None),
            };
            let given = given(key, ask).and_then(|value| value.as_str().map(str::to_string));
            given.or(default)?
        }
    };
    let mut pattern = plain(before);
    pattern.extend(literal(&value));
    pattern.extend(resolve(after, wildcards, variables, ask)?);
    Some(pattern)
}

fn given<'a>(key: &str, ask: &'a Ask) -> Option<&'a Value> {
    let context: &Map<String, Value> = &ask.context;
    context.iter().find(|(known, _)| known.to_lowercase() == key.to_lowercase()).map(|(_, v)| v)
}

fn conditions_hold(statement: &Value, variables: bool, ask: &Ask) -> bool {
    let Some(blocks) = statement.get("Condition").and_then(Value::as_object) else { return true };
    blocks.iter().all(|(operator, keys)| {
        keys.as_object()
            .unwrap()
            .iter()
            .all(|(key, values)| condition_holds(operator, key, &list(values), variables, ask))
    })
}

fn condition_holds(operator: &str, key: &str, policy: &[&str], variables: bool, ask: &Ask) -> bool {
    let (set, operator) = operator.split_once(':').unwrap_or(("", operator));
    let (operator, if_exists) = match operator.strip_suffix("IfExists") {
        Some(operator) => (operator, true),
        None => (operator, false),
    };
    let given = given(key, ask);
    let values: Vec<&str> = given.map(list).unwrap_or_default();
    if operator == "Null" {
        let is_null = values.iter().all(|value| value.is_empty());
        return policy.iter().any(|wanted| (*wanted == "true") == is_null);
    }
    let negated = operator.contains("Not");
    let positive = operator.replace("Not", "");
    let matches = |value: &str| policy.iter().any(|p| meets(&positive, p, value, variables, ask));
    let holds = |value: &str| matches(value) != negated;
    let is_empty_text = given.is_some_and(|value| value == "");
    match (set, given) {
        ("ForAllValues", Some(_)) => is_empty_text || values.iter().all(|value| holds(value)),
        ("ForAllValues", None) => true,
        ("ForAnyValue", Some(_)) => !is_empty_text && values.iter().any(|value| holds(value)),
        ("ForAnyValue", None) => if_exists,
        _ if values.is_empty() => negated || if_exists,
        // Of several values any may match; a negated operator wants none to.
        _ => values.iter().any(|value| matches(value)) != negated,
    }
}

/// One value of the policy against one of the request, for an operator without its `Not`.
fn meets(operator: &str, policy: &str, value: &str, variables: bool, ask: &Ask) -> bool {
    let text = |wildcards, lower: bool| {
        let given = if lower { value.to_lowercase() } else { value.to_string() };
        let given: Vec<char> = given.chars().collect();
        resolve(policy, wildcards, variables, ask).is_some_and(|mut pattern| {
            if lower {
                for c in pattern.iter_mut().flatten().flatten() {
                    *c = c.to_ascii_lowercase();
                }
            }
            like(&pattern, &given)
        })
    };
    let ordered = |order: Option<std::cmp::Ordering>, relation: &str| match relation {
        "Equals" => order.is_some_and(|order| order.is_eq()),
        "LessThan" => order.is_some_and(|order| order.is_lt()),
        "LessThanEquals" => order.is_some_and(|order| order.is_le()),
        "GreaterThan" => order.is_some_and(|order| order.is_gt()),
        "GreaterThanEquals" => order.is_some_and(|order| order.is_ge()),
        other => panic!("no relation {other}"),
    };
    let number = |text: &str| text.parse::<f64>().ok();
    match operator {
        "StringEquals" => text(false, false),
        "StringEqualsIgnoreCase" => text(false, true),
        "StringLike" => text(true, false),
        "Bool" => {
            let is = |text: &str| ["true", "false"].contains(&text.to_lowercase().as_str());
            is(value) && value.eq_ignore_ascii_case(policy)
        }
        // Standard base64 has one text for each value.
        "BinaryEquals" => policy == value,
        "IpAddress" => in_network(policy, value),
        "ArnEquals" | "ArnLike" => arn_matches(policy, value, variables, ask),
        _ => match (operator.strip_prefix("Numeric"), operator.strip_prefix("Date")) {
            (Some(relation), _) => {
                let (value, policy) = (number(value), number(policy));
                ordered(value.zip(policy).and_then(|(v, p)| v.partial_cmp(&p)), relation)
            }
            (_, Some(relation)) => ordered(Some(minute(value).cmp(&minute(policy))), relation),
            _ => panic!("no operator {operator}"),
        },
    }
}

fn in_network(policy: &str, value: &str) -> bool {
    let bits = |text: &str| match text.parse::<IpAddr>().unwrap() {
        IpAddr::V4(v4) => format!("{:032b}", u32::from(v4)),
        IpAddr::V6(v6) => format!("{:0128b}", u128::from(v6)),
    };
    let (network, length) = policy.split_once('/').unwrap_or((policy, "128"));
    let (network, value) = (bits(network), bits(value));
    let length = length.parse::<usize>().unwrap().min(network.len());
    network.len() == value.len() && network[..length] == value[..length]
}

/// Part by part; the last one takes what is left.
fn arn_matches(policy: &str, value: &str, variables: bool, ask: &Ask) -> bool {
    let policy: Vec<&str> = policy.splitn(6, ':').collect();
    let value: Vec<&str> = value.splitn(6, ':').collect();
    assert!(policy.len() == 6 && value.len() == 6, "generated ARNs are whole");
    policy.iter().zip(&value).all(|(pattern, part)| {
        let part: Vec<char> = part.chars().collect();
        resolve(pattern, true, variables, ask).is_some_and(|pattern| like(&pattern, &part))
    })
}

/// Minutes since the year 2024, of the few forms that are generated.
fn minute(text: &str) -> i64 {
    const DAYS: [i64; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    if let Ok(seconds) = text.parse::<i64>() {
        return (seconds - 1_704_067_200) / 60;
    }
    let number = |range: std::ops::Range<usize>| text[range].parse::<i64>().unwrap();
    let (year, month, day) = (number(0..4), number(5..7) as usize, number(8..10));
    let mut days = day - 1 + (year - 2024) * 366;
    for (index, length) in DAYS[..month - 1].iter().enumerate() {
        days += if index == 1 && year != 2024 { 28 } else { *length };
    }
    let mut minutes = days * 1_440;
    if text.len() > 10 {
        minutes += number(11..13) * 60 + number(14..16);
    }
    if let Some(offset) = text.strip_suffix(":00").and_then(|text| text.rsplit_once('+')) {
        minutes -= offset.1.parse::<i64>().unwrap() * 60;
    }
    minutes
}
