//! Policies and requests by chance.

use serde_json::{Map, Value, json};

pub const ROOT: &str = "arn:aws:iam::111111111111:root";
pub const ANN: &str = "arn:aws:iam::111111111111:user/ann";
pub const ROLE: &str = "arn:aws:iam::111111111111:role/team/work";
pub const SESSION: &str = "arn:aws:sts::111111111111:assumed-role/work/s";
pub const FEDERATED: &str = "arn:aws:sts::111111111111:federated-user/bob";
pub const SERVICE: &str = "lambda.amazonaws.com";
pub const PROVIDER: &str = "accounts.google.com";
pub const NOBODY: &str = "";

const CALLERS: &[&str] = &[ANN, ANN, SESSION, SESSION, ROOT, FEDERATED, SERVICE, PROVIDER, NOBODY];
const NAMED: &[&str] =
    &["*", ROOT, "111111111111", "222222222222", ANN, ROLE, SESSION, FEDERATED, "AIDAEXAMPLE"];
const ACTIONS: &[&str] = &["s3:GetObject", "s3:PutObject", "lambda:GetFunction"];
const ACTION_PATTERNS: &[&str] = &[
    "*",
    "s3:*",
    "S3:get*",
    "lambda:GetFunction",
    "*:P*",
    "s3:?etObject",
    "sqs:*",
    "s3:",
    "*s3:*",
];
const RESOURCES: &[&str] = &[
    "arn:aws:s3:::b/ann/x",
    "arn:aws:s3:::b/bob/y",
    "arn:aws:lambda:eu-west-1:111111111111:function:f",
    "*",
];
const RESOURCE_PATTERNS: &[&str] = &[
    "*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/${aws:username}/*",
    "arn:aws:s3:::b/${aws:missing, 'bob'}/?",
    "arn:aws:s3:::b/${aws:missing}/x",
    "arn:aws:lambda:*:*:function:?",
    "arn:aws:s3:::b/ann/x",
    "arn:aws:s3",
    "arn:aws:lambda:eu-*",
];

/// Context keys with the values that requests have, the operators for them, and the values that policies have.
type Subject =
    (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

const SUBJECTS: &[Subject] = &[
    (
        "aws:username",
        &["ann", "bob", "Ann", "*", ""],
        &[
            "StringEquals",
            "StringNotEquals",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            "StringLike",
            "StringNotLike",
        ],
        &["ann", "ANN", "a*", "?ob", "${aws:username}", "${*}", "${aws:missing, 'ann'}", "*"],
    ),
    (
        "s3:max-keys",
        &["5", "10", "-1.5", "many"],
        &[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ],
        &["5", "10.0", "7", "-1.5", "few"],
    ),
    (
        "aws:CurrentTime",
        &["2024-02-29T12:00:00Z", "2025-06-01T00:00:00+02:00", "1709208000"],
        &[
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
        ],
        &["2024-02-29T12:00:00Z", "2025-05-31T22:00:00Z", "2025-01-01", "1709208000"],
    ),
    ("aws:SecureTransport", &["true", "false", "True", "yes"], &["Bool"], &["true", "FALSE"]),
    ("app:Blob", &["QmluYXJ5", "QmluYXJ6"], &["BinaryEquals"], &["QmluYXJ5", "QQ=="]),
    (
        "aws:SourceIp",
        &["203.0.113.9", "10.1.2.3", "2001:db8::1"],
        &["IpAddress", "NotIpAddress"],
        &["203.0.113.0/24", "10.1.2.3", "0.0.0.0/0", "2001:db8::/32"],
    ),
    (
        "aws:SourceArn",
        &["arn:aws:sns:eu-west-1:111111111111:t:x", "arn:aws:s3:::b"],
        &["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"],
        &[
            "arn:aws:sns:*:*:t*",
            "arn:aws:s3:::?",
            "arn:*:*:*:111111111111:*",
            "arn:aws:sns:*:*:${aws:missing, 't'}*",
        ],
    ),
    (
        "aws:TagKeys",
        &[],
        &["StringEquals", "StringLike", "StringNotEquals", "StringNotLike"],
        &["a", "b", "?", "c*"],
    ),
];

/// SplitMix64: good enough for chance, and the same everywhere.
/// <https://prng.di.unimi.it/splitmix64.c>
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Chance(seed)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }

    fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// One of them, alone or in a list, or two.
    fn some(&mut self, all: &[&str]) -> Value {
        match self.below(4) {
            0 | 1 => json!(self.pick(all)),
            2 => json!([self.pick(all)]),
            _ => json!([self.pick(all), self.pick(all)]),
        }
    }
}

/// All the policies that apply to requests, and whose the resources are.
#[derive(Debug)]
pub struct World {
    pub identity: Vec<Value>,
    pub resource: Option<Value>,
    pub boundary: Option<Value>,
    pub session: Option<Value>,
    pub endpoint: Option<Value>,
    pub service_control: Vec<Vec<Value>>,
    pub resource_control: Vec<Vec<Value>>,
    pub owner: &'static str,
    pub consent_required: bool,
}

