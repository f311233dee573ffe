//! What an operation or a codec fails with.

use crate::{Protocol, Ref, Schema, Service, Shape};
use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

/// Why a request failed. Small enough to be returned everywhere.
pub struct Error(Box<Inner>);

struct Inner {
    cause: Cause,
    /// Elements beside code and message that the model does not name.
    details: Vec<(&'static str, String)>,
    /// Headers of the answer.
    headers: Vec<(&'static str, String)>,
}

enum Cause {
    Modeled { shape: Box<dyn Shape>, message: String },
    Common { common: Common, message: String },
    Internal(Box<dyn StdError + Send + Sync>),
}

/// Errors that every service knows and no model names. What code and status each has depends on service and protocol.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html>
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Common {
    /// The caller may not do that.
    AccessDenied,
    /// The access key is not known.
    InvalidClientTokenId,
    /// The signature is not the one that the secret key gives.
    SignatureDoesNotMatch,
    /// The signature lacks a part or can not be read.
    IncompleteSignature,
    /// There is no signature.
    MissingAuthenticationToken,
    /// The session token has expired.
    ExpiredToken,
    /// The request's date is too far off.
    RequestExpired,
    /// The input breaks the model's constraints.
    Validation,
    /// The body can not be read as the protocol's format.
    Serialization,
    /// No such operation.
    UnknownOperation,
    /// A query request without `Action`.
    MissingAction,
    /// Too many requests.
    Throttling,
    /// The body is too large.
    RequestTooLarge,
    /// The operation exists but is not built.
    NotImplemented,
    /// Try again later.
    ServiceUnavailable,
    /// Something broke.
    InternalFailure,
    /// A code that only some service has.
    Other {
        /// The code.
        code: Cow<'static, str>,
        /// The code in the query protocols, where it differs.
        query_code: Option<&'static str>,
        /// The HTTP status.
        status: u16,
    },
}

impl Error {
    fn new(cause: Cause) -> Self {
        Error(Box::new(Inner { cause, details: Vec::new(), headers: Vec::new() }))
    }

    /// With an element that the model does not name, such as `BucketName` of S3's `NoSuchBucket`. S3 alone shows it.
    pub fn with_detail(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.details.push((name, value.into()));
        self
    }

    /// With a header of the answer, its name in lower case. S3 alone sends it.
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.headers.push((name, value.into()));
        self
    }

    /// See [`Error::with_detail`].
    pub fn details(&self) -> &[(&'static str, String)] {
        &self.0.details
    }

    /// See [`Error::with_header`].
    pub fn headers(&self) -> &[(&'static str, String)] {
        &self.0.headers
    }

    /// An error that the service's model names.
    pub fn modeled(shape: impl Shape + 'static) -> Self {
        Self::modeled_box(Box::new(shape))
    }

    /// As [`Error::modeled`].
    pub fn modeled_box(shape: Box<dyn Shape>) -> Self {
        let members = shape.schema().members;
        let index = members.iter().position(|m| m.name.eq_ignore_ascii_case("message"));
        let message = index.and_then(|index| match shape.member(index).get() {
            Ref::String(text) => Some(text.to_string()),
            _ => None,
        });
        Self::new(Cause::Modeled { shape, message: message.unwrap_or_default() })
    }

    /// An error that every service knows.
    pub fn common(common: Common, message: impl Into<String>) -> Self {
        Self::new(Cause::Common { common, message: message.into() })
    }

    /// A code that the model does not name, such as `InvalidParameterValue`.
    pub fn other(
        status: u16,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Self::common(Common::Other { code: code.into(), query_code: None, status }, message)
    }

    /// As [`Error::other`], for services that speak the query protocols beside another: SQS says
    /// `InvalidParameterValueException` in JSON and `InvalidParameterValue` in queries.
    pub fn other_in_query(
        status: u16,
        code: &'static str,
        query_code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        let query_code = Some(query_code);
        Self::common(Common::Other { code: code.into(), query_code, status }, message)
    }

    /// Something broke. The caller sees `InternalFailure`, or the service's own fault for that
    /// ([`crate::Dialect::internal`]), and a request id; the cause is for the log.
    pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Cause::Internal(cause.into()))
    }

    /// The caller may not do that. AWS's texts begin with `User: <arn> is not authorized to perform: <action>`.
    pub fn access_denied(message: impl Into<String>) -> Self {
        Self::common(Common::AccessDenied, message)
    }

    /// The input breaks the model's constraints.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::common(Common::Validation, message)
    }

    /// The body can not be read.
    pub fn serialization(message: impl Into<String>) -> Self {
        Self::common(Common::Serialization, message)
    }

    /// Too many requests: `Rate exceeded`.
    pub fn throttling() -> Self {
        Self::common(Common::Throttling, "Rate exceeded")
    }

