//! How long a caller waits to be told that there is no concurrency left.

use crate::functions::{Host, python};
use benches::client::Client;
use benches::cloud::Cloud;
use benches::table::{self, Times};
use serde_json::json;
use std::time::Duration;

const CALLS: usize = 5_000;
/// Callers at once, and how many of their calls are timed.
const CALLERS: usize = 8;
const EACH: usize = 2_000;

/// Sleeps as long as its event says.
pub const SLEEPS: &str = "\
import time
def handler(event, context):
    time.sleep(event)
    return event
";

/// Prints one caller's times, then several's.
pub fn throttled(host: &Host) {
    let cloud = Cloud::start();
    let mut client = cloud.client();
    client.role(true);
    client.create(&python(host, "busy", SLEEPS));
    client.settled("busy");
    client.reserve("busy", 1);
    let mut holder = cloud.client();
    let hold = holder.invocation("busy", &json!(50));
    holder.write(&hold);
    // It must come first, or it would be the one that is refused.
    std::thread::sleep(Duration::from_millis(200));
    let request = client.invocation("busy", &json!(0));
    // Until the one that holds the concurrency has it.
    while client.call(&request).status != 429 {}
    let one = Times::new(refused(&mut client, &request, CALLS));
    table::times_with_p99("throttled, 1 caller", &one, [2.0, 2.0], &[]);
    let times = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS)
            .map(|_| scope.spawn(|| refused(&mut cloud.client(), &request, EACH)))
            .collect();
        callers.into_iter().flat_map(|caller| caller.join().expect("it ends")).collect()
    });
    let name = format!("throttled, {CALLERS} callers that try again at once");
    table::times_with_p99(&name, &Times::new(times), [2.0, 2.0], &[]);
}

fn refused(client: &mut Client, request: &[u8], count: usize) -> Vec<f64> {
    let mut once = || benches::milliseconds(|| assert_eq!(client.call(request).status, 429));
    (0..count).map(|_| once()).collect()
}
