//! Makes archives of Java classes, which shorten the start of a JVM, once for each JVM.
//!
//! They are made in a sandbox of the runtime's own: an archive counts only where all paths are those at which it was made.

use std::collections::HashSet;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::runtime::Handle;

use crate::Result;
use crate::runtimes::ArchiveOrder;
use crate::spawners::Spawners;
use crate::task::Task;

/// Bytes of one archive; they are about 12 MiB.
const ARCHIVE_BYTES_MAX: u64 = 128 * 1024 * 1024;
/// Fewer are no archive but what a program printed that failed.
const ARCHIVE_BYTES_MIN: u64 = 64 * 1024;

/// Makes archives in the background.
#[derive(Default)]
pub(crate) struct ClassArchives {
    /// Those that are being made or could not be: each is tried once.
    tried: Mutex<HashSet<PathBuf>>,
    tasks: Mutex<Vec<Task>>,
}

impl ClassArchives {
    /// Makes one in the background, unless that has begun before; `then` runs when that has ended in any way.
    pub(crate) fn make(
        &self,
        spawners: &Arc<Spawners>,
        order: ArchiveOrder,
        handle: &Handle,
        then: impl FnOnce() + Send + 'static,
    ) {
        if !self.tried.lock().insert(order.file.clone()) {
            return then();
        }
        let spawners = Arc::clone(spawners);
        let _entered = handle.enter();
        self.tasks.lock().push(Task::spawn(async move {
            let file = order.file.clone();
            if let Err(error) = make(&spawners, order).await {
                tracing::warn!(%error, file = %file.display(), "no archive of Java classes");
            }
            then();
        }));
    }

    /// Ends what is under way.
    pub(crate) fn shut_down(&self) {
        self.tasks.lock().clear();
    }
}

async fn make(spawners: &Spawners, order: ArchiveOrder) -> Result<()> {
    let sandbox = spawners.living().await?.create(order.sandbox).await?;
    let crate::Sandbox { output, handle, .. } = sandbox;
    handle.assign(order.assignment).await?;
    let file = order.file;
    let written = tokio::task::spawn_blocking(move || write(output, &file)).await;
    handle.kill().await;
    let written = written.unwrap_or_else(|_| Err(std::io::Error::other("it panicked")));
    written.map_err(|source| crate::Error::System {
        action: "making an archive of Java classes",
        source,
    })
}

/// Copies what the sandbox prints to a file of its own, which takes its place when it is whole.
fn write(output: OwnedFd, place: &Path) -> std::io::Result<()> {
    let flags = rustix::fs::fcntl_getfl(&output)?;
    rustix::fs::fcntl_setfl(&output, flags - rustix::fs::OFlags::NONBLOCK)?;
    let fresh = place.with_extension("new");
    let mut file = std::fs::File::create(&fresh)?;
    let copied =
        std::io::copy(&mut std::fs::File::from(output).take(ARCHIVE_BYTES_MAX), &mut file)?;
    file.flush()?;
    if !(ARCHIVE_BYTES_MIN..ARCHIVE_BYTES_MAX).contains(&copied) {
        let printed = std::fs::read(&fresh).unwrap_or_default();
        std::fs::remove_file(&fresh)?;
        let printed = String::from_utf8_lossy(&printed[..printed.len().min(1_000)]).into_owned();
        return Err(std::io::Error::other(format!("the JVM made none: {printed}")));
    }
    crate::runtimes::readable(&fresh)?;
    std::fs::rename(&fresh, place)
}