    /// The operation exists on AWS but is not built here.
    pub fn not_implemented(service: &Service, operation: &str) -> Self {
        let message = format!(
            "{} {operation} is not implemented; docs/coverage.md lists what is.",
            service.sdk_id
        );
        Self::common(Common::NotImplemented, message)
    }

    /// No such operation.
    pub fn unknown_operation(service: &Service, protocol: Protocol, name: &str) -> Self {
        let message = match protocol {
            Protocol::AwsQuery => {
                format!("Could not find operation {name} for version {}", service.version)
            }
            Protocol::Ec2Query => format!("The action {name} is not valid for this web service."),
            _ => String::new(),
        };
        Self::common(Common::UnknownOperation, message)
    }

    /// The shape, if the model names the error.
    pub fn shape(&self) -> Option<&dyn Shape> {
        match &self.0.cause {
            Cause::Modeled { shape, .. } => Some(&**shape),
            _ => None,
        }
    }

    /// Which of the errors of every service it is, if it is one.
    pub fn as_common(&self) -> Option<&Common> {
        match &self.0.cause {
            Cause::Common { common, .. } => Some(common),
            _ => None,
        }
    }

    /// The cause that is to be logged and not shown, if something broke.
    pub fn internal_cause(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        match &self.0.cause {
            Cause::Internal(cause) => Some(&**cause),
            _ => None,
        }
    }

    /// Whether it is the model's error of this name.
    pub fn is(&self, shape_name: &str) -> bool {
        self.shape().is_some_and(|shape| shape.schema().name == shape_name)
    }

    /// The text for the caller.
    pub fn message(&self) -> &str {
        match &self.0.cause {
            Cause::Modeled { message, .. } | Cause::Common { message, .. } => message,
            Cause::Internal(_) => "",
        }
    }

    /// The code that `service` gives it in `protocol`.
    pub fn code(&self, service: &Service, protocol: Protocol) -> Cow<'static, str> {
        match &self.0.cause {
            Cause::Modeled { shape, .. } => shape_code(shape.schema(), protocol).into(),
            Cause::Common { common, .. } => common.code(service, protocol),
            Cause::Internal(_) => match service.dialect.internal {
                Some(fault) => fault().code(service, protocol).into_owned().into(),
                None => Common::InternalFailure.code(service, protocol),
            },
        }
    }

    /// The HTTP status that `service` gives it in `protocol`.
    pub fn status(&self, service: &Service, protocol: Protocol) -> u16 {
        match &self.0.cause {
            Cause::Modeled { shape, .. } => shape.schema().error.map_or(400, |error| error.status),
            Cause::Common { common, .. } => common.status(service, protocol),
            Cause::Internal(_) => match service.dialect.internal {
                Some(fault) => fault().status(service, protocol),
                None => Common::InternalFailure.status(service, protocol),
            },
        }
    }

    /// Whether the caller is to blame: AWS says `Sender` or `Receiver`.
    pub fn is_sender(&self, service: &Service, protocol: Protocol) -> bool {
        match self.shape().and_then(|shape| shape.schema().error) {
            Some(error) => error.sender,
            None => self.status(service, protocol) < 500,
        }
    }
}

fn shape_code(schema: &Schema, protocol: Protocol) -> &'static str {
    let query = matches!(protocol, Protocol::AwsQuery | Protocol::Ec2Query | Protocol::RestXml);
    match schema.error {
        Some(error) if query && !error.code.is_empty() => error.code,
        _ => schema.name,
    }
}

