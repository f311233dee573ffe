//! The connection below HTTP: how long a client has taken nothing of what is written to it, and what it is told before an
//! answer.

use base::Clock;
use std::io;
use std::io::IoSlice;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What a client is told that waits for leave to send its body.
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// Since when a write waits, and what is to be written next.
#[derive(Default)]
pub(crate) struct Progress {
    /// Milliseconds of the monotonic clock and one more; 0 while nothing waits.
    stalled_since_ms: AtomicU64,
    /// Whether [`CONTINUE`] comes before the answer.
    continues: AtomicBool,
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

    /// The request that is being answered waits for leave to send its body, though that is empty. hyper gives leave only
    /// where something is to come; AWS gives it always, and botocore reads the next answer wrongly where it was not given.
    /// <https://github.com/boto/botocore/issues/3755>
    pub(crate) fn give_leave(&self) {
        self.continues.store(true, Ordering::Relaxed);
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
    /// Whether all answers so far are written.
    flushed: bool,
    /// What comes before what is written next.
    first: &'static [u8],
}

impl<S> Noted<S> {
    pub(crate) fn new(stream: S, clock: Arc<dyn Clock>, progress: Arc<Progress>) -> Self {
        Noted { stream, clock, progress, flushed: true, first: &[] }
    }
}

impl<S: AsyncWrite + Unpin> Noted<S> {
    /// Writes what comes before an answer.
    fn poll_first(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let continues = self.progress.continues.swap(false, Ordering::Relaxed);
        // Otherwise the client has not waited for the answer before, so it waits for no leave either.
        if continues && self.flushed {
            self.first = CONTINUE;
        }
        self.flushed = false;
        while !self.first.is_empty() {
            let written = Pin::new(&mut self.stream).poll_write(cx, self.first);
            self.progress.note(&*self.clock, &written);
            match ready!(written)? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                bytes => self.first = &self.first[bytes..],
            }
        }
        Poll::Ready(Ok(()))
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
        ready!(self.poll_first(cx))?;
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.progress.note(&*self.clock, &written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_first(cx))?;
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.progress.note(&*self.clock, &written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.flushed = flushed.is_ready();
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{SimClock, Time};
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    /// Leave is given once and before an answer, not between what is already on its way.
    #[tokio::test]
    async fn leave_comes_first() {
        let progress = Arc::new(Progress::default());
        // So small that the leave itself is written in pieces.
        let (here, mut there) = duplex(8);
        let mut noted =
            Noted::new(here, Arc::new(SimClock::new(Time::from_unix_s(1))), progress.clone());
        let write = async move {
            progress.give_leave();
            noted.write_all(b"first ").await.unwrap();
            progress.give_leave();
            noted.write_all(b"second ").await.unwrap();
            noted.flush().await.unwrap();
            noted.write_all(b"third").await.unwrap();
        };
        let mut all = String::new();
        let (_, read) = tokio::join!(write, there.read_to_string(&mut all));
        read.unwrap();
        assert_eq!(all, "HTTP/1.1 100 Continue\r\n\r\nfirst second third");
    }
}
