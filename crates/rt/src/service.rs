//! What the binary asks of every service.

use crate::{Routes, Tasks};
use base::BoxFut;
use std::sync::Arc;

/// One AWS service, as the binary wires it: routes first, then loops, in the end a stop.
pub trait Service: Send + Sync {
    /// The operations that are built.
    fn routes(self: Arc<Self>) -> Routes;

    /// Starts the loops. They end when `tasks` stops.
    fn start(self: Arc<Self>, tasks: &Tasks) {
        let _ = tasks;
    }

    /// Forgets whatever is kept outside the store, because the store was emptied. Running work on behalf of forgotten
    /// resources is ended.
    fn reset(&self) -> BoxFut<'_, ()> {
        Box::pin(async {})
    }

    /// Ends running work at shutdown, before the loops are stopped.
    fn stop(&self) -> BoxFut<'_, ()> {
        Box::pin(async {})
    }
}
