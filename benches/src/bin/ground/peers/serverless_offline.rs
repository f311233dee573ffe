//! What serverless-offline takes for the function in Node.js: a plugin of the Serverless Framework that runs functions in
//! threads of its own process. It isolates nothing and checks no signature.
//! <https://github.com/dherault/serverless-offline>

#![expect(clippy::disallowed_methods, reason = "a bench measures time and starts processes")]

use super::{Group, event, free_address};
use crate::functions::{Host, Language, write};
use benches::client::{Answer, Client};
use benches::table::{self, Bar, Times};
use serde_json::Value;
use std::net::TcpStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Names the folder in which npm has installed both packages.
const FOLDER: &str = "NUAGE_BENCH_SERVERLESS_OFFLINE";
const PATH: &str = "/2015-03-31/functions/bench-dev-function/invocations";
const COLD: usize = 5;
const WARM: usize = 500;
/// It reads its configuration and loads its plugins before it listens.
const START_MAX: Duration = Duration::from_secs(60);

/// Prints the time to its first answer, and warm invocations.
pub fn measure(host: &Host) {
    const NAME: &str = "serverless-offline, Node.js";
    let Some(language) = host.languages.iter().find(|language| language.name == "Node.js") else {
        return table::skipped(NAME, "there is no Node.js");
    };
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else {
        let how = format!(
            "{FOLDER} names no folder; `npm install --prefix FOLDER serverless@3 serverless-offline@13` makes one"
        );
        return table::skipped(NAME, &how);
    };
    let cold: Result<Vec<_>, _> =
        (0..COLD).map(|_| Offline::start(&folder, host, language)).collect();
    let mut cold = match cold {
        Ok(cold) => cold,
        Err(reason) => return table::skipped(NAME, &reason),
    };
    let first = Times::new(cold.iter().map(|running| running.first_ms).collect());
    table::times(&format!("{NAME}: start to first answer"), &first, Bar::None, &[]);
    let running = &mut cold[0];
    let warm = (0..WARM).map(|_| benches::milliseconds(|| running.invoke().echoes(&event())));
    let warm = Times::new(warm.collect());
    table::times(&format!("{NAME}: warm invoke"), &warm, Bar::None, &[]);
}

/// One that has answered once; ends with everything that it has started.
struct Offline {
    _process: Group,
    client: Client,
    address: String,
    /// From its start to the first answer.
    first_ms: f64,
}

impl Offline {
    fn start(installed: &Path, host: &Host, language: &Language) -> Result<Self, String> {
        let modules = installed.join("node_modules");
        let program = modules.join("serverless/bin/serverless.js");
        if !program.exists() || !modules.join("serverless-offline").exists() {
            return Err(format!("{} lacks serverless or serverless-offline", modules.display()));
        }
        let folder = host.folder.path().join("serverless-offline");
        for (name, content) in &language.files {
            write(&folder.join(name), content);
        }
        let configuration = format!(
            "service: bench\nprovider: {{ name: aws, runtime: {} }}\nplugins: [serverless-offline]\n\
             functions: {{ function: {{ handler: {}, timeout: 30 }} }}\n",
            language.runtime, language.handler
        );
        write(&folder.join("serverless.yml"), configuration.as_bytes());
        let link = folder.join("node_modules");
        if !link.exists() {
            let linked = std::os::unix::fs::symlink(&modules, &link);
            linked.map_err(|error| format!("{}: {error}", link.display()))?;
        }
        let (address, http, websocket) = (free_address(), free_address(), free_address());
        let mut command = Command::new("node");
        command.arg(program).args(["offline", "start", "--host", "127.0.0.1"]);
        for (option, address) in
            [("--lambdaPort", &address), ("--httpPort", &http), ("--websocketPort", &websocket)]
        {
            command.args([option, address.rsplit(':').next().unwrap_or_default()]);
        }
        command
            .env("SLS_TELEMETRY_DISABLED", "1")
            .env("SLS_NOTIFICATIONS_MODE", "off")
            .env("CI", "1")
            .current_dir(&folder)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let began = Instant::now();
        let process = Group(command.spawn().map_err(|error| format!("node: {error}"))?);
        while TcpStream::connect(&address).is_err() {
            if began.elapsed() > START_MAX {
                return Err(format!("it does not listen after {} s", START_MAX.as_secs()));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let client = Client::new(&address);
        let mut running = Offline { _process: process, client, address, first_ms: 0.0 };
        let answer = running.invoke();
        running.first_ms = began.elapsed().as_secs_f64() * 1e3;
        match serde_json::from_slice::<Value>(&answer.body) {
            Ok(said) if said == event() => Ok(running),
            _ => Err(String::from_utf8_lossy(&answer.body).replace('\n', " ")),
        }
    }

    fn invoke(&mut self) -> Answer {
        let (event, address) = (event().to_string(), &self.address);
        let length = event.len();
        let head = format!("POST {PATH} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {length}");
        self.client.call(format!("{head}\r\n\r\n{event}").as_bytes())
    }
}
