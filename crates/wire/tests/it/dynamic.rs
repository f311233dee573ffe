//! Values without Rust types of their own: for shapes that no generated crate has.

use serde_json::{Value as Json, json};
use wire::value::Choice;
use wire::{Bytes, Document, Kind, List, Map, Mut, Ref, Schema, Shape, Timestamp, Value};

pub enum Dynamic {
    Absent,
    Boolean(bool),
    Integer(i32),
    Long(i64),
    Float(f32),
    Double(f64),
    String(String),
    Enum(Text),
    Blob(Bytes),
    Timestamp(Timestamp),
    Document(Document),
    Structure(Record),
    List(Elements),
    Map(Entries),
}

pub struct Text {
    text: String,
    values: &'static [&'static str],
}

pub struct Record {
    schema: &'static Schema,
    members: Vec<Dynamic>,
}

pub struct Elements {
    target: &'static Schema,
    values: Vec<Dynamic>,
}

pub struct Entries {
    target: &'static Schema,
    values: Vec<(String, Dynamic)>,
}

impl Dynamic {
    fn new(schema: &'static Schema) -> Self {
        match schema.kind {
            Kind::Boolean => Dynamic::Boolean(false),
            Kind::Integer => Dynamic::Integer(0),
            Kind::Long => Dynamic::Long(0),
            Kind::Float => Dynamic::Float(0.0),
            Kind::Double => Dynamic::Double(0.0),
            Kind::String => Dynamic::String(String::new()),
            Kind::Enum => Dynamic::Enum(Text { text: String::new(), values: schema.values }),
            Kind::Blob => Dynamic::Blob(Bytes::new()),
            Kind::Timestamp => Dynamic::Timestamp(Timestamp::default()),
            Kind::Document => Dynamic::Document(Json::Null),
            Kind::Structure | Kind::Union => Dynamic::Structure(Record::new(schema)),
            Kind::List => {
                Dynamic::List(Elements { target: schema.members[0].target, values: vec![] })
            }
            Kind::Map => Dynamic::Map(Entries { target: schema.members[1].target, values: vec![] }),
        }
    }

    fn fill(&mut self, json: &Json) {
        let float = || json.as_f64().or_else(|| json.as_str()?.parse().ok()).expect("a number");
        let text = || match json {
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        match self {
            Dynamic::Absent => panic!("only present values are filled"),
            Dynamic::Boolean(value) => *value = json.as_bool().expect("a boolean"),
            Dynamic::Integer(value) => *value = json.as_i64().expect("a number") as i32,
            Dynamic::Long(value) => *value = json.as_i64().expect("a number"),
            Dynamic::Float(value) => *value = float() as f32,
            Dynamic::Double(value) => *value = float(),
            Dynamic::String(value) => *value = text(),
            Dynamic::Enum(value) => value.text = text(),
            Dynamic::Blob(value) => *value = text().into(),
            Dynamic::Timestamp(value) => {
                *value = Timestamp::from_epoch_seconds(float()).expect("a time");
            }
            Dynamic::Document(value) => *value = json.clone(),
            Dynamic::Structure(value) => value.fill(json),
            Dynamic::List(list) => {
                for element in json.as_array().expect("a list") {
                    list.values.push(filled(list.target, element));
                }
            }
            Dynamic::Map(map) => {
                for (key, value) in json.as_object().expect("a map") {
                    map.values.push((key.clone(), filled(map.target, value)));
                }
            }
        }
    }
}

fn filled(schema: &'static Schema, json: &Json) -> Dynamic {
    if json.is_null() && schema.kind != Kind::Document {
        return Dynamic::Absent;
    }
    let mut value = Dynamic::new(schema);
    value.fill(json);
    value
}

impl Record {
    pub fn new(schema: &'static Schema) -> Self {
        Record { schema, members: schema.members.iter().map(|_| Dynamic::Absent).collect() }
    }

