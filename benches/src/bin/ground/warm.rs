//! Invocations of functions whose environments are warm.

use crate::functions::{Host, PYTHON, python};
use benches::cloud::Cloud;
use benches::table::{self, Bar, Times};
use http::Method;
use serde_json::json;
use std::sync::Barrier;
use std::time::Duration;

/// Invocations that are timed one by one.
const INVOCATIONS: usize = 10_000;
/// Environments, and connections, of the rate.
const ENVIRONMENTS: usize = 10;
const EACH: usize = 8_000;

/// Prints one by one, then at once; with a role that writes logs and with one that may not.
pub fn warm(host: &Host) {
    for (logs, what) in [(true, ""), (false, ", without logs")] {
        let cloud = Cloud::start();
        let mut client = cloud.client();
        client.role(logs);
        client.create(&python(host, "warm", PYTHON));
        client.settled("warm");
        let times = one_by_one(&cloud, "warm", INVOCATIONS);
        let name = format!("warm invoke, Python{what}");
        let identity = identity(&cloud);
        let beside = [("GetCallerIdentity", identity.p50())];
        table::times_with_p99(&name, &times, [0.25, 2.0], &beside);
        table::times(&format!("- GetCallerIdentity{what}"), &identity, Bar::None, &[]);
        let rate = rate(&cloud, "warm");
        let name = format!("no-op Python invocations, {ENVIRONMENTS} environments{what}");
        table::number(&name, rate, "/s", Bar::Least(12_000.0), &[]);
    }
}

/// `count` invocations over one connection, after some that nobody times.
pub fn one_by_one(cloud: &Cloud, function: &str, count: usize) -> Times {
    let (mut client, event) = (cloud.client(), json!({ "n": 20 }));
    let request = client.invocation(function, &event);
    (0..500).for_each(|_| client.call(&request).echoes(&event));
    let mut answers = Vec::new();
    let times =
        (0..count).map(|_| benches::milliseconds(|| answers.push(client.call(&request)))).collect();
    answers.iter().for_each(|answer| answer.echoes(&event));
    Times::new(times)
}

/// The smallest signed call.
fn identity(cloud: &Cloud) -> Times {
    let mut client = cloud.client();
    let form = b"Action=GetCallerIdentity&Version=2011-06-15";
    let form_type = "application/x-www-form-urlencoded";
    let request = client.signed(Method::POST, "/", "sts", form_type, form);
    (0..500).for_each(|_| assert_eq!(client.call(&request).status, 200));
    let once = |_| benches::milliseconds(|| assert_eq!(client.call(&request).status, 200));
    Times::new((0..5_000).map(once).collect())
}

/// Invocations per second over as many connections as environments.
fn rate(cloud: &Cloud, function: &str) -> f64 {
    let (ready, go) = (Barrier::new(ENVIRONMENTS + 1), Barrier::new(ENVIRONMENTS + 1));
    let began = std::thread::scope(|scope| {
        for _ in 0..ENVIRONMENTS {
            scope.spawn(|| {
                let (mut client, event) = (cloud.client(), json!({ "n": 20 }));
                let request = client.invocation(function, &event);
                (0..300).for_each(|_| client.call(&request).echoes(&event));
                ready.wait();
                go.wait();
                for _ in 0..EACH {
                    assert_eq!(client.call(&request).status, 200);
                }
            });
        }
        ready.wait();
        // What the first invocations have left to do is done.
        std::thread::sleep(Duration::from_millis(500));
        let began = benches::Stopwatch::start();
        go.wait();
        began
    });
    (ENVIRONMENTS * EACH) as f64 / began.seconds()
}