#[derive(Debug)]
pub struct Ask {
    pub principal: &'static str,
    pub action: &'static str,
    pub resource: &'static str,
    pub context: Map<String, Value>,
}

impl World {
    pub fn generate(chance: &mut Chance) -> Self {
        let some = |chance: &mut Chance, percent, denies| {
            chance.percent(percent).then(|| document(chance, false, denies))
        };
        let identity = (0..chance.below(3)).map(|_| document(chance, false, 10)).collect();
        let resource = chance.percent(60).then(|| document(chance, true, 15));
        let [boundary, session, endpoint] = [25, 25, 10].map(|p| some(chance, p, 10));
        let everything = json!({"Version": "2012-10-17", "Statement":
            {"Effect": "Allow", "Action": "*", "Resource": "*"}});
        let (mut service_control, mut resource_control) = (Vec::new(), Vec::new());
        if chance.percent(20) {
            service_control.push(vec![everything.clone()]);
            let second = match chance.below(4) {
                0 => vec![document(chance, false, 30)],
                1 => vec![document(chance, false, 100), everything],
                2 => vec![],
                _ => vec![everything],
            };
            service_control.push(second);
        }
        if chance.percent(15) {
            resource_control.push(vec![document(chance, false, 90)]);
        }
        World {
            identity,
            resource,
            boundary,
            session,
            endpoint,
            service_control,
            resource_control,
            owner: chance.pick(&["111111111111", "111111111111", "222222222222"]),
            consent_required: chance.percent(25),
        }
    }

    pub fn ask(&self, chance: &mut Chance) -> Ask {
        let mut context = Map::new();
        for (key, values, ..) in SUBJECTS {
            if !values.is_empty() && chance.percent(60) {
                context.insert((*key).to_string(), json!(chance.pick(values)));
            }
        }
        if chance.percent(60) {
            let tags: Vec<&str> =
                (0..chance.below(3)).map(|_| chance.pick(&["a", "b", "cc"])).collect();
            context.insert("aws:TagKeys".to_string(), json!(tags));
        }
        Ask {
            principal: chance.pick(CALLERS),
            action: chance.pick(ACTIONS),
            resource: chance.pick(RESOURCES),
            context,
        }
    }
}

fn document(chance: &mut Chance, names: bool, denies: usize) -> Value {
    let count = 1 + chance.below(3);
    let mut statements: Vec<Value> = (0..count).map(|_| statement(chance, names, denies)).collect();
    let statements = match statements.len() {
        1 if chance.percent(50) => statements.remove(0),
        _ => json!(statements),
    };
    match chance.below(10) {
        0 => json!({"Version": "2008-10-17", "Statement": statements}),
        1 => json!({"Statement": statements}),
        _ => json!({"Version": "2012-10-17", "Statement": statements}),
    }
}

fn statement(chance: &mut Chance, names: bool, denies: usize) -> Value {
    let mut statement = json!({"Effect": if chance.percent(denies) { "Deny" } else { "Allow" }});
    let mut put = |chance: &mut Chance, element: &str, value: Value| {
        let negated = chance.percent(12);
        statement[if negated { format!("Not{element}") } else { element.to_string() }] = value;
    };
    let actions = chance.some(ACTION_PATTERNS);
    put(chance, "Action", actions);
    let resources = chance.some(RESOURCE_PATTERNS);
    put(chance, "Resource", resources);
    if names && chance.percent(95) {
        let principal = match chance.below(8) {
            0 => json!("*"),
            1 => json!({"Service": SERVICE}),
            2 => json!({"Federated": PROVIDER, "AWS": "222222222222"}),
            _ => json!({"AWS": chance.some(NAMED)}),
        };
        put(chance, "Principal", principal);
    }
    if chance.percent(35) {
        statement["Condition"] = conditions(chance);
    }
    statement
}

fn conditions(chance: &mut Chance) -> Value {
    let mut conditions = Map::new();
    for _ in 0..1 + chance.below(2) {
        let (key, _, operators, values) = chance.pick(SUBJECTS);
        let mut operator = chance.pick(operators).to_string();
        if chance.percent(10) {
            conditions.insert("Null".to_string(), json!({ key: chance.pick(&["true", "false"]) }));
            continue;
        }
        if chance.percent(25) {
            operator += "IfExists";
        }
        match chance.below(6) {
            0 => operator = format!("ForAllValues:{operator}"),
            1 => operator = format!("ForAnyValue:{operator}"),
            _ => {}
        }
        let key = if chance.percent(20) { key.to_uppercase() } else { key.to_string() };
        conditions.insert(operator, json!({ key: chance.some(values) }));
    }
    Value::Object(conditions)
}
