//! One service's model: what is reachable from the operations to generate, and what each shape is called in Rust.

use super::{names, overlay};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Longest enumeration that becomes a Rust type.
const ENUM_VALUES_MAX: usize = 128;
/// Most members of a structure: what the runtime keeps a bit for.
const MEMBERS_MAX: usize = 256;

pub struct Model {
    /// The crate's name without `wire-`.
    pub name: String,
    pub metadata: Value,
    /// Settings of the runtime that the model does not know, from the overlay.
    pub dialect: Value,
    /// By name: to be generated.
    pub operations: BTreeMap<String, Value>,
    /// By name: only the name and the route are to be known.
    pub named: BTreeMap<String, Value>,
    /// Shapes that the generated operations reach.
    pub used: BTreeSet<String>,
    /// Names of the statics of shapes that have one.
    pub constants: HashMap<String, String>,
    /// Names of the statics of constraint patterns.
    pub patterns: BTreeMap<String, String>,
    /// Members of structures that would contain themselves.
    pub boxed: HashSet<(String, String)>,
    /// For doc comments: the operations that have a structure as input or output.
    pub inputs: HashMap<String, Vec<String>>,
    pub outputs: HashMap<String, Vec<String>>,
    shapes: Map<String, Value>,
    open: HashSet<String>,
    streaming_blobs: bool,
}

impl Model {
    /// The model as `overlay` corrects it, and of it what `settings` ask for.
    pub fn new(
        name: &str,
        mut json: Value,
        settings: &Value,
        overlay: &Value,
    ) -> Result<Self, String> {
        overlay::apply(&mut json, overlay)
            .map_err(|e| format!("models/overlays/{name}.toml: {e}"))?;
        let allowed: Option<BTreeSet<&str>> =
            settings["operations"].as_array().map(|a| a.iter().filter_map(Value::as_str).collect());
        let all: BTreeMap<String, Value> =
            object(&json["operations"]).clone().into_iter().collect();
        if let Some(unknown) = allowed.iter().flatten().find(|o| !all.contains_key(**o)) {
            return Err(format!("{name}: the model has no operation {unknown}"));
        }
        let (operations, named) = all
            .into_iter()
            .partition(|(name, _)| allowed.as_ref().is_none_or(|a| a.contains(name.as_str())));
        let mut model = Model {
            name: name.to_string(),
            metadata: json["metadata"].take(),
            dialect: overlay["dialect"].clone(),
            operations,
            named,
            used: BTreeSet::new(),
            constants: HashMap::new(),
            patterns: BTreeMap::new(),
            boxed: HashSet::new(),
            inputs: HashMap::new(),
            outputs: HashMap::new(),
            shapes: object(&json["shapes"]).clone(),
            open: strings(&overlay["open"]).map(String::from).collect(),
            streaming_blobs: settings["streaming_blobs"] == true,
        };
        model.reach_operations();
        model.name_statics();
        model.find_recursion();
        model.check()?;
        Ok(model)
    }

    fn reach_operations(&mut self) {
        for (name, operation) in self.operations.clone() {
            for (role, users) in [("input", &mut self.inputs), ("output", &mut self.outputs)] {
                if let Some(shape) = operation[role]["shape"].as_str() {
                    users.entry(shape.to_string()).or_default().push(name.clone());
                }
            }
            let errors = operation["errors"].as_array().into_iter().flatten();
            let roles = ["input", "output"].map(|role| &operation[role]);
            for reference in roles.into_iter().chain(errors) {
                if let Some(shape) = reference["shape"].as_str() {
                    self.reach(shape);
                }
            }
        }
    }

    fn reach(&mut self, name: &str) {
        if self.used.insert(name.to_string()) {
            for (_, member) in self.members(name) {
                self.reach(&target(&member));
            }
        }
    }

    fn name_statics(&mut self) {
        let prelude = [
            "STRING",
            "BOOLEAN",
            "INTEGER",
            "LONG",
            "FLOAT",
            "DOUBLE",
            "BLOB",
            "TIMESTAMP",
            "DOCUMENT",
            "UNIT",
        ];
        let mut taken: HashSet<String> = prelude.map(String::from).into();
        for name in &self.used {
            let shape = &self.shapes[name];
            let traits =
                ["enum", "min", "max", "pattern", "sensitive", "streaming", "timestampFormat"];
            let plain = traits.iter().all(|key| shape[*key].is_null());
            let own = match self.kind(name) {
                "structure" => !self.is_document(name),
                "list" | "map" => true,
                _ => !plain,
            };
            if own {
                let constant = names::unique(names::constant(name), &mut taken);
                self.constants.insert(name.clone(), constant);
            }
            if let Some(pattern) = self.pattern(name) {
                let count = self.patterns.len();
                let constant = format!("PATTERN_{count}");
                self.patterns.entry(pattern.to_string()).or_insert(constant);
            }
        }
    }

    fn find_recursion(&mut self) {
        for name in &self.used {
            for (member, reference) in self.members(name) {
                let target = target(&reference);
                let structures =
                    self.kind(name) == "structure" && self.kind(&target) == "structure";
                if structures && self.holds(&target, name, &mut HashSet::new()) {
                    self.boxed.insert((name.clone(), member));
                }
            }
        }
    }

