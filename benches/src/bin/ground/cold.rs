//! Cold starts: the first invocation of a function that nobody has invoked.
//!
//! No environment, zygote's child or template of the function exists then; with SnapStart the template exists, which is
//! what SnapStart is. Pools hold sandboxes and interpreters without a function, of the runtimes that have functions.

use crate::functions::{Host, Language};
use crate::plain;
use benches::client::{Client, path};
use benches::cloud::Cloud;
use benches::table::{self, Bar, Times};
use http::Method;
use serde_json::json;
use std::time::Duration;

/// Functions of each language.
const FUNCTIONS: usize = 40;
/// After the first function of a runtime: its pool fills, for Java with an archive of classes before.
const FILLING: Duration = Duration::from_secs(6);

/// Prints cold starts beside the interpreter's own start.
pub fn cold(host: &Host) {
    for (name, reason) in &host.lacking {
        table::skipped(&format!("cold start, {name}"), reason);
    }
    // All of them first, while nothing else runs: ending containers and sandboxes goes on for a while.
    let floors: Vec<_> =
        host.languages.iter().map(|language| plain::fork_exec(language, 20)).collect();
    let contained: Vec<_> =
        host.languages.iter().map(|language| plain::runc(host, language, 10)).collect();
    let floors = floors.into_iter().zip(contained);
    std::thread::sleep(Duration::from_secs(1));
    let cloud = Cloud::start();
    let mut client = cloud.client();
    client.role(true);
    let there = host.languages.iter().enumerate().map(|(n, language)| {
        let function = format!("first{n}");
        create(&mut client, language, &function)?;
        first_of(&mut client, language, &function);
        Ok::<_, String>(())
    });
    let there: Vec<_> = there.collect();
    std::thread::sleep(FILLING);
    for ((language, (floor, contained)), there) in host.languages.iter().zip(floors).zip(there) {
        let name = format!("cold start, {}", language.name);
        let starts = match there.and_then(|()| starts(&mut client, language)) {
            Ok(starts) => starts,
            Err(reason) => {
                table::skipped(&name, &reason);
                continue;
            }
        };
        let mut beside = vec![("fork and exec", floor.p50())];
        beside.extend(contained.iter().map(|contained| ("runc run", contained.p50())));
        table::times(&name, &starts, Bar::Most(language.cold_ms), &beside);
        let plain = format!("- fork and exec of `{}`", short(language));
        table::times(&plain, &floor, Bar::None, &[]);
        match contained {
            Ok(times) => table::times("- `runc run` of the same", &times, Bar::None, &[]),
            Err(reason) => table::skipped("- `runc run` of the same", &reason),
        }
    }
}

/// First invocations of functions that were made for it. Before each the pools fill.
fn starts(client: &mut Client, language: &Language) -> Result<Times, String> {
    let mut times = Vec::new();
    for n in 0..FUNCTIONS {
        let function = format!("cold{n}");
        create(client, language, &function)?;
        std::thread::sleep(language.refill);
        times.push(first_of(client, language, &function));
        client.delete(&function);
    }
    Ok(Times::new(times))
}

fn create(client: &mut Client, language: &Language, function: &str) -> Result<(), String> {
    client.create(&language.parameters(function));
    let version = if language.snap_start { format!("{function}:1") } else { function.to_owned() };
    client.try_settled(&version)
}

fn first_of(client: &mut Client, language: &Language, function: &str) -> f64 {
    let event = json!({ "n": 20 });
    let qualifier = if language.snap_start { "?Qualifier=1" } else { "" };
    let path = path(function, &format!("/invocations{qualifier}"));
    let body = event.to_string();
    let request = client.signed(Method::POST, &path, "lambda", "application/json", body.as_bytes());
    let mut answer = None;
    let milliseconds = benches::milliseconds(|| answer = Some(client.call(&request)));
    answer.expect("it was called").echoes(&event);
    milliseconds
}

/// The command, without its folder.
fn short(language: &Language) -> String {
    let program = language.plain[0].rsplit('/').next().unwrap_or_default();
    let arguments: Vec<&str> = language.plain[1..].iter().map(String::as_str).collect();
    format!("{program} {}", arguments.join(" ").replace('\n', "; ")).trim().to_owned()
}
