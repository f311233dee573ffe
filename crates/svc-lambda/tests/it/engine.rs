//! An engine whose environments answer by script, for tests of everything around it.

use base::{BoxFut, MIB};
use bytes::Bytes;
use engine::{
    Busy, Environment, EnvironmentSpec, ExitStatus, FunctionEngine, InitError, Initialized,
    Invocation, InvocationReport, Outcome, OutputLine, RuntimeStatus, RuntimeUnavailable, Snapshot,
    SnapshotError,
};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;

/// What the handler called `name` does.
#[derive(Default)]
pub struct FakeEngine {
    pub missing_runtimes: Mutex<HashSet<String>>,
    pub started: AtomicUsize,
    /// Of an endless memory.
    pub memory_used_bytes: AtomicU64,
    pub ended: Arc<AtomicUsize>,
    /// Functions whose snapshots have ended.
    pub snapshots_ended: Arc<Mutex<Vec<String>>>,
    /// Handlers called `block` wait for it.
    pub release: Arc<Notify>,
    /// Environments of handlers called `slow_start` wait for it, and those of `never_starts` have timed out then.
    pub release_start: Notify,
    pub specs: Mutex<Vec<EnvironmentSpec>>,
    /// Runtimes and memory sizes that functions were said to have.
    pub expected: Mutex<Vec<(String, u32)>>,
    pub invocations: Arc<Mutex<Vec<Invocation>>>,
}

impl FunctionEngine for FakeEngine {
    fn runtimes(&self) -> Vec<RuntimeStatus> {
        Vec::new()
    }

    fn check_runtime(&self, runtime: &str) -> Result<(), RuntimeUnavailable> {
        if self.missing_runtimes.lock().unwrap().contains(runtime) {
            let reason = format!("Run: nuage runtime install {runtime}");
            return Err(RuntimeUnavailable { reason });
        }
        Ok(())
    }

    fn expect_runtime(&self, runtime: &str, memory_mib: u32) {
        self.expected.lock().unwrap().push((runtime.to_string(), memory_mib));
    }

    fn start(&self, spec: EnvironmentSpec) -> BoxFut<'_, Result<Arc<dyn Environment>, InitError>> {
        Box::pin(async move {
            self.started.fetch_add(1, Ordering::SeqCst);
            self.specs.lock().unwrap().push(spec.clone());
            assert!(spec.code.join("index.py").is_file(), "the package is unpacked");
            if matches!(spec.handler.as_str(), "index.slow_start" | "index.never_starts") {
                self.release_start.notified().await;
            }
            if spec.handler == "index.never_starts" {
                return Err(InitError::TimedOut { memory_peak_bytes: 30 * MIB });
            }
            if spec.handler == "index.broken" {
                return Err(InitError::Reported {
                    error_type: "Runtime.ImportModuleError".into(),
                    body: Bytes::from_static(b"{\"errorType\":\"Runtime.ImportModuleError\"}"),
                    duration: Duration::from_millis(20),
                    memory_peak_bytes: 30 * MIB,
                });
            }
            let environment = FakeEnvironment {
                spec,
                alive: AtomicBool::new(true),
                died: Notify::new(),
                release: self.release.clone(),
                ended: self.ended.clone(),
                invocations: self.invocations.clone(),
            };
            Ok(Arc::new(environment) as Arc<dyn Environment>)
        })
    }

    fn memory_available_bytes(&self) -> u64 {
        u64::MAX - self.memory_used_bytes.load(Ordering::SeqCst)
    }

    fn snapshot(
        &self,
        spec: EnvironmentSpec,
    ) -> BoxFut<'_, Result<Arc<dyn Snapshot>, SnapshotError>> {
        let function = spec.environment.iter().find(|(name, _)| name == "AWS_LAMBDA_FUNCTION_NAME");
        let snapshot = FakeSnapshot {
            function: function.map(|(_, name)| name.clone()).unwrap_or_default(),
            bytes: if spec.handler == "index.heavy" { 600 * MIB } else { 0 },
            restored: AtomicBool::default(),
            snapshots_ended: self.snapshots_ended.clone(),
            release: self.release.clone(),
            ended: self.ended.clone(),
            invocations: self.invocations.clone(),
        };
        Box::pin(async move {
            if spec.handler == "index.no_snapshot" {
                return Err(SnapshotError::Unsupported("it says so".to_string()));
            }
            Ok(Arc::new(snapshot) as Arc<dyn Snapshot>)
        })
    }

    fn limitations(&self) -> Vec<String> {
        Vec::new()
    }

    fn shut_down(&self) -> BoxFut<'_, ()> {
        Box::pin(async {})
    }
}

/// Of any function.
struct FakeSnapshot {
    function: String,
    bytes: u64,
    /// Those that keep something are restored once.
    restored: AtomicBool,
    snapshots_ended: Arc<Mutex<Vec<String>>>,
    release: Arc<Notify>,
    ended: Arc<AtomicUsize>,
    invocations: Arc<Mutex<Vec<Invocation>>>,
}