    /// Whether structure `outer` holds `inner` by value, through structures alone.
    fn holds(&self, outer: &str, inner: &str, seen: &mut HashSet<String>) -> bool {
        if outer == inner {
            return true;
        }
        if self.kind(outer) != "structure" || !seen.insert(outer.to_string()) {
            return false;
        }
        self.members(outer).iter().any(|(_, member)| self.holds(&target(member), inner, seen))
    }

    fn check(&self) -> Result<(), String> {
        match self.used.iter().find(|name| self.members(name).len() > MEMBERS_MAX) {
            Some(name) => Err(format!("{}: {name} has too many members", self.name)),
            None => Ok(()),
        }
    }

    pub fn shape(&self, name: &str) -> &Value {
        &self.shapes[name]
    }

    /// botocore's word: `structure`, `list`, `map`, `string`, ….
    pub fn kind(&self, name: &str) -> &str {
        self.shapes[name]["type"].as_str().unwrap_or_default()
    }

    /// Members of structures by name, in the model's order; `member`, or `key` and `value`, of lists and maps.
    pub fn members(&self, name: &str) -> Vec<(String, Value)> {
        let shape = &self.shapes[name];
        if let Some(members) = shape["members"].as_object() {
            return members.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        }
        let inner = ["member", "key", "value"].into_iter();
        inner.filter(|k| shape[*k].is_object()).map(|k| (k.into(), shape[k].clone())).collect()
    }

    /// A pattern that can fail.
    pub fn pattern(&self, name: &str) -> Option<&str> {
        let pattern = self.shapes[name]["pattern"].as_str()?;
        (!matches!(pattern, ".*" | r"[\s\S]*" | r"^.*$" | r"[\S\s]*" | r".*\S*")).then_some(pattern)
    }

    /// Whether it becomes a Rust enum of its values.
    pub fn is_enum(&self, name: &str) -> bool {
        let values = self.shapes[name]["enum"].as_array();
        values.is_some_and(|values| values.len() <= ENUM_VALUES_MAX) && !self.open.contains(name)
    }

    pub fn is_union(&self, name: &str) -> bool {
        self.shapes[name]["union"] == true || self.is_event_stream(name)
    }

    pub fn is_event_stream(&self, name: &str) -> bool {
        self.shapes[name]["eventstream"] == true
    }

    pub fn is_error(&self, name: &str) -> bool {
        self.shapes[name]["exception"] == true || self.shapes[name]["error"].is_object()
    }

    pub fn is_document(&self, name: &str) -> bool {
        self.shapes[name]["document"] == true
    }

    pub fn is_streaming_body(&self, name: &str, reference: &Value) -> bool {
        let streaming = self.shapes[name]["streaming"] == true || reference["streaming"] == true;
        self.streaming_blobs && streaming && self.kind(name) == "blob"
    }

    /// Whether values of it hold a stream, so that they can not be cloned.
    pub fn holds_stream(&self, name: &str) -> bool {
        self.kind(name) == "structure"
            && self.members(name).iter().any(|(_, member)| {
                let inner = target(member);
                self.is_event_stream(&inner) || self.is_streaming_body(&inner, member)
            })
    }

    /// The Rust type of a member.
    pub fn rust_type(&self, reference: &Value) -> String {
        let name = &target(reference);
        let inner = |role: &str| self.rust_type(&self.shapes[name][role]);
        match self.kind(name) {
            "structure" if self.is_document(name) => "wire::Document".into(),
            "structure" if self.is_event_stream(name) => {
                format!("wire::EventStream<{}>", names::shape_type(name))
            }
            "structure" => names::shape_type(name),
            "list" => format!("Vec<{}>", inner("member")),
            "map" => format!("BTreeMap<String, {}>", inner("value")),
            "integer" => "i32".into(),
            "long" => "i64".into(),
            "float" => "f32".into(),
            "double" => "f64".into(),
            "boolean" => "bool".into(),
            "blob" if self.is_streaming_body(name, reference) => "wire::Body".into(),
            "blob" => "wire::Bytes".into(),
            "timestamp" => "wire::Timestamp".into(),
            _ if self.is_enum(name) => names::shape_type(name),
            _ => "String".into(),
        }
    }

    /// The schema of a shape, as an expression.
    pub fn schema(&self, name: &str) -> String {
        if let Some(constant) = self.constants.get(name) {
            return format!("&{constant}");
        }
        let constant = match self.kind(name) {
            "integer" => "INTEGER",
            "long" => "LONG",
            "float" => "FLOAT",
            "double" => "DOUBLE",
            "boolean" => "BOOLEAN",
            "blob" => "BLOB",
            "timestamp" => "TIMESTAMP",
            "structure" => "DOCUMENT",
            _ => "STRING",
        };
        format!("&{constant}")
    }
}

/// The name of the shape that a member refers to.
pub fn target(reference: &Value) -> String {
    reference["shape"].as_str().unwrap_or_default().to_string()
}

pub fn strings(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn object(value: &Value) -> &Map<String, Value> {
    static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    value.as_object().unwrap_or(&EMPTY)
}
