//! How long a client has taken nothing of what is written to it.

use base::Clock;
use std::io;
use std::io::IoSlice;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Since when a write waits.
#[derive(Default)]
pub(crate) struct Progress {
    /// Milliseconds of the monotonic clock and one more; 0 while nothing waits.
    stalled_since_ms: AtomicU64,
}

impl Progress {
    /// Whether a write waits.
    pub(crate) fn is_waiting(&self) -> bool {
        self.stalled_since_ms.load(Ordering::Relaxed) != 0
    }

    /// Whether a write has waited for longer than `limit`.
    pub(crate) fn is_stalled(&self, clock: &dyn Clock, limit: Duration) -> bool {
        match self.stalled_since_ms.load(Ordering::Relaxed) {
            0 => false,
            since_ms => {
                u128::from((now_ms(clock) + 1).saturating_sub(since_ms)) > limit.as_millis()
            }
        }
    }

    fn note<T>(&self, clock: &dyn Clock, written: &Poll<T>) {
        let since_ms = &self.stalled_since_ms;
        match written {
            Poll::Ready(_) => since_ms.store(0, Ordering::Relaxed),
            Poll::Pending if since_ms.load(Ordering::Relaxed) == 0 => {
                since_ms.store(now_ms(clock) + 1, Ordering::Relaxed);
            }
            Poll::Pending => {}
        }
    }
}

fn now_ms(clock: &dyn Clock) -> u64 {
    u64::try_from(clock.monotonic().as_millis()).unwrap_or(u64::MAX - 1)
}

/// A connection that notes when its writes wait.
pub(crate) struct Noted<S> {
    stream: S,
    clock: Arc<dyn Clock>,
    progress: Arc<Progress>,
}

impl<S> Noted<S> {
    pub(crate) fn new(stream: S, clock: Arc<dyn Clock>, progress: Arc<Progress>) -> Self {
        Noted { stream, clock, progress }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Noted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Noted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.progress.note(&*self.clock, &written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.progress.note(&*self.clock, &written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
