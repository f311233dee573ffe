use super::*;
use proptest::prelude::*;

fn parse(pattern: &str) -> FilterPattern {
    FilterPattern::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"))
}

#[track_caller]
fn check(pattern: &str, matching: &[&str], other: &[&str]) {
    let parsed = parse(pattern);
    for message in matching {
        assert!(parsed.matches(message), "{pattern} should match {message}");
        assert!(parsed.extract(message).is_some(), "{pattern} extracts from {message}");
    }
    for message in other {
        assert!(!parsed.matches(message), "{pattern} should not match {message}");
        assert!(parsed.extract(message).is_none(), "{pattern} extracts nothing from {message}");
    }
}

#[track_caller]
fn check_extracted(pattern: &str, message: &str, expected: &[(&str, &str)]) {
    let expected: BTreeMap<String, String> =
        expected.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    assert_eq!(parse(pattern).extract(message), Some(expected), "{pattern} on {message}");
}

/// The page's own events for unstructured patterns.
const REQUESTS: [&str; 5] = [
    "[ERROR 400] BAD REQUEST",
    "[ERROR 401] UNAUTHORIZED REQUEST",
    "[ERROR 419] MISSING ARGUMENTS",
    "[ERROR 420] INVALID ARGUMENTS",
    "[ERROR 500] INTERNAL SERVER ERROR",
];

#[test]
fn everything() {
    for pattern in ["", " ", "\t\n", "\" \"", "\"\""] {
        check(pattern, &["", "x", "{}"], &[]);
    }
    assert!(parse(" ").is_everything());
}

#[test]
fn terms() {
    check("ERROR", &REQUESTS, &["error"]);
    check("ERROR", &["Exiting with ERRORCODE: -1"], &[]);
    check("ERROR ARGUMENTS", &REQUESTS[2..4], &REQUESTS[..2]);
    check("ERROR -ARGUMENTS", &REQUESTS[..2], &REQUESTS[2..4]);
    check("ERROR - \"Exiting\"", &["ERROR"], &["Exiting with ERRORCODE: -1"]);
    check("-ERROR", &["fine"], &REQUESTS);
    check("\"INTERNAL SERVER ERROR\"", &REQUESTS[4..], &REQUESTS[..4]);
    check("\"INTERNAL SERVER\" 500", &REQUESTS[4..], &REQUESTS[..4]);
    check(r#""say \"hi\"""#, &[r#"they say "hi""#], &["say hi"]);
    check("größe", &["die größe"], &["die grosse"]);
}

#[test]
fn optional_terms() {
    check("?UNAUTHORIZED ?ARGUMENTS", &REQUESTS[1..4], &[REQUESTS[0], REQUESTS[4]]);
    check("?\"BAD REQUEST\" ?INTERNAL", &[REQUESTS[0], REQUESTS[4]], &REQUESTS[1..4]);
    // Beside other terms they have no effect.
    check("?ERROR ?ARGUMENTS REQUEST", &["[INFO] REQUEST FAILED"], &["ERROR ARGUMENTS"]);
    check("?ERROR -REQUEST", &["fine"], &["ERROR REQUEST"]);
}

#[test]
fn regular_expressions() {
    check("%AUTHORIZED%", &["[ERROR 401] UNAUTHORIZED REQUEST", "AUTHORIZED"], &["Authorized"]);
    check("ERROR %4[0-9]{2}% -%ARGU?MENTS$%", &REQUESTS[..2], &REQUESTS[2..]);
}

const TRAIL: &str = r#"{"eventType": "UpdateTrail", "sourceIPAddress": "111.111.111.111",
    "arrayKey": ["value", "another value"], "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
    "SomeObject": null, "cluster.name": "c", "ThisFlag": true, "status": 404, "account": "123456789012"}"#;

#[test]
fn json_values() {
    for pattern in [
        r#"{ $.eventType = "UpdateTrail" }"#,
        "{$.eventType=UpdateTrail}",
        "{ $.eventType = Update* }",
        "{ $.eventType = *Trail }",
        r#"{ $.eventType = "*teTr*" }"#,
        "{ $.eventType = * }",
        "{ $.sourceIPAddress != 123.123.* }",
        r#"{ $.arrayKey[0] = "value" }"#,
        "{ $.objectList[1].id = 2 }",
        "{ $.eventType = %Trail% }",
        "{ $.arrayKey[*] = %val.{2}% }",
        "{ $.objectList[*].name = b }",
        r"{ $.* = %111\.111\.111\.1[0-9]{1,2}% }",
        "{ $.['cluster.name'] = \"c\" }",
        "{ $['cluster.name'] = c }",
        "{ $.SomeObject IS NULL }",
        "{ $.SomeOtherObject NOT EXISTS }",
        "{ $.ThisFlag IS TRUE }",
        "{ $.ThisFlag = * }",
        "{ $.status = 4* }",
        "{ $.status = 404.0 }",
        r#"{ $.status = "404" }"#,
        "{ $.account = 123456789012 }",
    ] {
        check(pattern, &[TRAIL], &["", "UpdateTrail", "{}}", "null"]);
    }
}

