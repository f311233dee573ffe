//! `nuage up`.

use crate::cli::{LogFormat, Up};
use crate::cloud::{Cloud, Config};
use crate::config_file::ConfigFile;
use crate::data_dir::DataDir;
use crate::environment;
use crate::failure::{Attempt, Failure, Result};
use crate::output::Printer;
use crate::run_dir::RunDir;
use base::Clock;
use serde_json::json;
use std::fs;
use std::io::{ErrorKind, IsTerminal};
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_subscriber::EnvFilter;

pub fn run(up: Up, printer: Printer) -> Result<ExitCode> {
    let clock = Arc::new(rt::os_clock());
    start_log(&up)?;
    raise_file_limit();
    let listener = listen(SocketAddr::new(up.listen, up.port))?;
    let state = State::open(&up)?;
    let runtimes_dir = state.runtimes_dir(&up)?;
    let file = ConfigFile::find(up.config.as_deref(), &runtimes_dir)?;
    for (name, interpreter) in file.runtimes.iter().filter(|(_, path)| !path.exists()) {
        let interpreter = interpreter.display();
        tracing::warn!(name, %interpreter, "the interpreter that the configuration file names is not there");
    }
    let path = environment::variable("PATH").unwrap_or_default();
    let home = environment::home().ok();
    let lacks_sdk = engine_function::lacks_sdk(&runtimes_dir, path.into(), home);
    let run = RunDir::open(state.path())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.attempt("the async runtime could not be started")?;
    runtime.block_on(async {
        let config = Config {
            state: state.path(),
            run: run.path(),
            data_dir: state.data_dir(),
            runtimes_dir,
            interpreters: file.runtimes,
            beyond_loopback: !up.listen.is_loopback(),
            concurrent_executions: up.concurrent_executions,
            request_rates: up.request_rates,
            host_names: &up.host_name,
            clock: clock.clone(),
        };
        let mut signals = Signals::new()?;
        let cloud = Cloud::start(config, listener).await?;
        let address = cloud.address();
        // Before the announcement: whoever waits for that finds the file.
        if let Some(path) = &up.port_file {
            write_whole(path, &format!("{}\n", address.port()))?;
        }
        announce(&up, printer, &state, address, clock.monotonic().as_millis() as u64);
        if let Some(runtime) = lacks_sdk {
            let place = up.data_dir.as_ref().map(|path| format!(" --data-dir {}", path.display()));
            let place = place.unwrap_or_default();
            printer.note(&format!(
                "  AWS SDK      not on this host; for functions that import boto3: nuage runtime install {runtime}{place}"
            ));
        }
        while let Asked::Look = signals.next().await {
            cloud.runtimes_changed();
        }
        printer.note("stopping; once more ends it at once");
        tokio::select! {
            () = cloud.stop() => Ok(ExitCode::SUCCESS),
            // What the kernel and the spawner hold for this process falls with it.
            _ = signals.next() => std::process::exit(130),
        }
    })
}

/// Where the cloud lives.
enum State {
    Kept(DataDir),
    /// Removed at the end.
    Ephemeral(tempfile::TempDir),
}

impl State {
    fn open(up: &Up) -> Result<Self> {
        if up.ephemeral {
            let directory = tempfile::Builder::new().prefix("nuage-").tempdir();
            return Ok(State::Ephemeral(directory.attempt("no temporary directory can be made")?));
        }
        let path = match &up.data_dir {
            Some(path) => std::path::absolute(path).attempt("the data directory has no path")?,
            None => environment::data_dir()?,
        };
        Ok(State::Kept(DataDir::open(&path)?))
    }

    fn path(&self) -> &Path {
        match self {
            State::Kept(directory) => directory.path(),
            State::Ephemeral(directory) => directory.path(),
        }
    }

    /// Runtimes outlive an ephemeral cloud: installing them takes long.
    fn runtimes_dir(&self, up: &Up) -> Result<PathBuf> {
        match (self, &up.data_dir) {
            (State::Kept(directory), _) => Ok(directory.path().to_path_buf()),
            (State::Ephemeral(_), Some(path)) => Ok(path.clone()),
            (State::Ephemeral(own), None) => {
                Ok(environment::data_dir().unwrap_or_else(|_| own.path().to_path_buf()))
            }
        }
    }

