//! Event streams: the answers of operations that go on, framed as `application/vnd.amazon.eventstream`.

mod encode;
mod frame;

pub(crate) use encode::{content, encode};
pub use frame::{Frame, FrameError, HeaderValue};

use crate::{Error, Shape, value::Events};
use futures_util::stream::{BoxStream, Stream, StreamExt};
use std::fmt;
use std::sync::Mutex;

/// Events without their Rust type.
pub type ShapeStream = BoxStream<'static, Result<Box<dyn Shape>, Error>>;

/// The events that an operation answers with; `T` is the union of them.
pub struct EventStream<T> {
    events: Mutex<Option<BoxStream<'static, Result<T, Error>>>>,
}

impl<T: 'static> EventStream<T> {
    /// `events` are sent as they come; an error ends the stream.
    pub fn new(events: impl Stream<Item = Result<T, Error>> + Send + 'static) -> Self {
        EventStream { events: Mutex::new(Some(events.boxed())) }
    }

    /// The events; none if they were taken before.
    pub fn into_inner(self) -> Option<BoxStream<'static, Result<T, Error>>> {
        self.events.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl<T> Default for EventStream<T> {
    fn default() -> Self {
        EventStream { events: Mutex::new(None) }
    }
}

impl<T> fmt::Debug for EventStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a stream of events")
    }
}

impl<T: Shape + 'static> Events for EventStream<T> {
    fn take(&mut self) -> Option<ShapeStream> {
        let events = self.events.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        let events = events.take()?;
        Some(events.map(|event| event.map(|event| Box::new(event) as Box<dyn Shape>)).boxed())
    }
}
