//! Requests and responses as the codecs see them, free of any HTTP server.

use crate::{Bytes, Error};
use futures_util::stream::BoxStream;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};

/// A request whose head is parsed.
#[derive(Debug)]
pub struct Request {
    /// HTTP method.
    pub method: Method,
    /// The path as it was sent, percent-encoded.
    pub path: String,
    /// The query string as it was sent, without the question mark.
    pub query: String,
    /// Headers.
    pub headers: HeaderMap,
    /// The body. Operations that read streams accept [`Body::Stream`]; all others need it whole.
    pub body: Body,
}

/// A response.
#[derive(Debug)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Body,
}

/// The body of a message, or a blob that may be too large for memory.
pub enum Body {
    /// All of it.
    Full(Bytes),
    /// Pieces as they come. (The lock only makes it shareable; it is taken by its owner alone.)
    Stream(Mutex<Pieces>, Trailers),
}

/// The pieces of a body.
pub type Pieces = BoxStream<'static, Result<Bytes, Error>>;

/// The headers that come behind a body, once all its pieces were taken; names in lower case. Clones are the same ones.
#[derive(Clone, Default)]
pub struct Trailers(Arc<OnceLock<Vec<(String, String)>>>);

impl Trailers {
    /// Says what they are; the first time counts.
    pub fn set(&self, headers: Vec<(String, String)>) {
        let _ = self.0.set(headers);
    }

    /// The header `name`, if it came.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut headers = self.0.get()?.iter();
        headers.find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Body {
    /// A body that comes in pieces.
    pub fn stream(pieces: Pieces) -> Self {
        Self::with_trailers(pieces, Trailers::default())
    }

    /// A body that comes in pieces with headers behind them.
    pub fn with_trailers(pieces: Pieces, trailers: Trailers) -> Self {
        Body::Stream(Mutex::new(pieces), trailers)
    }

    /// The headers that come behind it; none behind a full one.
    pub fn trailers(&self) -> Trailers {
        match self {
            Body::Full(_) => Trailers::default(),
            Body::Stream(_, trailers) => trailers.clone(),
        }
    }

    /// The bytes, if all of them are here.
    pub fn full(&self) -> Option<&Bytes> {
        match self {
            Body::Full(bytes) => Some(bytes),
            Body::Stream(..) => None,
        }
    }

    /// The pieces of the body; a full one is a single piece.
    pub fn into_stream(self) -> Pieces {
        match self {
            Body::Full(bytes) => Box::pin(futures_util::stream::once(async { Ok(bytes) })),
            Body::Stream(pieces, _) => {
                pieces.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
            }
        }
    }
}

impl Default for Body {
    fn default() -> Self {
        Body::Full(Bytes::new())
    }
}

impl<T: Into<Bytes>> From<T> for Body {
    fn from(bytes: T) -> Self {
        Body::Full(bytes.into())
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Body::Full(bytes) => write!(f, "{} bytes", bytes.len()),
            Body::Stream(..) => f.write_str("a stream"),
        }
    }
}

impl Request {
    /// The header `name`, if it is there and text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn bytes(&self) -> Result<&Bytes, Error> {
        self.body.full().ok_or_else(|| {
            Error::serialization("The request body of this operation can not be a stream.")
        })
    }
}

impl Response {
    pub(crate) fn new(status: u16) -> Self {
        Response { status, headers: HeaderMap::new(), body: Body::default() }
    }

    /// Sets a header; names and values that HTTP does not allow are left out.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            self.headers.insert(name, value);
        }
    }

    pub(crate) fn set_static(&mut self, name: &'static str, value: &'static str) {
        self.headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }

    /// Sets the body; the content type only where the shape did not say.
    pub(crate) fn set_body(&mut self, body: impl Into<Body>, content_type: &'static str) {
        self.body = body.into();
        if !content_type.is_empty() && !self.headers.contains_key(http::header::CONTENT_TYPE) {
            self.set_static("content-type", content_type);
        }
    }
}