impl Common {
    /// The code, in the words of `service`.
    pub fn code(&self, service: &Service, protocol: Protocol) -> Cow<'static, str> {
        if let Common::Other { code, query_code, .. } = self {
            return match query_code {
                Some(query_code) if protocol.is_xml() => (*query_code).into(),
                _ => code.clone(),
            };
        }
        let ec2 = protocol == Protocol::Ec2Query;
        let [json, query] = match self {
            Common::AccessDenied if ec2 => ["", "UnauthorizedOperation"],
            Common::InvalidClientTokenId | Common::SignatureDoesNotMatch if ec2 => {
                ["", "AuthFailure"]
            }
            Common::InvalidClientTokenId if service.dialect.s3 => ["", "InvalidAccessKeyId"],
            Common::RequestExpired if service.dialect.s3 => ["", "RequestTimeTooSkewed"],
            Common::Throttling if ec2 => ["", "RequestLimitExceeded"],
            Common::Throttling if service.dialect.s3 => ["", "SlowDown"],
            Common::InternalFailure if ec2 || service.dialect.s3 => ["", "InternalError"],
            Common::Serialization if protocol == Protocol::RestXml => ["", "MalformedXML"],
            Common::Validation if !service.dialect.validation_code.is_empty() => {
                return service.dialect.validation_code.into();
            }
            Common::Validation if ec2 => ["", "InvalidParameterValue"],
            Common::Validation if service.dialect.s3 => ["", "InvalidArgument"],
            Common::AccessDenied => ["AccessDeniedException", "AccessDenied"],
            Common::InvalidClientTokenId => ["UnrecognizedClientException", "InvalidClientTokenId"],
            Common::SignatureDoesNotMatch => ["InvalidSignatureException", "SignatureDoesNotMatch"],
            Common::IncompleteSignature => ["IncompleteSignatureException", "IncompleteSignature"],
            Common::MissingAuthenticationToken => {
                ["MissingAuthenticationTokenException", "MissingAuthenticationToken"]
            }
            Common::ExpiredToken => ["ExpiredTokenException", "ExpiredToken"],
            Common::RequestExpired => ["InvalidSignatureException", "SignatureDoesNotMatch"],
            Common::Validation => ["ValidationException", "ValidationError"],
            Common::Serialization => ["SerializationException", "MalformedInput"],
            Common::UnknownOperation => ["UnknownOperationException", "InvalidAction"],
            Common::MissingAction => ["UnknownOperationException", "MissingAction"],
            Common::Throttling => ["ThrottlingException", "Throttling"],
            Common::RequestTooLarge => ["RequestEntityTooLargeException", "RequestEntityTooLarge"],
            Common::NotImplemented => ["NotImplemented", "NotImplemented"],
            Common::ServiceUnavailable => ["ServiceUnavailableException", "ServiceUnavailable"],
            Common::InternalFailure => ["InternalFailure", "InternalFailure"],
            Common::Other { .. } => unreachable!("answered above"),
        };
        if protocol.is_xml() { query.into() } else { json.into() }
    }

    /// The HTTP status, as `service` answers it.
    pub fn status(&self, service: &Service, protocol: Protocol) -> u16 {
        // awsJson answers 400 to whatever the caller did wrong, the others distinguish.
        let refused = match protocol {
            Protocol::AwsJson | Protocol::RpcV2Cbor => 400,
            Protocol::Ec2Query => match self {
                Common::InvalidClientTokenId | Common::SignatureDoesNotMatch => 401,
                _ => 403,
            },
            _ => 403,
        };
        match self {
            Common::Other { status, .. } => *status,
            Common::ExpiredToken if service.dialect.s3 => 400,
            Common::AccessDenied
            | Common::InvalidClientTokenId
            | Common::SignatureDoesNotMatch
            | Common::MissingAuthenticationToken
            | Common::ExpiredToken
            | Common::RequestExpired => refused,
            Common::IncompleteSignature if protocol == Protocol::RestJson => 403,
            Common::UnknownOperation if protocol == Protocol::RestJson => 404,
            Common::Throttling if service.dialect.s3 || protocol == Protocol::Ec2Query => 503,
            Common::Throttling if protocol == Protocol::RestJson => 429,
            Common::IncompleteSignature
            | Common::Validation
            | Common::Serialization
            | Common::UnknownOperation
            | Common::MissingAction
            | Common::Throttling => 400,
            Common::RequestTooLarge => 413,
            Common::NotImplemented => 501,
            Common::ServiceUnavailable => 503,
            Common::InternalFailure => 500,
        }
    }
}

impl Protocol {
    /// Whether answers are XML.
    pub fn is_xml(self) -> bool {
        matches!(self, Protocol::AwsQuery | Protocol::Ec2Query | Protocol::RestXml)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.cause {
            Cause::Modeled { shape, message } => write!(f, "{}: {message}", shape.schema().name),
            Cause::Common { common, message } => write!(f, "{common:?}: {message}"),
            Cause::Internal(cause) => write!(f, "internal: {cause:?}"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.cause {
            Cause::Modeled { shape, message } => write!(f, "{}: {message}", shape.schema().name),
            Cause::Common { common, message } => write!(f, "{common:?}: {message}"),
            Cause::Internal(_) => f.write_str("internal failure"),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.internal_cause().map(|cause| cause as &(dyn StdError + 'static))
    }
}

/// Turns the errors of lower layers into [`Error::internal`], saying what was being done.
pub trait Internal<T> {
    /// `doing` is a phrase such as `reading the function`.
    fn internal(self, doing: &'static str) -> Result<T, Error>;
}

impl<T, E: Into<Box<dyn StdError + Send + Sync>>> Internal<T> for Result<T, E> {
    fn internal(self, doing: &'static str) -> Result<T, Error> {
        self.map_err(|cause| Error::internal(While { doing, cause: cause.into() }))
    }
}

#[derive(Debug)]
struct While {
    doing: &'static str,
    cause: Box<dyn StdError + Send + Sync>,
}

impl fmt::Display for While {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.doing)
    }
}

impl StdError for While {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.cause)
    }
}
