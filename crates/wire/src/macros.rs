//! What the generated crates are written in: per shape two jump tables, everything else follows from the schema.

/// Implements [`crate::Shape`] for a structure: `structure!(Type SCHEMA 0 field 1 field …)`.
#[macro_export]
macro_rules! structure {
    ($type:ident $schema:ident $($index:literal $field:ident)*) => {
        impl $crate::Shape for $type {
            fn schema(&self) -> &'static $crate::Schema {
                &schema::$schema
            }
            fn member(&self, index: usize) -> &dyn $crate::Value {
                match index {
                    $($index => &self.$field,)*
                    _ => unreachable!("members are numbered by the schema"),
                }
            }
            fn member_mut(&mut self, index: usize) -> &mut dyn $crate::Value {
                match index {
                    $($index => &mut self.$field,)*
                    _ => unreachable!("members are numbered by the schema"),
                }
            }
        }
        $crate::shape_value!($type);
    };
}

/// Defines a union and implements [`crate::Shape`] for it: `union!(Type SCHEMA 0 Variant Type, …)`.
#[macro_export]
macro_rules! union {
    ($type:ident $schema:ident $($index:literal $variant:ident $inner:ty),+) => {
        impl $crate::Shape for $type {
            fn schema(&self) -> &'static $crate::Schema {
                &schema::$schema
            }
            fn member(&self, index: usize) -> &dyn $crate::Value {
                match (index, self) {
                    $(($index, $type::$variant(value)) => value,)*
                    _ => &$crate::value::ABSENT,
                }
            }
            #[allow(irrefutable_let_patterns, reason = "unions of one member")]
            fn member_mut(&mut self, index: usize) -> &mut dyn $crate::Value {
                match index {
                    $($index => {
                        *self = $type::$variant(<$inner>::default());
                        let $type::$variant(value) = self else { unreachable!("just set") };
                        value
                    })*
                    _ => unreachable!("members are numbered by the schema"),
                }
            }
        }
        $crate::shape_value!($type);
    };
}

/// What structures and unions share.
#[macro_export]
macro_rules! shape_value {
    ($type:ident) => {
        impl $crate::Value for $type {
            fn get(&self) -> $crate::Ref<'_> {
                $crate::Ref::Structure(self)
            }
            fn get_mut(&mut self) -> $crate::Mut<'_> {
                $crate::Mut::Structure(self)
            }
        }
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::debug::shape(self, f)
            }
        }
    };
}

/// Implements an enumeration: `enumeration!(Type SCHEMA Variant …)`, variants in the order of the schema's values.
#[macro_export]
macro_rules! enumeration {
    ($type:ident $schema:ident $($variant:ident)+) => {
        impl $type {
            /// Every value, in the model's order.
            pub const ALL: &'static [$type] = &[$($type::$variant),*];

            /// The text on the wire.
            pub fn as_str(self) -> &'static str {
                schema::$schema.values[self as usize]
            }

            /// The value whose text is `text`.
            pub fn parse(text: &str) -> Option<Self> {
                let index = schema::$schema.values.iter().position(|value| *value == text)?;
                Some(Self::ALL[index])
            }
        }
        impl $crate::Value for $type {
            fn get(&self) -> $crate::Ref<'_> {
                $crate::Ref::String(self.as_str())
            }
            fn get_mut(&mut self) -> $crate::Mut<'_> {
                $crate::Mut::Enum(self)
            }
        }
        impl $crate::value::Choice for $type {
            fn set(&mut self, text: &str) -> bool {
                Self::parse(text).map(|value| *self = value).is_some()
            }
        }
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

/// Turns an error shape into [`crate::Error`]: `fault!(Type)`.
#[macro_export]
macro_rules! fault {
    ($type:ident) => {
        impl From<$type> for $crate::Error {
            fn from(shape: $type) -> Self {
                $crate::Error::modeled(shape)
            }
        }
    };
}

/// Joins an operation's marker to its Rust types: `operation!(Marker Input Output STATIC)`.
#[macro_export]
macro_rules! operation {
    ($marker:ident $input:ty, $output:ty, $static:ident) => {
        impl $crate::Op for $marker {
            type Input = $input;
            type Output = $output;
            const OPERATION: &'static $crate::Operation = &super::operations::$static;
        }
    };
}
