//! From JSON to values, by the schema, without a tree in between.

use crate::validate::{Decoding, Seen, Step};
use crate::{Document, Error, Kind, List, Loc, Map, Member, Mut, Schema, Shape, Timestamp, Value};
use crate::{limits, text};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// Where a value goes. It is made present only when it is not null.
pub(crate) enum Slot<'a> {
    Member(&'a mut dyn Shape, usize),
    Value(&'a mut dyn Value),
    Push(&'a mut dyn List),
    Insert(&'a mut dyn Map, String),
}

impl<'a> Slot<'a> {
    pub(crate) fn open(self) -> &'a mut dyn Value {
        match self {
            Slot::Member(shape, index) => shape.member_mut(index),
            Slot::Value(value) => value,
            Slot::Push(list) => list.push(),
            Slot::Insert(map, key) => map.insert(key),
        }
    }

    pub(crate) fn null(self) {
        match self {
            Slot::Member(..) | Slot::Value(_) => {}
            Slot::Push(list) => list.push_null(),
            Slot::Insert(map, key) => map.insert_null(key),
        }
    }
}

/// Reads a whole body into `value`.
pub(crate) fn read(
    body: &[u8],
    value: &mut dyn Value,
    schema: &'static Schema,
    decoding: &mut Decoding,
) -> Result<(), Error> {
    let mut reading = Reading { decoding, failure: None };
    let mut json = serde_json::Deserializer::from_slice(body);
    let seed = Seed { slot: Slot::Value(value), schema, depth: 0, reading: &mut reading };
    let result = seed.deserialize(&mut json).and_then(|_| json.end());
    reading.finish(result)
}

/// Reads the members of `shape`, or with `body_only` those that stand in the body, and notes them in `seen`. That all
/// required ones are there is for the caller to check.
pub(crate) fn read_members(
    body: &[u8],
    shape: &mut dyn Shape,
    seen: &mut Seen,
    body_only: bool,
    decoding: &mut Decoding,
) -> Result<(), Error> {
    let mut reading = Reading { decoding, failure: None };
    let mut json = serde_json::Deserializer::from_slice(body);
    let members = Members { shape, seen, body_only, check: false, depth: 0, reading: &mut reading };
    let result = json.deserialize_any(members).and_then(|_| json.end());
    reading.finish(result)
}

struct Reading<'d> {
    decoding: &'d mut Decoding,
    /// Our own failure, which serde would otherwise bury in its text.
    failure: Option<Error>,
}

impl Reading<'_> {
    fn fail<E: serde::de::Error>(&mut self, failure: Error) -> E {
        self.failure = Some(failure);
        E::custom("see failure")
    }

    fn wrong<E: serde::de::Error>(&mut self, got: &str, schema: &Schema) -> E {
        let wanted = text::a_kind(schema.kind);
        self.fail(Error::serialization(format!("{got} can not be converted to {wanted}")))
    }

    fn finish(self, result: serde_json::Result<()>) -> Result<(), Error> {
        match (self.failure, result) {
            (Some(failure), _) => Err(failure),
            (None, Err(error)) => Err(Error::serialization(format!(
                "Could not parse request body into json: {error}"
            ))),
            (None, Ok(())) => Ok(()),
        }
    }
}

/// Reads one value; true if it was not null.
struct Seed<'a, 'r, 'd> {
    slot: Slot<'a>,
    schema: &'static Schema,
    depth: usize,
    reading: &'r mut Reading<'d>,
}

impl<'de> DeserializeSeed<'de> for Seed<'_, '_, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<bool, D::Error> {
        if self.depth > limits::DEPTH_MAX {
            let failure = Error::serialization("The request is nested too deeply.");
            return Err(self.reading.fail(failure));
        }
        if self.schema.kind == Kind::Document {
            let document = <Document as serde::Deserialize>::deserialize(json)?;
            if let Mut::Document(target) = self.slot.open().get_mut() {
                *target = document;
            }
            return Ok(true);
        }
        json.deserialize_any(self)
    }
}

impl Seed<'_, '_, '_> {
    fn integer<E: serde::de::Error>(self, number: i64) -> Result<bool, E> {
        let value = self.slot.open();
        let stored = match value.get_mut() {
            Mut::Integer(target) => i32::try_from(number).map(|number| *target = number).is_ok(),
            Mut::Long(target) => {
                *target = number;
                true
            }
            Mut::Float(target) => {
                *target = number as f32;
                true
            }
            Mut::Double(target) => {
                *target = number as f64;
                true
            }
            Mut::Timestamp(target) => {
                Timestamp::new(number, 0).map(|time| *target = time).is_some()
            }
            _ => false,
        };
        if !stored {
            return Err(self.reading.wrong("NUMBER_VALUE", self.schema));
        }
        self.reading.decoding.value(self.schema, &value.get());
        Ok(true)
    }

    fn float<E: serde::de::Error>(self, number: f64) -> Result<bool, E> {
        let value = self.slot.open();
        // AWS reads 3.0 as a whole number, and refuses 3.5 as one.
        let whole = (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64);
        let stored = match value.get_mut() {
            Mut::Integer(target) => {
                whole.and_then(|n| i32::try_from(n).ok()).map(|n| *target = n).is_some()
            }
            Mut::Long(target) => whole.map(|n| *target = n).is_some(),
            Mut::Float(target) => {
                *target = number as f32;
                true
            }
            Mut::Double(target) => {
                *target = number;
                true
            }
            Mut::Timestamp(target) => {
                Timestamp::from_epoch_seconds(number).map(|time| *target = time).is_some()
            }
            _ => false,
        };
        if !stored {
            return Err(self.reading.wrong("DECIMAL_VALUE", self.schema));
        }
        self.reading.decoding.value(self.schema, &value.get());
        Ok(true)
    }
}