#[test]
fn json_values_that_differ() {
    for pattern in [
        "{ $.eventType = updatetrail }",
        "{ $.eventType = Up*Trail }",
        "{ $.eventType != UpdateTrail }",
        "{ $.sourceIPAddress != 111.* }",
        "{ $.arrayKey[2] = * }",
        "{ $.eventType[0] = * }",
        // Objects, arrays, null and what is missing satisfy no comparison.
        "{ $.arrayKey = 1 }",
        "{ $.arrayKey != 1 }",
        "{ $.objectList[0] != 1 }",
        "{ $.SomeObject != 1 }",
        "{ $.missing != 1 }",
        "{ $.missing IS NULL }",
        "{ $.SomeObject NOT EXISTS }",
        "{ $.ThisFlag IS FALSE }",
        "{ $.ThisFlag = true }",
        "{ $.ThisFlag != false }",
        "{ $.account > 1 }",
    ] {
        check(pattern, &[], &[TRAIL]);
    }
}

#[test]
fn json_numbers() {
    let event = r#"{"latency": 50, "numbers": [-1000, 0.001], "text": "60"}"#;
    for pattern in [
        "{ $.latency >= 50 }",
        "{ $.latency <= 50 }",
        "{ $.latency > 49.9 }",
        "{ $.latency < 10e3 }",
        "{ $.latency = +50 }",
        "{ $.latency != 500 }",
        "{ $.numbers[0] = -1e+3 }",
        "{ $.numbers[1] = 1e-3 }",
    ] {
        check(pattern, &[event], &[]);
    }
    for pattern in
        ["{ $.latency > 50 }", "{ $.latency < 50 }", "{ $.numbers[0] > 0 }", "{ $.text > 1 }"]
    {
        check(pattern, &[], &[event]);
    }
}

