//! What the models say of a shape, as static data: enough for every codec and for validation.

use crate::validate::Pattern;

/// The kinds of shape that AWS's models know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// A signed 32-bit number.
    Integer,
    /// A signed 64-bit number.
    Long,
    /// A 32-bit floating point number.
    Float,
    /// A 64-bit floating point number.
    Double,
    /// UTF-8 text.
    String,
    /// Text out of [`Schema::values`], with a Rust enum of its own.
    Enum,
    /// Bytes.
    Blob,
    /// A point in time.
    Timestamp,
    /// Any JSON value.
    Document,
    /// Named members.
    Structure,
    /// Exactly one of its members; also the events of a stream.
    Union,
    /// One member, the element.
    List,
    /// Two members, the key (always text) and the value.
    Map,
}

/// Where a member stands in an HTTP message. Only the REST protocols use places other than the body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Loc {
    /// The body, or in protocols other than REST the whole input.
    Body,
    /// The header named by [`Member::wire`].
    Header,
    /// All headers that begin with [`Member::wire`].
    PrefixHeaders,
    /// The query parameter named by [`Member::wire`].
    Query,
    /// All query parameters.
    QueryParams,
    /// The label of the path named by [`Member::wire`].
    Uri,
    /// The status code of the answer.
    StatusCode,
    /// A header of an event in a stream.
    EventHeader,
    /// The payload of an event in a stream.
    EventPayload,
}

/// How a timestamp is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TimestampFormat {
    /// Seconds since the epoch, with a fraction where there is one.
    EpochSeconds,
    /// `2026-11-22T14:54:00Z`, with milliseconds where there are some.
    DateTime,
    /// `Sun, 22 Nov 2026 14:54:00 GMT`.
    HttpDate,
}

/// One shape of a model.
pub struct Schema {
    /// The shape's name in the model.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Members of structures and unions; the element of a list; key and value of a map.
    pub members: &'static [Member],
    /// Least length (in characters, bytes or elements) or value.
    pub min: Option<i64>,
    /// Greatest length (in characters, bytes or elements) or value.
    pub max: Option<i64>,
    /// What text must match as a whole.
    pub pattern: Option<&'static Pattern>,
    /// The values of an enumeration.
    pub values: &'static [&'static str],
    /// The member that is the whole body of the HTTP message.
    pub payload: Option<u16>,
    /// List or map entries stand directly in their parent (XML and forms).
    pub flattened: bool,
    /// A blob that may be too large for memory.
    pub streaming: bool,
    /// The union of the events of a stream.
    pub event_stream: bool,
    /// Never to be printed.
    pub sensitive: bool,
    /// How it is written where the member does not say.
    pub timestamp_format: Option<TimestampFormat>,
    /// XML namespace, as `uri` or `prefix uri`.
    pub xml_namespace: &'static str,
    /// The element's name where the structure is the root of an XML document; empty means [`Schema::name`].
    pub xml_name: &'static str,
    /// Present on error shapes.
    pub error: Option<ErrorTrait>,
}

/// What makes a structure an error.
#[derive(Clone, Copy, Debug)]
pub struct ErrorTrait {
    /// The code in the query protocols and restXml, where it differs from the shape's name; else empty.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// Whether the caller is to blame.
    pub sender: bool,
}

/// A member of a shape.
pub struct Member {
    /// Its name in the model.
    pub name: &'static str,
    /// Its name in the message.
    pub wire: &'static str,
    /// Its name in requests of ec2Query and in awsQuery, where it differs; may be empty. In ec2Query it is then
    /// [`Member::wire`] with a capital.
    pub query_name: &'static str,
    /// Where it stands.
    pub location: Loc,
    /// Its shape.
    pub target: &'static Schema,
    /// Must be present in requests.
    pub required: bool,
    /// List or map entries stand directly in the parent (XML and forms).
    pub flattened: bool,
    /// Is an attribute of the parent's XML element.
    pub xml_attribute: bool,
    /// A client token that the server invents where it is absent.
    pub idempotency_token: bool,
    /// JSON in a base64 header.
    pub json_value: bool,
    /// How it is written where it differs from the protocol's own way.
    pub timestamp_format: Option<TimestampFormat>,
    /// XML namespace, as `uri` or `prefix uri`.
    pub xml_namespace: &'static str,
}

