use crate::Pattern;
use serde_json::{Value, json};

#[track_caller]
fn check(pattern: Value, event: Value, expected: bool) {
    let pattern_text = pattern.to_string();
    let matched = Pattern::parse(&pattern_text).unwrap().matches(&event);
    assert_eq!(matched, expected, "{pattern_text} on {event}");
}

#[track_caller]
fn refused(pattern: Value, reason: &str) {
    assert_eq!(Pattern::parse(&pattern.to_string()).unwrap_err().reason, reason);
}

#[test]
fn values() {
    check(json!({"n": [300]}), json!({"n": 300.0}), true);
    check(json!({"n": [300]}), json!({"n": "300"}), false);
    check(json!({"b": [false]}), json!({"b": false}), true);
    check(json!({"s": [null]}), json!({"s": null}), true);
    check(json!({"s": [null]}), json!({"s": "null"}), false);
    check(json!({"K": ["v"]}), json!({"k": "v"}), false);
    check(json!({"s": ["a", "b"]}), json!({"s": ["x", "b"]}), true);
    check(json!({"s": [null]}), json!({"s": []}), false);
    check(json!({"s": ["a"]}), json!("a"), false);
}

#[test]
fn paths_are_joined_with_dots() {
    check(json!({"a": {"b.c": ["x"]}}), json!({"a": {"b": {"c": "x"}}}), true);
    check(json!({"a": {"b": {"c": ["x"]}}}), json!({"a": {"b.c": "x"}}), true);
    check(json!({"a": {"b.c": {"c": ["x"]}}}), json!({"a": {"b": {"c": "x"}}}), false);
}

#[test]
fn fields_of_one_element_match_together() {
    let event = json!({"list": [{"a": 1, "b": 1}, {"a": 2, "b": 2}], "other": [{"c": 9}]});
    check(json!({"list": {"a": [2], "b": [2]}, "other": {"c": [9]}}), event.clone(), true);
    check(json!({"list": {"a": [1], "b": [2]}}), event, false);
}

#[test]
fn operators() {
    check(json!({"s": [{"prefix": "ab"}]}), json!({"s": "abc"}), true);
    check(json!({"s": [{"prefix": {"equals-ignore-case": "AB"}}]}), json!({"s": "aBc"}), true);
    check(json!({"s": [{"suffix": ".PNG"}]}), json!({"s": "x.png"}), false);
    check(json!({"s": [{"equals-ignore-case": "AlIce"}]}), json!({"s": "aliCE"}), true);
    check(json!({"n": [{"numeric": [">", 0, "<=", 5]}]}), json!({"n": 5}), true);
    check(json!({"n": [{"numeric": [">", 0, "<=", 5]}]}), json!({"n": 0}), false);
    check(json!({"n": [{"numeric": ["=", 3.018e2]}]}), json!({"n": 301.8}), true);
    check(json!({"n": [{"numeric": ["<", 3]}]}), json!({"n": "1"}), false);
    check(json!({"ip": [{"cidr": "10.0.0.0/24"}]}), json!({"ip": "10.0.0.255"}), true);
    check(json!({"ip": [{"cidr": "10.0.0.0/24"}]}), json!({"ip": "10.0.1.0"}), false);
    check(json!({"ip": [{"cidr": "0.0.0.0/0"}]}), json!({"ip": "10.0.1.0"}), true);
    check(json!({"ip": [{"cidr": "2001:db8::/32"}]}), json!({"ip": "2001:db8:1::1"}), true);
    check(json!({"ip": [{"cidr": "10.0.0.0/24"}]}), json!({"ip": "2001:db8::"}), false);
}

#[test]
fn wildcards() {
    let s = |wildcard: &str, text: &str, expected| {
        check(json!({"s": [{"wildcard": wildcard}]}), json!({"s": text}), expected);
    };
    s("a*c", "abbc", true);
    s("a*c", "ac", true);
    s("a*b*a", "aba", true);
    s("a*ba*a", "aba", false);
    s("*.txt", "x.txt", true);
    s("*.txt", "x.txt.bak", false);
    s("", "", true);
    s("", "x", false);
    s("\\*", "*", true);
    s("\\*", "x", false);
    refused(json!({"s": [{"wildcard": "a**"}]}), "Consecutive wildcard characters at pos 2");
}