#[test]
fn json_compounds() {
    let event = r#"{"user": {"id": 1, "email": "John.Stiles@example.com"},
        "users": [{"id": 2, "email": "John.Doe@example.com"}, {"id": 3, "email": "Jane.Doe@example.com"}],
        "actions": ["GET", "PUT", "DELETE"], "coordinates": [[0, 1, 2], [4, 5, 6], [7, 8, 9]]}"#;
    let check = |pattern: &str, expected: bool| {
        assert_eq!(parse(pattern).matches(event), expected, "{pattern}")
    };
    check(r#"{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }"#, true);
    check(r#"{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }"#, false);
    check(
        r#"{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch && $.actions[2] = nomatch }"#,
        true,
    );
    check(
        r#"{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch) && $.actions[2] = nomatch }"#,
        false,
    );
    check("{ $.coordinates[1][2] = 6 && $.x NOT EXISTS || $.y IS NULL }", true);
}

#[test]
fn json_extraction() {
    check_extracted(
        "{ $.latency = * && ($.items[*] = b || $.['a.b'] = x) && $.flag IS TRUE }",
        r#"{"latency": 5.5, "items": ["a", "b"], "a.b": "x", "flag": true}"#,
        &[("$.latency", "5.5"), ("$.items[*]", "a"), ("$.['a.b']", "x"), ("$.flag", "true")],
    );
}

const APACHE: [&str; 3] = [
    r#"127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534"#,
    r#"127.0.0.1 - frank [10/Oct/2000:13:35:22 -0700] "GET /about-us/index.html HTTP/1.0" 200 5324"#,
    r#"127.0.0.1 - frank [10/Oct/2000:13:50:35 -0700] "GET /apache_pb.gif HTTP/1.0" 404 4355"#,
];

#[test]
fn fields() {
    let (first, last) = (&APACHE[..1], &APACHE[1..]);
    check("[ip, user, name, time, request =*.html*, status = 4*, bytes]", first, last);
    check("[..., request=*.html*, status_code=4*,]", first, last);
    check("[..., bytes > 1000 && bytes <= 1534]", first, last);
    check("[..., status, bytes]", &APACHE, &["one"]);
    check(r"[ip=%127\.0\.0\.[1-9]%, user, ..., bytes]", &APACHE, &["128.0.0.1 - 1"]);
    check(r#"[..., request="GET /index.html HTTP/1.0", s, b]"#, first, last);
    check("[ip, user, ...]", &["a b", "a b c"], &["a", ""]);
    check("[a, b, c]", &["1 2 3", " 1  2\t3 "], &["1 2"]);
    check("[]", &["", "a b c"], &[]);
    check("[s=200 || (s!=404 && s!=400), ...]", &["200", "403 x"], &["404", "400"]);
}

/// The page's own events: a last field takes the rest of the line.
#[test]
fn fields_in_order() {
    let events = [
        "INFO 09/25/2014 12:00:00 GET /service/resource/67 1200",
        "INFO 09/25/2014 12:00:01 POST /service/resource/67/part/111 1310",
        "WARNING 09/25/2014 12:00:02 Invalid user request",
        "ERROR 09/25/2014 12:00:02 Failed to process request",
    ];
    check("[w1=ERROR, w2]", &events[3..], &events[..3]);
    check("[w1=ERROR || w1=WARNING, w2]", &events[2..], &events[..2]);
    check("[w1!=ERROR && w1!=WARNING, w2]", &events[..2], &events[2..]);
    let pattern = "[level, date, time, method, url=%/service/resource/[0-9]+$%, response_time]";
    check(pattern, &events[..1], &events[1..]);
    check_extracted(
        "[w1=ERROR, w2]",
        events[3],
        &[("$w1", "ERROR"), ("$w2", "09/25/2014 12:00:02 Failed to process request")],
    );
}

#[test]
fn fields_extraction() {
    check_extracted(
        "[..., request=*.html*, status_code=4*,]",
        APACHE[0],
        &[
            ("$1", "127.0.0.1"),
            ("$2", "-"),
            ("$3", "frank"),
            ("$4", "10/Oct/2000:13:25:15 -0700"),
            ("$request", "GET /index.html HTTP/1.0"),
            ("$status_code", "404"),
            ("$7", "1534"),
        ],
    );
    check_extracted("[]", "a [b c", &[("$1", "a"), ("$2", "[b"), ("$3", "c")]);
}

#[test]
fn invalid() {
    let check = |pattern: &str, expected: PatternError| {
        assert_eq!(FilterPattern::parse(pattern).unwrap_err(), expected, "{pattern}");
    };
    check("{ $.a = 1", PatternError::UnclosedBrace);
    check("[a, b", PatternError::UnclosedBracket);
    for pattern in [
        "a.b",
        "a\"b\"",
        "\"open",
        "-",
        "?",
        "a - ",
        "%open",
        "a|b",
        "(a)", // terms
        "{}",
        "{ }",
        "{ a = 1 }",
        "{ $ = 1 }",
        "{ $.a }",
        "{ $.a = }",
        "{ $.a == 1 }",
        "{ $.a > x }",
        "{ $.a IS NOT NULL }",
        "{ $.a EXISTS }",
        "{ $.a is null }",
        "{ $.a IS }",
        "{ $.a. = 1 }",
        "{ $.a[x] = 1 }",
        "{ $.a[ = 1 }",
        "{ $.*.* = 1 }",
        "{ ($.a = 1 }",
        "{ $.a = 1) }",
        "{ $.a = 1 && }",
        "{ $.a = 1 $.b = 2 }",
        "{ $.a = /x }",
        "{ $.a = %x% && $.b = %x% && $.c = %x% }",
        "{ $.a[*] = 1 && $.b[*] = 1 && $.c[*] = 1 && $.d[*] = 1 }", // JSON
        "[a b]",
        "[a=]",
        "[..., a, ...]",
        "[a = 1 && b = 2]",
        "[=1]",
        "[a=1 &&, b]",
        "[a=%x%,b=%x%,c=%x%]",
    ] {
        check(pattern, PatternError::Invalid);
    }
    check(&"x".repeat(1_025), PatternError::Invalid);
    check(&format!("{{ {}$.a = 1{} }}", "(".repeat(100), ")".repeat(100)), PatternError::Invalid);
}

proptest! {
    /// Any text is a pattern or an error, and any pattern decides on any message.
    #[test]
    fn never_panics(pattern in "\\PC{0,40}", message in "\\PC{0,80}") {
        if let Ok(pattern) = FilterPattern::parse(&pattern) {
            prop_assert_eq!(pattern.matches(&message), pattern.extract(&message).is_some());
        }
    }

    /// As above, with texts made of the language's own parts.
    #[test]
    fn never_panics_on_near_misses(
        pattern in "[\\[{]?([ ,.\"%()|&=<>!*?$a1-]|\\$\\.a|IS NULL|\\.\\.\\.|%[a\\[+]%|\\[0\\]|&&){0,12}[\\]}]?",
        message in "[\\[{]?[ \"a1:,\\[{}\\]]{0,12}[\\]}]?",
    ) {
        if let Ok(pattern) = FilterPattern::parse(&pattern) {
            prop_assert_eq!(pattern.matches(&message), pattern.extract(&message).is_some());
        }
    }

    /// A quoted phrase is found wherever it stands.
    #[test]
    fn phrases_are_found(before in "\\PC{0,8}", phrase in "[^\"\\\\]{1,8}", after in "\\PC{0,8}") {
        let pattern = parse(&format!("\"{phrase}\""));
        let message = format!("{before}{phrase}{after}");
        prop_assert!(pattern.matches(&message));
    }
}
