//! Background tasks of this crate.

use std::future::Future;

use tokio::task::JoinHandle;

/// A task that ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Task(JoinHandle<()>);

impl Task {
    /// Starts it.
    #[expect(
        clippy::disallowed_methods,
        reason = "its owner ends it; a panic in it ends the environment it serves"
    )]
    pub(crate) fn spawn(work: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(tokio::spawn(work))
    }

    /// Waits for its end. A panic counts as one.
    pub(crate) async fn join(&mut self) {
        let _ = (&mut self.0).await;
    }

    /// Ends it now.
    pub(crate) fn abort(&self) {
        self.0.abort();
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}
