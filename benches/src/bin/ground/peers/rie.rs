//! What AWS's Runtime Interface Emulator takes for the same functions, with the same interface clients. It isolates nothing,
//! checks no signature and runs one function, one invocation at a time.
//! <https://github.com/aws/aws-lambda-runtime-interface-emulator>

#![expect(clippy::disallowed_methods, reason = "a bench measures time and starts processes")]

use super::{Group, event, free_address};
use crate::functions::{Host, Language, ask, write};
use benches::client::{Answer, Client};
use benches::table::{self, Bar, Times};
use serde_json::Value;
use std::net::TcpStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const PATH: &str = "/2015-03-31/functions/function/invocations";
const COLD: usize = 10;
const WARM: usize = 500;

/// Prints cold starts and warm invocations of the emulator.
pub fn measure(host: &Host) {
    let emulator = match emulator() {
        Ok(emulator) => emulator,
        Err(reason) => return table::skipped("AWS's RIE", &reason),
    };
    for language in host.languages.iter().filter(|language| !language.snap_start) {
        let name = format!("AWS's RIE, {}", language.name);
        let cold: Result<Vec<_>, _> =
            (0..COLD).map(|_| Emulated::start(&emulator, host, language)).collect();
        let mut cold = match cold {
            Ok(cold) => cold,
            Err(reason) => {
                table::skipped(&name, &reason);
                continue;
            }
        };
        let first = Times::new(cold.iter().map(|running| running.first_ms).collect());
        table::times(&format!("{name}: start to first answer"), &first, Bar::None, &[]);
        let running = &mut cold[0];
        let warm = (0..WARM).map(|_| benches::milliseconds(|| running.invoke().echoes(&event())));
        let warm = Times::new(warm.collect());
        table::times(&format!("{name}: warm invoke"), &warm, Bar::None, &[]);
    }
}

/// Where the emulator is.
fn emulator() -> Result<PathBuf, String> {
    if let Some(path) = std::env::var_os("NUAGE_BENCH_RIE") {
        return Ok(path.into());
    }
    let folder =
        ask(&["python3", "-c", "import samcli, os; print(os.path.dirname(samcli.__file__))"])
            .map_err(|_| "aws-sam-cli is not installed and NUAGE_BENCH_RIE names no program")?;
    let machine = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    Ok(PathBuf::from(folder).join(format!("local/rapid/aws-lambda-rie-{machine}")))
}

/// An emulator that has answered once; ends with everything it has started.
struct Emulated {
    _process: Group,
    client: Client,
    address: String,
    /// From its start to the first answer.
    first_ms: f64,
}

impl Emulated {
    fn start(emulator: &Path, host: &Host, language: &Language) -> Result<Self, String> {
        let folder = host.folder.path().join(format!("rie-{}", language.runtime));
        for (name, content) in &language.files {
            write(&folder.join(name), content);
        }
        // A script, because the emulator takes the second word of a command for the handler's name.
        let words = language.client.iter().map(|word| format!(" '{word}'")).collect::<String>();
        let script = folder.join("client.sh");
        let commands = format!("export _HANDLER='{}'\nexec{words}\n", language.handler);
        write(&script, commands.as_bytes());
        let (address, api) = (free_address(), free_address());
        let mut command = Command::new(emulator);
        command
            .args(["--log-level", "error", "--runtime-interface-emulator-address", &address])
            .args(["--runtime-api-address", &api, "/bin/sh"])
            .arg(&script)
            .env("LAMBDA_TASK_ROOT", &folder)
            .env("AWS_LAMBDA_FUNCTION_TIMEOUT", "30")
            .current_dir(&folder)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let began = Instant::now();
        let process = Group(command.spawn().expect("the emulator starts"));
        while TcpStream::connect(&address).is_err() {
            if began.elapsed() > Duration::from_secs(10) {
                return Err("it does not listen".to_owned());
            }
            std::thread::sleep(Duration::from_micros(200));
        }
        let client = Client::new(&address);
        let mut running = Emulated { _process: process, client, address, first_ms: 0.0 };
        let answer = running.invoke();
        running.first_ms = began.elapsed().as_secs_f64() * 1e3;
        match serde_json::from_slice::<Value>(&answer.body) {
            Ok(said) if said == event() => Ok(running),
            _ => {
                let said = String::from_utf8_lossy(&answer.body).replace('\n', " ");
                Err(format!("it answered {} {said}", answer.status))
            }
        }
    }

    fn invoke(&mut self) -> Answer {
        let (event, address) = (event().to_string(), &self.address);
        let length = event.len();
        let head = format!("POST {PATH} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {length}");
        self.client.call(format!("{head}\r\n\r\n{event}").as_bytes())
    }
}