impl Schema {
    /// A shape without members.
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Schema {
            name,
            kind,
            members: &[],
            min: None,
            max: None,
            pattern: None,
            values: &[],
            payload: None,
            flattened: false,
            streaming: false,
            event_stream: false,
            sensitive: false,
            timestamp_format: None,
            xml_namespace: "",
            xml_name: "",
            error: None,
        }
    }

    /// A structure.
    pub const fn structure(name: &'static str, members: &'static [Member]) -> Self {
        Self::new(name, Kind::Structure).with(members)
    }

    /// A union.
    pub const fn union(name: &'static str, members: &'static [Member]) -> Self {
        Self::new(name, Kind::Union).with(members)
    }

    /// A list of one kind of element.
    pub const fn list(name: &'static str, element: &'static [Member; 1]) -> Self {
        Self::new(name, Kind::List).with(element)
    }

    /// A map from text to one kind of value.
    pub const fn map(name: &'static str, entry: &'static [Member; 2]) -> Self {
        Self::new(name, Kind::Map).with(entry)
    }

    /// Text.
    pub const fn string(name: &'static str) -> Self {
        Self::new(name, Kind::String)
    }

    /// An enumeration.
    pub const fn enumeration(name: &'static str, values: &'static [&'static str]) -> Self {
        let mut schema = Self::new(name, Kind::Enum);
        schema.values = values;
        schema
    }

    /// Text that the model calls an enumeration but that is kept as a `String`: AWS accepts more than it lists, or the
    /// list is too long for a type. Its values are not checked.
    pub const fn open(mut self) -> Self {
        self.kind = Kind::String;
        self.values = &[];
        self
    }

    const fn with(mut self, members: &'static [Member]) -> Self {
        self.members = members;
        self
    }

    /// Sets [`Schema::min`].
    pub const fn min(mut self, min: i64) -> Self {
        self.min = Some(min);
        self
    }

    /// Sets [`Schema::max`].
    pub const fn max(mut self, max: i64) -> Self {
        self.max = Some(max);
        self
    }

    /// Sets [`Schema::pattern`].
    pub const fn pattern(mut self, pattern: &'static Pattern) -> Self {
        self.pattern = Some(pattern);
        self
    }

    /// Sets [`Schema::payload`].
    pub const fn payload(mut self, member: u16) -> Self {
        self.payload = Some(member);
        self
    }

    /// Sets [`Schema::flattened`].
    pub const fn flattened(mut self) -> Self {
        self.flattened = true;
        self
    }

    /// Sets [`Schema::streaming`].
    pub const fn streaming(mut self) -> Self {
        self.streaming = true;
        self
    }

    /// Sets [`Schema::event_stream`].
    pub const fn event_stream(mut self) -> Self {
        self.event_stream = true;
        self
    }

    /// Sets [`Schema::sensitive`].
    pub const fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// Sets [`Schema::timestamp_format`].
    pub const fn timestamp_format(mut self, format: TimestampFormat) -> Self {
        self.timestamp_format = Some(format);
        self
    }

    /// Sets [`Schema::xml_namespace`].
    pub const fn xml_namespace(mut self, namespace: &'static str) -> Self {
        self.xml_namespace = namespace;
        self
    }

    /// Sets [`Schema::xml_name`].
    pub const fn xml_name(mut self, name: &'static str) -> Self {
        self.xml_name = name;
        self
    }

    /// Sets [`Schema::error`].
    pub const fn error(mut self, code: &'static str, status: u16, sender: bool) -> Self {
        self.error = Some(ErrorTrait { code, status, sender });
        self
    }

    /// Whether a value of this shape alone, without its members, can break a rule.
    pub(crate) fn is_constrained(&self) -> bool {
        self.min.is_some()
            || self.max.is_some()
            || self.pattern.is_some()
            || !self.values.is_empty()
    }
}