    pub fn fill(&mut self, json: &Json) {
        for (name, value) in json.as_object().into_iter().flatten() {
            let index = self.schema.members.iter().position(|member| member.name == name);
            let index =
                index.unwrap_or_else(|| panic!("{} has no member {name}", self.schema.name));
            self.members[index] = filled(self.schema.members[index].target, value);
        }
    }
}

/// What was decoded, as the cases write parameters.
pub fn to_json(value: &dyn Value) -> Json {
    match value.get() {
        Ref::None | Ref::Body(_) => Json::Null,
        Ref::Boolean(value) => json!(value),
        Ref::Integer(value) => json!(value),
        Ref::Float(value) => float(f64::from(value)),
        Ref::Double(value) => float(value),
        Ref::String(value) => json!(value),
        Ref::Blob(value) => json!(String::from_utf8_lossy(value)),
        Ref::Timestamp(value) => float(value.epoch_seconds()),
        Ref::Document(value) => value.clone(),
        Ref::Structure(shape) => {
            let members = shape.schema().members.iter().enumerate();
            let values =
                members.map(|(index, m)| (m.name.to_string(), to_json(shape.member(index))));
            Json::Object(values.filter(|(_, value)| !value.is_null()).collect())
        }
        Ref::List(list) => (0..list.len()).map(|index| to_json(list.at(index))).collect(),
        Ref::Map(map) => {
            let mut entries = serde_json::Map::new();
            map.each(&mut |key, value| {
                entries.insert(key.to_string(), to_json(value));
            });
            Json::Object(entries)
        }
    }
}

fn float(value: f64) -> Json {
    match value {
        _ if value.is_nan() => json!("NaN"),
        f64::INFINITY => json!("Infinity"),
        f64::NEG_INFINITY => json!("-Infinity"),
        value => json!(value),
    }
}

impl Value for Dynamic {
    fn get(&self) -> Ref<'_> {
        match self {
            Dynamic::Absent => Ref::None,
            Dynamic::Boolean(value) => Ref::Boolean(*value),
            Dynamic::Integer(value) => Ref::Integer((*value).into()),
            Dynamic::Long(value) => Ref::Integer(*value),
            Dynamic::Float(value) => Ref::Float(*value),
            Dynamic::Double(value) => Ref::Double(*value),
            Dynamic::String(value) => Ref::String(value),
            Dynamic::Enum(value) => Ref::String(&value.text),
            Dynamic::Blob(value) => Ref::Blob(value),
            Dynamic::Timestamp(value) => Ref::Timestamp(*value),
            Dynamic::Document(value) => Ref::Document(value),
            Dynamic::Structure(value) => Ref::Structure(value),
            Dynamic::List(value) => Ref::List(value),
            Dynamic::Map(value) => Ref::Map(value),
        }
    }

    fn get_mut(&mut self) -> Mut<'_> {
        match self {
            Dynamic::Absent => panic!("members are made present before they are written"),
            Dynamic::Boolean(value) => Mut::Boolean(value),
            Dynamic::Integer(value) => Mut::Integer(value),
            Dynamic::Long(value) => Mut::Long(value),
            Dynamic::Float(value) => Mut::Float(value),
            Dynamic::Double(value) => Mut::Double(value),
            Dynamic::String(value) => Mut::String(value),
            Dynamic::Enum(value) => Mut::Enum(value),
            Dynamic::Blob(value) => Mut::Blob(value),
            Dynamic::Timestamp(value) => Mut::Timestamp(value),
            Dynamic::Document(value) => Mut::Document(value),
            Dynamic::Structure(value) => Mut::Structure(value),
            Dynamic::List(value) => Mut::List(value),
            Dynamic::Map(value) => Mut::Map(value),
        }
    }
}

impl Choice for Text {
    fn set(&mut self, text: &str) -> bool {
        self.text = text.to_string();
        self.values.contains(&text)
    }
}

impl Shape for Record {
    fn schema(&self) -> &'static Schema {
        self.schema
    }
    fn member(&self, index: usize) -> &dyn Value {
        &self.members[index]
    }
    fn member_mut(&mut self, index: usize) -> &mut dyn Value {
        if matches!(self.members[index], Dynamic::Absent) {
            self.members[index] = Dynamic::new(self.schema.members[index].target);
        }
        &mut self.members[index]
    }
}

impl List for Elements {
    fn len(&self) -> usize {
        self.values.len()
    }
    fn at(&self, index: usize) -> &dyn Value {
        &self.values[index]
    }
    fn push(&mut self) -> &mut dyn Value {
        self.values.push(Dynamic::new(self.target));
        self.values.last_mut().expect("just pushed")
    }
    fn push_null(&mut self) {
        self.values.push(Dynamic::Absent);
    }
    fn clear(&mut self) {
        self.values.clear();
    }
}

impl Map for Entries {
    fn len(&self) -> usize {
        self.values.len()
    }
    fn each<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a dyn Value)) {
        for (key, value) in &self.values {
            visit(key, value);
        }
    }
    fn insert(&mut self, key: String) -> &mut dyn Value {
        let index = self.values.iter().position(|(found, _)| *found == key);
        let index = index.unwrap_or_else(|| {
            self.values.push((key, Dynamic::new(self.target)));
            self.values.len() - 1
        });
        &mut self.values[index].1
    }
    fn insert_null(&mut self, key: String) {
        self.values.push((key, Dynamic::Absent));
    }
    fn clear(&mut self) {
        self.values.clear();
    }
}