impl Snapshot for FakeSnapshot {
    fn initialized(&self) -> Initialized {
        Initialized { duration: Duration::from_millis(10) }
    }

    fn restore(
        &self,
        spec: EnvironmentSpec,
    ) -> BoxFut<'_, Result<Arc<dyn Environment>, InitError>> {
        let environment = FakeEnvironment {
            spec,
            alive: AtomicBool::new(true),
            died: Notify::new(),
            release: self.release.clone(),
            ended: self.ended.clone(),
            invocations: self.invocations.clone(),
        };
        self.restored.store(true, Ordering::SeqCst);
        Box::pin(async move { Ok(Arc::new(environment) as Arc<dyn Environment>) })
    }

    fn is_ready(&self) -> bool {
        self.bytes == 0 || !self.restored.load(Ordering::SeqCst)
    }

    fn memory_bytes(&self) -> u64 {
        self.bytes
    }

    fn is_alive(&self) -> bool {
        true
    }
}

impl Drop for FakeSnapshot {
    fn drop(&mut self) {
        self.snapshots_ended.lock().unwrap().push(self.function.clone());
    }
}

pub struct FakeEnvironment {
    spec: EnvironmentSpec,
    alive: AtomicBool,
    died: Notify,
    release: Arc<Notify>,
    ended: Arc<AtomicUsize>,
    invocations: Arc<Mutex<Vec<Invocation>>>,
}

impl FakeEnvironment {
    fn die(&self) {
        if self.alive.swap(false, Ordering::SeqCst) {
            self.ended.fetch_add(1, Ordering::SeqCst);
            self.died.notify_waiters();
        }
    }
}

impl Environment for FakeEnvironment {
    fn initialized(&self) -> Initialized {
        Initialized { duration: Duration::from_millis(10) }
    }

    fn invoke(&self, invocation: Invocation) -> BoxFut<'_, InvocationReport> {
        Box::pin(async move {
            self.invocations.lock().unwrap().push(invocation.clone());
            let line = |text: &str| OutputLine {
                timestamp: invocation.deadline - Duration::from_secs(3),
                request_id: Some(invocation.request_id),
                text: text.into(),
            };
            self.spec.output.line(line("hello from the handler"));
            let exit = |code, out_of_memory: bool| {
                self.die();
                let signal = out_of_memory.then_some(9);
                Outcome::Exited(ExitStatus { code, signal, out_of_memory })
            };
            let outcome = match self.spec.handler.as_str() {
                "index.raise" => Outcome::Error {
                    error_type: "Exception".into(),
                    body: Bytes::from_static(
                        b"{\"errorMessage\":\"no\",\"errorType\":\"Exception\"}",
                    ),
                },
                "index.exit" => exit(Some(1), false),
                "index.leave" => exit(Some(0), false),
                "index.memory" => exit(None, true),
                "index.large" => Outcome::ResponseTooLarge { bytes: 7_000_000 },
                "index.slow" => {
                    self.die();
                    Outcome::TimedOut
                }
                "index.partial" => {
                    let event: serde_json::Value =
                        serde_json::from_slice(&invocation.payload).unwrap();
                    let last = event["Records"].as_array().unwrap().last().unwrap();
                    let failure = serde_json::json!({ "itemIdentifier": last["messageId"] });
                    let answer = serde_json::json!({ "batchItemFailures": [failure] });
                    Outcome::Response(answer.to_string().into())
                }
                "index.pause" => {
                    self.release.notified().await;
                    Outcome::Response(Bytes::from_static(b"{\"Status\":\"PENDING\"}"))
                }
                "index.rest" => Outcome::Response(Bytes::from_static(b"{\"Status\":\"PENDING\"}")),
                "index.done" => Outcome::Response(Bytes::from_static(
                    b"{\"Status\":\"SUCCEEDED\",\"Result\":\"1\"}",
                )),
                "index.block" => {
                    self.release.notified().await;
                    Outcome::Response(invocation.payload)
                }
                _ => Outcome::Response(invocation.payload),
            };
            InvocationReport {
                outcome,
                duration: Duration::from_micros(1_230),
                latency: Some(Duration::from_micros(1_200)),
                memory_peak_bytes: 35 * MIB,
                busy: Busy::default(),
            }
        })
    }

    fn is_alive(&self) -> bool {
        self.alive.load(Ordering::SeqCst)
    }

    fn died(&self) -> BoxFut<'_, ()> {
        Box::pin(async {
            let died = self.died.notified();
            if self.is_alive() {
                died.await;
            }
        })
    }

    fn shut_down(&self) -> BoxFut<'_, ()> {
        Box::pin(async { self.die() })
    }
}