impl Member {
    /// A member whose name in the message is its name in the model.
    pub const fn new(name: &'static str, target: &'static Schema) -> Self {
        Member {
            name,
            wire: name,
            query_name: "",
            location: Loc::Body,
            target,
            required: false,
            flattened: false,
            xml_attribute: false,
            idempotency_token: false,
            json_value: false,
            timestamp_format: None,
            xml_namespace: "",
        }
    }

    /// Sets [`Member::wire`].
    pub const fn wire(mut self, name: &'static str) -> Self {
        self.wire = name;
        self
    }

    /// Sets [`Member::query_name`].
    pub const fn query_name(mut self, name: &'static str) -> Self {
        self.query_name = name;
        self
    }

    /// Sets [`Member::location`].
    pub const fn at(mut self, location: Loc) -> Self {
        self.location = location;
        self
    }

    /// Sets [`Member::required`].
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Sets [`Member::flattened`].
    pub const fn flattened(mut self) -> Self {
        self.flattened = true;
        self
    }

    /// Sets [`Member::xml_attribute`].
    pub const fn xml_attribute(mut self) -> Self {
        self.xml_attribute = true;
        self
    }

    /// Sets [`Member::idempotency_token`].
    pub const fn idempotency_token(mut self) -> Self {
        self.idempotency_token = true;
        self
    }

    /// Sets [`Member::json_value`].
    pub const fn json_value(mut self) -> Self {
        self.json_value = true;
        self
    }

    /// Sets [`Member::timestamp_format`].
    pub const fn timestamp_format(mut self, format: TimestampFormat) -> Self {
        self.timestamp_format = Some(format);
        self
    }

    /// Sets [`Member::xml_namespace`].
    pub const fn xml_namespace(mut self, namespace: &'static str) -> Self {
        self.xml_namespace = namespace;
        self
    }

    pub(crate) fn is_flattened(&self) -> bool {
        self.flattened || self.target.flattened
    }

    /// Its name in awsQuery.
    pub(crate) fn name_in_query(&self) -> &'static str {
        if self.query_name.is_empty() { self.wire } else { self.query_name }
    }

    /// The namespace of the member's element.
    pub(crate) fn namespace(&self) -> &'static str {
        if self.xml_namespace.is_empty() { self.target.xml_namespace } else { self.xml_namespace }
    }

    /// The format of timestamps in this member (or directly in its list or map), where the protocol's own is `default`.
    pub(crate) fn timestamp_format_or(&self, default: TimestampFormat) -> TimestampFormat {
        self.timestamp_format.or(self.target.timestamp_format).unwrap_or(default)
    }
}

/// Unconstrained shapes that every model has under some name.
pub mod prelude {
    use super::{Kind, Schema};

    /// Unconstrained text.
    pub static STRING: Schema = Schema::new("String", Kind::String);
    /// A boolean.
    pub static BOOLEAN: Schema = Schema::new("Boolean", Kind::Boolean);
    /// An unconstrained 32-bit number.
    pub static INTEGER: Schema = Schema::new("Integer", Kind::Integer);
    /// An unconstrained 64-bit number.
    pub static LONG: Schema = Schema::new("Long", Kind::Long);
    /// An unconstrained 32-bit floating point number.
    pub static FLOAT: Schema = Schema::new("Float", Kind::Float);
    /// An unconstrained 64-bit floating point number.
    pub static DOUBLE: Schema = Schema::new("Double", Kind::Double);
    /// Unconstrained bytes.
    pub static BLOB: Schema = Schema::new("Blob", Kind::Blob);
    /// A timestamp in the protocol's own format.
    pub static TIMESTAMP: Schema = Schema::new("Timestamp", Kind::Timestamp);
    /// Any JSON value.
    pub static DOCUMENT: Schema = Schema::new("Document", Kind::Document);
    /// A structure without members.
    pub static UNIT: Schema = Schema::structure("Unit", &[]);
}
