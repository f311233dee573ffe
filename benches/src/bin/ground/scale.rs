//! From no environment to many at once.

#![expect(clippy::disallowed_methods, reason = "functions tell their time by the host's clock")]

use crate::functions::{Host, python};
use benches::client::Client;
use benches::cloud::Cloud;
use benches::table::{self, Bar};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

const ENVIRONMENTS: usize = 500;

/// Tells when it was invoked, and for the how manieth time in its environment; then stays as long as its event says.
const HOLDS: &str = "\
import time
invocations = 0
def handler(event, context):
    global invocations
    invocations += 1
    began = time.time()
    time.sleep(event)
    return [began, invocations]
";

/// Prints how many environments came up per second.
pub fn scale(host: &Host) {
    let cloud = Cloud::start();
    let mut client = cloud.client();
    client.role(true);
    prepare(&mut client, host);
    let (rate, _held) = fill(&cloud, ENVIRONMENTS, 5);
    let name = format!("0 → {ENVIRONMENTS} environments, Python");
    table::number(&name, rate, "/s", Bar::Least(300.0), &[]);
}

/// Makes the function whose environments are counted, and lets the runtime's pool fill.
pub fn prepare(client: &mut Client, host: &Host) {
    client.create(&python(host, "holds", HOLDS));
    client.settled("holds");
    std::thread::sleep(std::time::Duration::from_secs(2));
}

/// Invokes the function so often at once that each invocation has an environment of its own for `hold_s` seconds; how many
/// began per second, and the connections.
pub fn fill(cloud: &Cloud, environments: usize, hold_s: u32) -> (f64, Vec<Client>) {
    let mut clients: Vec<Client> = (0..environments).map(|_| cloud.client()).collect();
    let request = clients[0].invocation("holds", &json!(hold_s));
    let began = now_s();
    clients.iter_mut().for_each(|client| client.write(&request));
    let mut last = began;
    for client in &mut clients {
        let answer = client.read();
        let said: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        let text = String::from_utf8_lossy(&answer.body);
        assert_eq!(answer.status, 200, "{text}");
        assert_eq!(said[1], 1, "its own environment: {text}");
        last = said[0].as_f64().unwrap_or(f64::NAN).max(last);
    }
    (environments as f64 / (last - began), clients)
}

fn now_s() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(f64::NAN, |time| time.as_secs_f64())
}
