//! How environments end: deadlines, the death of a process, and the orderly way that extensions are given.
//! <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-shutdown>

use std::sync::Arc;
use std::time::Duration;

use base::Clock;
use engine::{ExitStatus, ExtensionFailure};
use tokio::sync::watch;

use super::output::Output;
use super::{KILLED, Memory};
use crate::SandboxHandle;
use crate::runtime_api::{
    Conversation, Ended, ExtensionFault, RuntimeApi, ShutdownReason, Supervision,
};
use crate::spawner::exit_codes;
use crate::task::Task;

/// How long the connections of a dead sandbox may take to hand over what was sent before its death.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// The whole end, where there are external extensions.
const SHUTDOWN_WITH_EXTERNAL: Duration = Duration::from_secs(2);

/// The whole end, where there are internal extensions alone.
const SHUTDOWN_WITH_INTERNAL: Duration = Duration::from_millis(500);

/// The runtime's share of that, in percent, as in AWS's own supervisor.
const RUNTIME_SHARE_PERCENT: u32 = 30;

/// Watches over one environment until its end: deadlines, freezing, the death of its process.
pub(super) struct Supervisor {
    /// The sandbox launched extensions, so process 1 may outlive the runtime.
    pub(super) has_extensions: bool,
    pub(super) handle: Arc<SandboxHandle>,
    pub(super) conversation: Arc<Conversation>,
    pub(super) output: Arc<Output>,
    pub(super) extension_output: Option<(Arc<Output>, Task)>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) memory: Memory,
    /// Somebody wants it to end.
    pub(super) stopped: watch::Receiver<Option<ShutdownReason>>,
    pub(super) ending: watch::Sender<bool>,
    pub(super) api: RuntimeApi,
    pub(super) _reader: Task,
}

impl Supervisor {
    pub(super) async fn run(mut self) {
        let (ended, reason) = self.watch().await;
        self.output.flush();
        self.memory.measure(&self.handle);
        if self.conversation.with_extensions(|extensions| extensions.all().is_empty()) {
            self.handle.kill().await;
            self.conversation.end(ended);
        } else {
            // Whoever invoked need not wait for what extensions do last.
            self.conversation.end(ended);
            self.wind_down(reason).await;
        }
        self.output.flush();
        if let Some((output, _)) = &self.extension_output {
            output.flush();
        }
        self.ending.send_replace(true);
    }