impl<'de> Visitor<'de> for Seed<'_, '_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(text::a_kind(self.schema.kind))
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        self.slot.null();
        Ok(false)
    }

    fn visit_bool<E: serde::de::Error>(self, boolean: bool) -> Result<bool, E> {
        match self.slot.open().get_mut() {
            Mut::Boolean(target) => *target = boolean,
            _ => {
                let got = if boolean { "TRUE_VALUE" } else { "FALSE_VALUE" };
                return Err(self.reading.wrong(got, self.schema));
            }
        }
        Ok(true)
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<bool, E> {
        self.integer(number)
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<bool, E> {
        match i64::try_from(number) {
            Ok(number) => self.integer(number),
            Err(_) => self.float(number as f64),
        }
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<bool, E> {
        self.float(number)
    }

    fn visit_str<E: serde::de::Error>(self, string: &str) -> Result<bool, E> {
        let result = text::set_string(self.slot.open(), string, self.schema, self.reading.decoding);
        result.map_err(|failure| self.reading.fail(failure))?;
        Ok(true)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<bool, A::Error> {
        let Seed { slot, schema, depth, reading } = self;
        let value = slot.open();
        let Mut::List(list) = value.get_mut() else {
            return Err(reading.wrong("START_ARRAY", schema));
        };
        list.clear();
        let target = schema.members[0].target;
        let (mut number, mut nulls) = (0, Vec::new());
        loop {
            number += 1;
            reading.decoding.enter(Step::Element(number));
            let seed = Seed { slot: Slot::Push(list), schema: target, depth: depth + 1, reading };
            let element = elements.next_element_seed(seed);
            reading.decoding.leave();
            match element? {
                Some(true) => {}
                Some(false) => nulls.push("null".to_string()),
                None => break,
            }
            reading.decoding.element().map_err(|failure| reading.fail(failure))?;
        }
        if !reading.decoding.nulls(schema, &value.get(), &nulls) {
            reading.decoding.value(schema, &value.get());
        }
        Ok(true)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<bool, A::Error> {
        let Seed { slot, schema, depth, reading } = self;
        let value = slot.open();
        let map = match value.get_mut() {
            Mut::Structure(shape) => {
                let seen = &mut Seen::default();
                return Members { shape, seen, body_only: false, check: true, depth, reading }
                    .visit_map(entries);
            }
            Mut::Map(map) => map,
            _ => return Err(reading.wrong("START_OBJECT", schema)),
        };
        map.clear();
        let target = schema.members[1].target;
        let mut nulls = Vec::new();
        while let Some(key) = entries.next_key::<String>()? {
            reading.decoding.element().map_err(|failure| reading.fail(failure))?;
            reading.decoding.enter(Step::Entry(key.clone()));
            let slot = Slot::Insert(map, key.clone());
            let seed = Seed { slot, schema: target, depth: depth + 1, reading };
            let entry = entries.next_value_seed(seed);
            reading.decoding.leave();
            if !entry? {
                nulls.push(format!("{key}=null"));
            }
        }
        if !reading.decoding.nulls(schema, &value.get(), &nulls) {
            reading.decoding.value(schema, &value.get());
        }
        Ok(true)
    }
}

/// Reads the members of a structure or union.
struct Members<'a, 'r, 'd> {
    shape: &'a mut dyn Shape,
    seen: &'r mut Seen,
    /// Only those that stand in the body of a REST message; the others come from its head.
    body_only: bool,
    /// Whether to check that all required ones are there.
    check: bool,
    depth: usize,
    reading: &'r mut Reading<'d>,
}

impl Members<'_, '_, '_> {
    fn find(&self, name: &str) -> Option<(usize, &'static Member)> {
        let members = self.shape.schema().members.iter().enumerate();
        let mut here = members.filter(|(_, m)| !self.body_only || m.location == Loc::Body);
        here.find(|(_, member)| member.wire == name)
    }
}

impl<'de> Visitor<'de> for Members<'_, '_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a Structure")
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<bool, A::Error> {
        let schema = self.shape.schema();
        let mut chosen = 0;
        while let Some(key) = entries.next_key::<Name<'de>>()? {
            let Some((index, member)) = self.find(&key.0) else {
                entries.next_value::<IgnoredAny>()?;
                continue;
            };
            self.reading.decoding.enter(Step::Member(member.name));
            let seed = Seed {
                slot: Slot::Member(self.shape, index),
                schema: member.target,
                depth: self.depth + 1,
                reading: self.reading,
            };
            let present = entries.next_value_seed(seed);
            self.reading.decoding.leave();
            if present? {
                self.seen.set(index);
                chosen += 1;
            }
        }
        if schema.kind == Kind::Union && chosen != 1 {
            let failure = Error::serialization("Exactly one member of a union must be set.");
            return Err(self.reading.fail(failure));
        }
        if self.check {
            self.reading.decoding.required(schema, self.seen);
        }
        Ok(true)
    }
}

/// A key, borrowed where it has no escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> serde::Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }
            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }
            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_string())))
            }
        }
        json.deserialize_str(NameVisitor)
    }
}
