//! Services and operations as static data.

use crate::{Error, Schema, Shape, Value};

/// AWS's protocols.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Protocol {
    /// `restJson1`.
    RestJson,
    /// `restXml`.
    RestXml,
    /// `awsJson1_0`, `awsJson1_1`.
    AwsJson,
    /// `awsQuery`.
    AwsQuery,
    /// `ec2Query`.
    Ec2Query,
    /// `smithy.protocols#rpcv2Cbor`.
    RpcV2Cbor,
}

/// One AWS service.
pub struct Service {
    /// The name of its generated crate without `wire-`, such as `lambda`.
    pub name: &'static str,
    /// The id in the model, such as `CloudWatch Logs`.
    pub sdk_id: &'static str,
    /// The name in SigV4's credential scope; also the prefix of IAM actions, with few exceptions.
    pub signing_name: &'static str,
    /// The first label of the endpoint's host name.
    pub endpoint_prefix: &'static str,
    /// What stands before the dot in `X-Amz-Target`, and the service's name in rpc v2 paths; empty if it has neither.
    pub target_prefix: &'static str,
    /// The version of the API, such as `2015-03-31`.
    pub version: &'static str,
    /// The XML namespace of its answers; may be empty.
    pub xml_namespace: &'static str,
    /// `1.0` or `1.1`: the version of awsJson, where the service speaks it.
    pub json_version: &'static str,
    /// What it speaks; the first is the one its model names.
    pub protocols: &'static [Protocol],
    /// Answers in JSON or CBOR carry the query protocol's error codes too.
    pub query_compatible: bool,
    /// The code and the style of validation errors and of errors that the model does not name.
    pub dialect: Dialect,
    /// Every operation of the model, by name.
    pub operations: &'static [&'static Operation],
}

/// How a service words what all services say.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// The code of a validation error, such as `ValidationException`; empty means the protocol's usual one.
    pub validation_code: &'static str,
    /// API Gateway names the input in the paths of validation errors: `createRestApiInput.name`.
    pub validation_path_from_input: bool,
    /// A required member that is absent is told of as EC2 and SQS do: `The request must contain the parameter Name`.
    pub missing_parameter: bool,
    /// Answers of S3: `x-amz-request-id`, errors without a wrapper.
    pub s3: bool,
    /// The model's own fault for whatever broke here; None: the protocol's usual one, without a message.
    pub internal: Option<fn() -> Error>,
}

impl Dialect {
    /// What most services do.
    pub const USUAL: Dialect = Dialect {
        validation_code: "",
        validation_path_from_input: false,
        missing_parameter: false,
        s3: false,
        internal: None,
    };
}

/// One operation.
pub struct Operation {
    /// Its name, such as `CreateFunction`.
    pub name: &'static str,
    /// HTTP method.
    pub method: &'static str,
    /// The path's parts.
    pub path: &'static [Segment],
    /// Query parameters that must be present: `("list-type", "2")`, or `("tagging", "")` with any value.
    pub query: &'static [(&'static str, &'static str)],
    /// HTTP status of success.
    pub status: u16,
    /// Shape of the input.
    pub input: &'static Schema,
    /// Shape of the output.
    pub output: &'static Schema,
    /// The element around the output in awsQuery; may be empty.
    pub result_wrapper: &'static str,
    /// The errors that the model names.
    pub errors: &'static [&'static Schema],
    /// Whether types were generated. If not, only the name and the route are known.
    pub generated: bool,
}

/// A part of a path between slashes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Segment {
    /// This text.
    Literal(&'static str),
    /// One part, not empty.
    Label(&'static str),
    /// One part or more, slashes included; at most one to a path.
    Greedy(&'static str),
}

/// An operation's marker type: joins its name to its Rust types.
pub trait Op: Send + Sync + 'static {
    /// What it reads.
    type Input: Shape + Value + Default + 'static;
    /// What it answers.
    type Output: Shape + Value + 'static;
    /// What the model says.
    const OPERATION: &'static Operation;
}

impl Service {
    /// The operation called `name`.
    pub fn operation(&self, name: &str) -> Option<&'static Operation> {
        let found = self.operations.binary_search_by(|operation| operation.name.cmp(name)).ok()?;
        Some(self.operations[found])
    }

    /// Whether it speaks `protocol`.
    pub fn speaks(&self, protocol: Protocol) -> bool {
        self.protocols.contains(&protocol)
    }
}

impl Operation {
    /// Whether a member of the input is a blob that may be too large for memory.
    pub fn streams_input(&self) -> bool {
        let payload = self.input.payload.map(usize::from);
        payload.is_some_and(|index| self.input.members[index].target.streaming)
    }

    /// A service whose shapes are not generated still knows its operations by name.
    pub const fn named(name: &'static str) -> Self {
        Operation {
            name,
            method: "POST",
            path: &[],
            query: &[],
            status: 200,
            input: &crate::schema::prelude::UNIT,
            output: &crate::schema::prelude::UNIT,
            result_wrapper: "",
            errors: &[],
            generated: false,
        }
    }
}