    /// Why it ends, and what extensions are told of that.
    async fn watch(&mut self) -> (Ended, ShutdownReason) {
        let mut look_at = None;
        loop {
            let alarm = async {
                match look_at {
                    Some(at) => self.clock.sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                status = self.handle.exited() => return self.exited(status).await,
                status = self.handle.program_exited(), if self.has_extensions => {
                    return self.exited(status).await;
                }
                (place, status) = self.handle.extension_exited(), if self.has_extensions => {
                    let fault = self.extension_exited(place, status);
                    return (Ended::Extension(fault), ShutdownReason::Failure);
                }
                Ok(reason) = stop_reason(&mut self.stopped) => {
                    let ended = match reason {
                        ShutdownReason::Timeout => Ended::TimedOut,
                        _ => Ended::Exited(KILLED),
                    };
                    return (ended, reason);
                }
                () = self.conversation.changed() => {}
                () = alarm => {}
            }
            match self.conversation.supervise() {
                Supervision::Wait(at) => look_at = at,
                Supervision::Kill => return (Ended::TimedOut, ShutdownReason::Timeout),
            }
        }
    }

    async fn exited(&mut self, status: crate::ExitStatus) -> (Ended, ShutdownReason) {
        if status.out_of_memory {
            self.memory.exhausted();
        }
        if self.handle.has_ended() {
            // The process is dead, but what it said last may not have been read yet.
            self.api.drain(LAST_WORDS).await;
        }
        if let Some(error_type) = self.conversation.fault() {
            let cause = format!("Runtime exited with error: {}", describe(status));
            let fault = ExtensionFault { error_type, cause };
            return (Ended::Extension(fault), ShutdownReason::Failure);
        }
        let ended = Ended::Exited(ExitStatus {
            code: status.code,
            signal: status.signal,
            out_of_memory: status.out_of_memory,
        });
        (ended, ShutdownReason::Failure)
    }

    fn extension_exited(&self, place: usize, status: crate::ExitStatus) -> ExtensionFault {
        let registered = self.conversation.with_extensions(|extensions| {
            extensions.all().get(place).is_none_or(|extension| extension.id.is_some())
        });
        let reason = match status.code {
            Some(exit_codes::NOT_FOUND) if !registered => Some("no such file or directory"),
            Some(exit_codes::CANNOT_EXECUTE) if !registered => Some("exec format error"),
            _ => None,
        };
        if let Some(reason) = reason {
            let name = self.conversation.with_extensions(|extensions| {
                extensions.launch_failed(place, "UnknownError");
                extensions.all().get(place).map(|extension| extension.name.clone())
            });
            let cause = format!("fork/exec /opt/extensions/{}: {reason}", name.unwrap_or_default());
            return ExtensionFault { error_type: "Extension.LaunchError", cause };
        }
        let error_type = self.conversation.fault().unwrap_or("Extension.Crash");
        ExtensionFault { error_type, cause: describe(status) }
    }

    /// Lets the runtime, then the extensions, end by themselves; kills what is left when their time is over.
    async fn wind_down(&mut self, reason: ShutdownReason) {
        let external = self.conversation.with_extensions(|extensions| extensions.has_external());
        let budget = if external { SHUTDOWN_WITH_EXTERNAL } else { SHUTDOWN_WITH_INTERNAL };
        let deadline = self.clock.now() + budget;
        let handle = &self.handle;
        // An error means that it has ended.
        let _ = handle.thaw();
        let program_runs = !handle.program_has_ended() && handle.terminate_program().await.is_ok();
        let gone = async {
            tokio::select! {
                _ = handle.program_exited() => {}
                _ = handle.exited() => {}
            }
        };
        if program_runs {
            tokio::select! {
                () = gone => {}
                () = self.clock.sleep(budget * RUNTIME_SHARE_PERCENT / 100) => {}
            }
            let _ = handle.kill_program().await;
        }
        if let Some(telemetry) = &self.conversation.telemetry {
            telemetry.flush();
        }
        let told = self.conversation.shut_down_extensions(reason, deadline);
        if told > 0 && !handle.has_ended() {
            let before = handle.extensions_exited(0).await.len();
            tokio::select! {
                _ = handle.extensions_exited(before + told) => {}
                _ = handle.exited() => {}
                () = self.clock.sleep_until(deadline) => {}
            }
        }
        handle.kill().await;
    }
}

async fn stop_reason(
    stopped: &mut watch::Receiver<Option<ShutdownReason>>,
) -> Result<ShutdownReason, watch::error::RecvError> {
    let reason = *stopped.wait_for(Option::is_some).await?;
    Ok(reason.unwrap_or(ShutdownReason::Spindown))
}

/// As Go prints the end of a process, in which AWS's supervisor is written.
fn describe(status: crate::ExitStatus) -> String {
    match status {
        crate::ExitStatus { signal: Some(signal), .. } => {
            format!("signal: {}", signal_name(signal))
        }
        crate::ExitStatus { code: Some(0), .. } => "exit code 0".to_owned(),
        crate::ExitStatus { code, .. } => format!("exit status {}", code.unwrap_or_default()),
    }
}

fn signal_name(signal: i32) -> String {
    let name = match signal {
        libc::SIGABRT => "aborted",
        libc::SIGBUS => "bus error",
        libc::SIGFPE => "floating point exception",
        libc::SIGILL => "illegal instruction",
        libc::SIGKILL => "killed",
        libc::SIGPIPE => "broken pipe",
        libc::SIGSEGV => "segmentation fault",
        libc::SIGTERM => "terminated",
        other => return format!("signal {other}"),
    };
    name.to_owned()
}

impl From<ExtensionFault> for ExtensionFailure {
    fn from(fault: ExtensionFault) -> Self {
        Self { error_type: fault.error_type.to_owned(), cause: fault.cause }
    }
}