#[test]
fn presence() {
    check(json!({"s": [{"exists": true}]}), json!({"s": null}), true);
    check(json!({"s": [{"exists": true}]}), json!({"s": {"t": 1}}), false);
    check(json!({"s": [{"exists": true}]}), json!({"s": []}), false);
    check(json!({"s": [{"exists": false}]}), json!({"t": 1}), true);
    check(json!({"s": [{"exists": false}]}), json!({"s": 1}), false);
    check(json!({"s": [{"anything-but": "x"}, {"exists": false}]}), json!({}), true);
}

#[test]
fn anything_but() {
    check(json!({"s": [{"anything-but": ["a", "b"]}]}), json!({"s": "c"}), true);
    check(json!({"s": [{"anything-but": ["a", "b"]}]}), json!({"s": "b"}), false);
    check(json!({"s": [{"anything-but": "a"}]}), json!({}), false);
    check(json!({"s": [{"anything-but": "a"}]}), json!({"s": null}), true);
    check(json!({"s": [{"anything-but": {"prefix": ["a", "b"]}}]}), json!({"s": 12}), true);
    check(json!({"s": [{"anything-but": {"suffix": ".x"}}]}), json!({"s": "a.x"}), false);
    refused(
        json!({"s": [{"anything-but": null}]}),
        "Value of anything-but must be an array or single string/number value.",
    );
}

#[test]
fn either_or() {
    let pattern = json!({"x": [1], "$or": [{"a": [1]}, {"b": [2], "c": [3]}]});
    check(pattern.clone(), json!({"x": 1, "a": 1}), true);
    check(pattern.clone(), json!({"x": 1, "b": 2, "c": 3}), true);
    check(pattern.clone(), json!({"x": 1, "b": 2}), false);
    check(pattern, json!({"x": 2, "a": 1}), false);
    check(json!({"$or": ["v"]}), json!({"$or": "v"}), true);
}

#[test]
fn refusals() {
    assert!(Pattern::parse("x").is_err());
    refused(json!([]), "Filter is not an object");
    refused(json!({"n": 42}), "\"n\" must be an object or an array");
    refused(json!({"n": []}), "Empty arrays are not allowed");
    refused(json!({"n": {}}), "Empty objects are not allowed");
    refused(json!({"n": [{"NUMERIC": []}]}), "Unrecognized match type NUMERIC");
    refused(json!({"n": [{"numeric": [">", 0, ">", 0]}]}), "Bad numeric range operator: >");
    refused(json!({"n": [{"numeric": [">", 0, "<"]}]}), "Value of < must be numeric");
    refused(json!({"s": [{"prefix": 1}]}), "prefix match pattern must be a string");
    refused(json!({"s": [{"cidr": "10.0.0/8"}]}), "Nonstandard IP address: 10.0.0");
    let many: Vec<Value> = (0..40).map(|n| json!({"a": [n]})).collect();
    let product = json!({"x": {"$or": many}, "y": {"$or": many}});
    assert!(Pattern::parse(&product.to_string()).is_err());
}

/// A hostile event: every element of a long list meets every field, but no two of the same element.
#[test]
fn the_search_among_array_elements_is_bounded() {
    let list: Vec<Value> = (0..60).map(|n| json!({ format!("f{}", n % 12): 1 })).collect();
    let fields: serde_json::Map<_, _> = (0..12).map(|n| (format!("f{n}"), json!([1]))).collect();
    check(json!({ "list": fields }), json!({ "list": list }), false);
}

/// Method: every pair of pattern and event that AWS was asked about must be judged as AWS judged it.
#[test]
fn as_recorded() {
    let Some(directory) = std::env::var_os("NUAGE_ORACLE") else {
        println!(
            "skipped: event_pattern::as_recorded: NUAGE_ORACLE does not name a directory of recordings"
        );
        return;
    };
    let path = std::path::Path::new(&directory).join("events/patterns.json");
    let cases: Vec<Value> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let mut wrong = Vec::new();
    for case in &cases {
        let verdict = match Pattern::parse(&case["pattern"].to_string()) {
            Ok(pattern) if pattern.matches(&case["event"]) => "MATCH".to_string(),
            Ok(_) => "NO_MATCH".to_string(),
            Err(invalid) => invalid.to_string(),
        };
        let name = case["name"].as_str().unwrap();
        let expected = match case["expected"].as_str() {
            Some("EXC") => &case["aws_error"][name]["exception_message"]["Error"]["Message"],
            _ => &case["expected"],
        };
        if *expected != verdict {
            wrong.push(format!("{name}: {verdict}, recorded is {expected}"));
        }
    }
    assert!(cases.len() > 90 && wrong.is_empty(), "{wrong:#?}");
}
