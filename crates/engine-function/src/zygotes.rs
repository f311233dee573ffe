//! Zygotes: one interpreter per runtime that has loaded what functions load and is forked into empty sandboxes.
//!
//! # Invariants
//! - No function's code ever runs in a zygote; it has no function's variables and no secret.
//! - A zygote that has not yet forked once is not relied on, and one that fails is replaced by the start of an
//!   interpreter per sandbox, which always works.
//! - Forks live below their zygote, so it ends only after the last of them.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::runtimes::{Form, Runtime};
use crate::spawners::Spawners;
use crate::{Error, Result, Sandbox, SandboxHandle, Spawner};

/// Zygotes of one runtime that may fail before no other is tried.
const FAILURES_MAX: u32 = 3;

/// When a sandbox gets its function.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wanted {
    AtOnce,
    Later,
}

pub(crate) struct Zygotes {
    spawners: Arc<Spawners>,
    of: Mutex<HashMap<&'static str, Zygote>>,
}

#[derive(Default)]
struct Zygote {
    /// It forks.
    ready: Option<Arc<SandboxHandle>>,
    failures: u32,
}

impl Zygotes {
    pub(crate) fn new(spawners: Arc<Spawners>) -> Self {
        Self { spawners, of: Mutex::default() }
    }

    /// An empty sandbox: forked where the runtime has a zygote that is ready.
    pub(crate) async fn sandbox(
        &self,
        runtime: &Runtime,
        form: Form,
        wanted: Wanted,
    ) -> Result<Sandbox> {
        let spawner = self.spawners.living().await?;
        match self.sandbox_of(&spawner, runtime, form, wanted).await {
            Err(Error::SpawnerEnded) => {
                // It died under this request. Its end is known within milliseconds, and then the next one makes it.
                spawner.ended().await;
                self.sandbox_of(&self.spawners.living().await?, runtime, form, wanted).await
            }
            made => made,
        }
    }

    async fn sandbox_of(
        &self,
        spawner: &Spawner,
        runtime: &Runtime,
        form: Form,
        wanted: Wanted,
    ) -> Result<Sandbox> {
        // A zygote that lives is one of this spawner's: those of others have ended with them.
        let ready = || {
            let ready = self.of.lock().get(runtime.name).and_then(|zygote| zygote.ready.clone());
            ready.filter(|zygote| !zygote.has_ended())
        };
        if let Some(zygote) = (form == Form::Booted).then(ready).flatten() {
            let root = runtime.root().clone();
            let forked = match wanted {
                Wanted::AtOnce => spawner.fork(&zygote, root).await,
                Wanted::Later => spawner.fork_for_later(&zygote, root).await,
            };
            match forked {
                Ok(sandbox) => return Ok(sandbox),
                Err(Error::SpawnerEnded) => return Err(Error::SpawnerEnded),
                Err(error) => self.failed(runtime.name, &zygote, &error),
            }
        }
        spawner.create(runtime.sandbox(form)).await
    }

    /// Makes sure that this runtime has a zygote, if it can have one: takes as long as an interpreter's start. Do not call
    /// it twice at once for one runtime.
    pub(crate) async fn prepare(&self, runtime: &Runtime, form: Form) {
        if form != Form::Booted || !self.spawners.capabilities().root {
            return;
        }
        let Some(spec) = runtime.zygote() else { return };
        let lacking = self.of.lock().get(runtime.name).is_none_or(|zygote| {
            let alive = zygote.ready.as_ref().is_some_and(|ready| !ready.has_ended());
            !alive && zygote.failures < FAILURES_MAX
        });
        if !lacking {
            return;
        }
        let Ok(spawner) = self.spawners.living().await else { return };
        let Sandbox { handle, output, .. } = match spawner.create(spec).await {
            Ok(zygote) => zygote,
            Err(Error::SpawnerEnded) => return,
            Err(error) => return self.failed_at_all(runtime.name, &error),
        };
        let zygote = Arc::new(handle);
        // The first fork waits until the interpreter has loaded everything, and proves it.
        match spawner.fork(&zygote, runtime.root().clone()).await {
            Err(Error::SpawnerEnded) => {}
            Ok(_) => self.of.lock().entry(runtime.name).or_default().ready = Some(zygote),
            Err(error) => {
                zygote.kill().await;
                let mut said = [0; 4_096];
                let length = rustix::io::read(&output, &mut said).unwrap_or(0);
                let said = String::from_utf8_lossy(&said[..length]);
                tracing::warn!(runtime = runtime.name, %said, "a zygote failed");
                self.failed_at_all(runtime.name, &error);
            }
        }
    }

    /// Lets every zygote go; those with forks end with the last of them.
    pub(crate) fn clear(&self) {
        self.of.lock().clear();
    }

    fn failed(&self, runtime: &'static str, zygote: &Arc<SandboxHandle>, error: &Error) {
        let mut of = self.of.lock();
        let current = of.entry(runtime).or_default();
        if current.ready.as_ref().is_some_and(|ready| Arc::ptr_eq(ready, zygote)) {
            current.ready = None;
            drop(of);
            self.failed_at_all(runtime, error);
        }
    }

    fn failed_at_all(&self, runtime: &'static str, error: &Error) {
        self.of.lock().entry(runtime).or_default().failures += 1;
        tracing::warn!(runtime, %error, "no zygote: interpreters are started one by one");
    }
}
