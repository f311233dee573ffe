//! Listeners and connections.

use crate::body::AnswerBody;
use crate::limits::{
    CONNECTIONS_MAX, FIRST_REQUEST_TIMEOUT, HEAD_BYTES_MAX, HEADERS_MAX, IDLE_CHECK_INTERVAL,
    IDLE_TIMEOUT, SHUTDOWN_GRACE, STALL_TIMEOUT, STREAMS_MAX,
};
use crate::progress::{Noted, Progress};
use crate::{Front, Peer};
use base::Clock;
use http::Version;
use http::header::EXPECT;
use hyper::body::{Body, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Who can reach a listener.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// Programs of this machine, through its loopback interface.
    Loopback,
    /// Other machines too: the well-known development key counts for nobody.
    Network,
    /// Code in a sandbox, through a loopback interface of its own: the well-known development key does not count.
    Sandbox,
}

/// A listener that is served until this is dropped or the process stops.
pub struct Serving {
    address: SocketAddr,
    _stop: DropGuard,
}

impl Serving {
    /// Where it listens; the port is a real one even where any was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Connections of all listeners.
pub(crate) struct Connections(Arc<Semaphore>);

impl Connections {
    pub(crate) fn new() -> Self {
        Connections(Arc::new(Semaphore::new(CONNECTIONS_MAX)))
    }
}

impl Front {
    /// Serves what connects to `listener`. Must be called on the async runtime. Running requests are finished when the
    /// process stops, not when the answer is dropped.
    pub fn serve(
        self: &Arc<Self>,
        listener: std::net::TcpListener,
        reach: Reach,
    ) -> io::Result<Serving> {
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let front = self.clone();
        let accepting = stop.clone();
        self.tasks.spawn("front.listener", async move {
            let stopping = front.tasks.stopping();
            tokio::select! {
                () = front.accept(listener, reach) => {}
                () = stopping => {}
                () = accepting.cancelled() => {}
            }
        });
        Ok(Serving { address, _stop: stop.drop_guard() })
    }

    async fn accept(self: &Arc<Self>, listener: TcpListener, reach: Reach) {
        loop {
            let Ok(permit) = self.connections.0.clone().acquire_owned().await else { return };
            let (stream, address) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    // A connection that ended before it was accepted, or no file descriptors left: others may end soon.
                    tracing::warn!(%error, "a connection could not be accepted");
                    self.clock.sleep(Duration::from_millis(20)).await;
                    continue;
                }
            };
            let front = self.clone();
            self.tasks.spawn("front.connection", async move {
                front.serve_connection(stream, Peer { address: address.ip(), reach }).await;
                drop(permit);
            });
        }
    }

    async fn serve_connection(self: &Arc<Self>, stream: TcpStream, peer: Peer) {
        // Answers are small and complete: waiting for more would only delay them.
        let _ = stream.set_nodelay(true);
        let activity = Arc::new(Activity::new(&*self.clock));
        let progress = Arc::new(Progress::default());
        let service = service_fn({
            let (front, activity, progress) = (self.clone(), activity.clone(), progress.clone());
            move |request: http::Request<Incoming>| {
                if waits_with_nothing(&request) {
                    progress.give_leave();
                }
                let (front, busy) = (front.clone(), Busy::new(&front, &activity));
                async move {
                    let answer = front.answer(request, peer).await;
                    Ok::<_, std::convert::Infallible>(
                        answer.map(|body: AnswerBody<Busy>| body.guarded(busy)),
                    )
                }
            }
        });
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder.http1().max_buf_size(HEAD_BYTES_MAX).max_headers(HEADERS_MAX).half_close(true);
        builder
            .http2()
            .max_concurrent_streams(STREAMS_MAX)
            .max_header_list_size(HEAD_BYTES_MAX as u32);
        let stream = Noted::new(stream, self.clock.clone(), progress.clone());
        let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
        let stopping = self.tasks.stopping();
        let mut stopping = pin!(stopping);
        loop {
            tokio::select! {
                biased;
                result = connection.as_mut() => {
                    if let Err(error) = result {
                        tracing::debug!(error, peer = %peer.address, "a connection broke");
                    }
                    return;
                }
                () = &mut stopping => break,
                () = self.clock.sleep(IDLE_CHECK_INTERVAL) => {
                    if activity.is_idle(&*self.clock) && !progress.is_waiting() {
                        return;
                    }
                    if progress.is_stalled(&*self.clock, STALL_TIMEOUT) {
                        tracing::debug!(peer = %peer.address, "a client takes nothing of its answer");
                        return;
                    }
                }
            }
        }
        connection.as_mut().graceful_shutdown();
        tokio::select! {
            _ = connection => {}
            () = self.clock.sleep(SHUTDOWN_GRACE) => {}
        }
    }
}

/// Whether the client waits for leave to send a body that is empty.
fn waits_with_nothing(request: &http::Request<Incoming>) -> bool {
    let expects = request.headers().get(EXPECT);
    request.version() == Version::HTTP_11
        && request.body().is_end_stream()
        && expects.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// What a connection is doing.
struct Activity {
    /// Requests whose answer is not yet sent.
    running: AtomicU64,
    /// Requests so far.
    served: AtomicU64,
    /// When the last one ended, or the connection began; milliseconds of the monotonic clock.
    quiet_since_ms: AtomicU64,
}

impl Activity {
    fn new(clock: &dyn Clock) -> Self {
        Activity {
            running: AtomicU64::new(0),
            served: AtomicU64::new(0),
            quiet_since_ms: AtomicU64::new(now_ms(clock)),
        }
    }

    fn is_idle(&self, clock: &dyn Clock) -> bool {
        let limit = match self.served.load(Ordering::Relaxed) {
            0 => FIRST_REQUEST_TIMEOUT,
            _ => IDLE_TIMEOUT,
        };
        let quiet_ms = now_ms(clock).saturating_sub(self.quiet_since_ms.load(Ordering::Relaxed));
        self.running.load(Ordering::Relaxed) == 0 && u128::from(quiet_ms) > limit.as_millis()
    }
}

fn now_ms(clock: &dyn Clock) -> u64 {
    u64::try_from(clock.monotonic().as_millis()).unwrap_or(u64::MAX)
}

/// A request that is running; its answer's body carries it until all is sent.
pub(crate) struct Busy {
    front: Arc<Front>,
    activity: Arc<Activity>,
}

impl Busy {
    fn new(front: &Arc<Front>, activity: &Arc<Activity>) -> Self {
        activity.running.fetch_add(1, Ordering::Relaxed);
        activity.served.fetch_add(1, Ordering::Relaxed);
        Busy { front: front.clone(), activity: activity.clone() }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.activity.quiet_since_ms.store(now_ms(&*self.front.clock), Ordering::Relaxed);
        self.activity.running.fetch_sub(1, Ordering::Relaxed);
    }
}