    fn data_dir(&self) -> Option<&DataDir> {
        match self {
            State::Kept(directory) => Some(directory),
            State::Ephemeral(_) => None,
        }
    }
}

fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).map_err(|error| {
        let failure = Failure::new(format!("{address} can not be listened on: {error}"));
        match error.kind() {
            ErrorKind::AddrInUse => failure.hint(
                "if a cloud runs there already, `nuage status` tells; else take another --port, or 0 for any",
            ),
            ErrorKind::PermissionDenied => failure.hint("ports below 1024 need root; take another --port"),
            _ => failure,
        }
    })
}

/// The first line is for programs too: `--output json` makes it a JSON document.
fn announce(up: &Up, printer: Printer, state: &State, address: SocketAddr, ready_ms: u64) {
    let reachable = match address.ip() {
        ip if ip.is_unspecified() => SocketAddr::new(IpAddr::from([127, 0, 0, 1]), address.port()),
        _ => address,
    };
    let endpoint = format!("http://{reachable}");
    let version = env!("CARGO_PKG_VERSION");
    if printer.json {
        let ready = json!({
            "endpoint": endpoint,
            "port": address.port(),
            "ready_ms": ready_ms,
            "version": version,
            "data_dir": state.data_dir().map(|directory| directory.path()),
        });
        printer.raw(format!("{ready}\n").as_bytes());
        return;
    }
    // What the commands mean without the option.
    let meant = environment::variable("AWS_ENDPOINT_URL");
    let option = match endpoint == meant.as_deref().unwrap_or(environment::DEFAULT_ENDPOINT) {
        true => String::new(),
        false => format!(" --endpoint {endpoint}"),
    };
    let mut text = format!("nuage {version} is ready at {endpoint} after {ready_ms} ms\n");
    text += &match state {
        State::Kept(directory) => format!("  state        {}\n", directory.path().display()),
        State::Ephemeral(_) => {
            "  state        in memory; POST /_nuage/reset empties it\n".to_string()
        }
    };
    match state.data_dir().filter(|_| !up.listen.is_loopback()) {
        Some(directory) => {
            let path = directory.root_credentials_path();
            text += &format!("  credentials  of the root user: {}\n", path.display());
            text += "               the well-known key `test` is refused, because other machines can reach this address\n";
        }
        None => {
            text += &format!(
                "  use it       eval \"$(nuage env{option})\"; aws sts get-caller-identity\n"
            );
            text += &format!(
                "  or           nuage configure{option}; aws --profile nuage sts get-caller-identity\n"
            );
        }
    }
    printer.raw(text.as_bytes());
}

/// Readers see all of it or no file.
fn write_whole(path: &Path, text: &str) -> Result<()> {
    let partial = path.with_extension("partial");
    let written = fs::write(&partial, text).and_then(|()| fs::rename(&partial, path));
    written.attempt(format!("{} can not be written", path.display()))
}

fn start_log(up: &Up) -> Result<()> {
    let filter = EnvFilter::try_new(&up.log)
        .map_err(|error| Failure::new(format!("'{}' is no level of logging: {error}", up.log)))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(environment::colours_are_welcome() && std::io::stderr().is_terminal());
    match up.log_format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
    Ok(())
}

/// Connections and sandboxes need more files than the usual 1,024. What the administrator set as the hard limit stays.
fn raise_file_limit() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "the limit of open files could not be raised");
    }
}

/// What a signal asks for.
enum Asked {
    End,
    /// A runtime was installed.
    Look,
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
    user: Signal,
}

impl Signals {
    fn new() -> Result<Self> {
        let of = |kind| signal(kind).attempt("signals can not be received");
        Ok(Signals {
            interrupt: of(SignalKind::interrupt())?,
            terminate: of(SignalKind::terminate())?,
            user: of(SignalKind::user_defined1())?,
        })
    }

    async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.interrupt.recv() => Asked::End,
            _ = self.terminate.recv() => Asked::End,
            _ = self.user.recv() => Asked::Look,
        }
    }
}
