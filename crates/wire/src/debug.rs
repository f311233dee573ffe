//! `Debug` for every shape, from its schema: absent members are left out, sensitive ones are not shown.

use crate::{Ref, Shape};
use std::fmt;

/// Prints `shape`.
pub fn shape(shape: &dyn Shape, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let schema = shape.schema();
    let mut out = f.debug_struct(schema.name);
    for (index, member) in schema.members.iter().enumerate() {
        match shape.member(index).get() {
            Ref::None => {}
            _ if member.target.sensitive || schema.sensitive => {
                out.field(member.name, &format_args!("<sensitive>"));
            }
            value => {
                out.field(member.name, &Shown { value, schema: member.target });
            }
        }
    }
    out.finish()
}

struct Shown<'a> {
    value: Ref<'a>,
    schema: &'static crate::Schema,
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = |index: usize| self.schema.members.get(index).map_or(self.schema, |m| m.target);
        if self.schema.sensitive {
            return f.write_str("<sensitive>");
        }
        match &self.value {
            Ref::None => f.write_str("null"),
            Ref::Boolean(value) => fmt::Debug::fmt(value, f),
            Ref::Integer(value) => fmt::Debug::fmt(value, f),
            Ref::Float(value) => fmt::Debug::fmt(value, f),
            Ref::Double(value) => fmt::Debug::fmt(value, f),
            Ref::String(value) => fmt::Debug::fmt(value, f),
            Ref::Blob(value) => write!(f, "{} bytes", value.len()),
            Ref::Body(value) => fmt::Debug::fmt(value, f),
            Ref::Timestamp(value) => fmt::Debug::fmt(value, f),
            Ref::Document(value) => write!(f, "{value}"),
            Ref::Structure(value) => shape(*value, f),
            Ref::List(list) => {
                let values = (0..list.len()).map(|index| list.at(index).get());
                f.debug_list()
                    .entries(values.map(|value| Shown { value, schema: inner(0) }))
                    .finish()
            }
            Ref::Map(map) => {
                let mut out = f.debug_map();
                map.each(&mut |key, value| {
                    out.entry(&key, &Shown { value: value.get(), schema: inner(1) });
                });
                out.finish()
            }
        }
    }
}
