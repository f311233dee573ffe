//! How the codecs see a Rust value: a small set of kinds, reached through trait objects, so that no codec is compiled
//! once per type.

use crate::{Body, Bytes, Document, EventStream, Schema, Timestamp};
use std::collections::BTreeMap;

/// A value as the encoders read it.
pub enum Ref<'a> {
    /// Absent.
    None,
    /// A boolean.
    Boolean(bool),
    /// An integer or a long.
    Integer(i64),
    /// A 32-bit floating point number.
    Float(f32),
    /// A 64-bit floating point number.
    Double(f64),
    /// Text or the text of an enumeration.
    String(&'a str),
    /// Bytes.
    Blob(&'a Bytes),
    /// Bytes that may be a stream.
    Body(&'a Body),
    /// A point in time.
    Timestamp(Timestamp),
    /// Any JSON value.
    Document(&'a Document),
    /// A structure or a union.
    Structure(&'a dyn Shape),
    /// A list.
    List(&'a dyn List),
    /// A map.
    Map(&'a dyn Map),
}

/// A value as the decoders write it.
pub enum Mut<'a> {
    /// A boolean.
    Boolean(&'a mut bool),
    /// A 32-bit number.
    Integer(&'a mut i32),
    /// A 64-bit number.
    Long(&'a mut i64),
    /// A 32-bit floating point number.
    Float(&'a mut f32),
    /// A 64-bit floating point number.
    Double(&'a mut f64),
    /// Text.
    String(&'a mut String),
    /// An enumeration.
    Enum(&'a mut dyn Choice),
    /// Bytes.
    Blob(&'a mut Bytes),
    /// Bytes that may be a stream.
    Body(&'a mut Body),
    /// A point in time.
    Timestamp(&'a mut Timestamp),
    /// Any JSON value.
    Document(&'a mut Document),
    /// A structure or a union.
    Structure(&'a mut dyn Shape),
    /// A list.
    List(&'a mut dyn List),
    /// A map.
    Map(&'a mut dyn Map),
    /// The events that an operation answers with.
    Events(&'a mut dyn Events),
}

/// Anything that a member can hold.
pub trait Value: Send + Sync {
    /// The value for reading.
    fn get(&self) -> Ref<'_>;
    /// The value for writing; makes it present.
    fn get_mut(&mut self) -> Mut<'_>;
}

/// A structure or a union: its members by their index in the schema.
pub trait Shape: Send + Sync {
    /// What it is.
    fn schema(&self) -> &'static Schema;
    /// The member at `index`, which must be less than the number of members.
    fn member(&self, index: usize) -> &dyn Value;
    /// The member at `index`, which must be less than the number of members. In a union this chooses the variant.
    fn member_mut(&mut self, index: usize) -> &mut dyn Value;
}

/// A list of values.
pub trait List {
    /// Number of elements.
    fn len(&self) -> usize;
    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The element at `index`, which must be less than `len`.
    fn at(&self, index: usize) -> &dyn Value;
    /// Appends a default element.
    fn push(&mut self) -> &mut dyn Value;
    /// Appends a null; lists that cannot hold one leave it out.
    fn push_null(&mut self) {}
    /// Removes all elements.
    fn clear(&mut self);
}

/// A map from text to values.
pub trait Map {
    /// Number of entries.
    fn len(&self) -> usize;
    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Calls `visit` for each entry, in the map's order.
    fn each<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a dyn Value));
    /// The value under `key`, inserted if absent.
    fn insert(&mut self, key: String) -> &mut dyn Value;
    /// A null under `key`; maps that cannot hold one leave it out.
    fn insert_null(&mut self, _key: String) {}
    /// Removes all entries.
    fn clear(&mut self);
}

/// An enumeration.
pub trait Choice {
    /// Sets the value whose text is `text`; false if there is none.
    fn set(&mut self, text: &str) -> bool;
}

/// The events of a stream, before they are encoded.
pub trait Events {
    /// The events; none if they were taken before.
    fn take(&mut self) -> Option<crate::event_stream::ShapeStream>;
}

/// The value of a union's members that are not chosen.
pub struct Absent;
/// The only [`Absent`] that is needed.
pub static ABSENT: Absent = Absent;

impl Value for Absent {
    fn get(&self) -> Ref<'_> {
        Ref::None
    }
    fn get_mut(&mut self) -> Mut<'_> {
        unreachable!("unions give out their absent members for reading only")
    }
}

macro_rules! scalar {
    ($($type:ty, $value:ident => $get:expr, $set:ident;)*) => {$(
        impl Value for $type {
            fn get(&self) -> Ref<'_> {
                let $value = self;
                $get
            }
            fn get_mut(&mut self) -> Mut<'_> {
                Mut::$set(self)
            }
        }
    )*};
}

scalar! {
    bool, v => Ref::Boolean(*v), Boolean;
    i32, v => Ref::Integer(i64::from(*v)), Integer;
    i64, v => Ref::Integer(*v), Long;
    f32, v => Ref::Float(*v), Float;
    f64, v => Ref::Double(*v), Double;
    String, v => Ref::String(v), String;
    Bytes, v => Ref::Blob(v), Blob;
    Body, v => Ref::Body(v), Body;
    Timestamp, v => Ref::Timestamp(*v), Timestamp;
    Document, v => Ref::Document(v), Document;
}

impl<T: Value + Default> Value for Option<T> {
    fn get(&self) -> Ref<'_> {
        self.as_ref().map_or(Ref::None, Value::get)
    }
    fn get_mut(&mut self) -> Mut<'_> {
        self.get_or_insert_default().get_mut()
    }
}

impl<T: Value> Value for Box<T> {
    fn get(&self) -> Ref<'_> {
        (**self).get()
    }
    fn get_mut(&mut self) -> Mut<'_> {
        (**self).get_mut()
    }
}

impl<T: Value + Default> Value for Vec<T> {
    fn get(&self) -> Ref<'_> {
        Ref::List(self)
    }
    fn get_mut(&mut self) -> Mut<'_> {
        Mut::List(self)
    }
}

impl<T: Value + Default> List for Vec<T> {
    fn len(&self) -> usize {
        self.len()
    }
    fn at(&self, index: usize) -> &dyn Value {
        &self[index]
    }
    fn push(&mut self) -> &mut dyn Value {
        self.push(T::default());
        let last = self.len() - 1;
        &mut self[last]
    }
    fn clear(&mut self) {
        self.clear();
    }
}

impl<T: Value + Default> Value for BTreeMap<String, T> {
    fn get(&self) -> Ref<'_> {
        Ref::Map(self)
    }
    fn get_mut(&mut self) -> Mut<'_> {
        Mut::Map(self)
    }
}

impl<T: Value + Default> Map for BTreeMap<String, T> {
    fn len(&self) -> usize {
        self.len()
    }
    fn each<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a dyn Value)) {
        for (key, value) in self {
            visit(key, value);
        }
    }
    fn insert(&mut self, key: String) -> &mut dyn Value {
        self.entry(key).or_default()
    }
    fn clear(&mut self) {
        self.clear();
    }
}

impl<T: Shape + 'static> Value for EventStream<T> {
    fn get(&self) -> Ref<'_> {
        Ref::None
    }
    fn get_mut(&mut self) -> Mut<'_> {
        Mut::Events(self)
    }
}

/// The input or output of operations that have none.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Unit;

impl Shape for Unit {
    fn schema(&self) -> &'static Schema {
        &crate::schema::prelude::UNIT
    }
    fn member(&self, _: usize) -> &dyn Value {
        &ABSENT
    }
    fn member_mut(&mut self, _: usize) -> &mut dyn Value {
        unreachable!("a structure without members has none to write")
    }
}

impl Value for Unit {
    fn get(&self) -> Ref<'_> {
        Ref::Structure(self)
    }
    fn get_mut(&mut self) -> Mut<'_> {
        Mut::Structure(self)
    }
}
