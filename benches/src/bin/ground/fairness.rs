//! What one function's storm costs another.
//!
//! The storm: callers of a function that sleeps, many more than the environments that it may have, who try again at once
//! when they are refused. The other is invoked one by one in its warm environment, and cold.

use crate::functions::{Host, PYTHON, python};
use crate::throttled::SLEEPS;
use crate::warm;
use benches::cloud::Cloud;
use benches::table::{self, Bar, Times};
use serde_json::json;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

const ENVIRONMENTS: u32 = 8;
const CALLERS: usize = 32;
const INVOCATIONS: usize = 3_000;
const COLD: usize = 20;

/// Prints the other function's times in quiet and in the storm.
pub fn fairness(host: &Host) {
    let cloud = Cloud::start();
    let mut client = cloud.client();
    client.role(true);
    for (function, source) in [("storm", SLEEPS), ("other", PYTHON)] {
        client.create(&python(host, function, source));
        client.settled(function);
    }
    client.reserve("storm", ENVIRONMENTS);
    let quiet = warm::one_by_one(&cloud, "other", INVOCATIONS);
    let quiet_cold = Times::new(cold(&cloud, host, "quiet"));
    let (over, served, refused) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..CALLERS {
            scope.spawn(|| {
                let mut client = cloud.client();
                let request = client.invocation("storm", &json!(0.02));
                while !over.load(Ordering::Relaxed) {
                    let count =
                        if client.call(&request).status == 200 { &served } else { &refused };
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let began = benches::Stopwatch::start();
        let storm = warm::one_by_one(&cloud, "other", INVOCATIONS);
        let storm_cold = Times::new(cold(&cloud, host, "storm"));
        over.store(true, Ordering::Relaxed);
        let per_second = |count: &AtomicU64| count.load(Ordering::Relaxed) as f64 / began.seconds();
        table::times("warm invoke, nothing else", &quiet, Bar::None, &[]);
        let name = format!("warm invoke beside {CALLERS} callers of a function of {ENVIRONMENTS}");
        table::times(&name, &storm, Bar::None, &[("alone", quiet.p50())]);
        table::times("cold start, nothing else", &quiet_cold, Bar::None, &[]);
        table::times(
            "cold start beside them",
            &storm_cold,
            Bar::None,
            &[("alone", quiet_cold.p50())],
        );
        table::number("- the storm: answered", per_second(&served), "/s", Bar::None, &[]);
        table::number("- the storm: refused", per_second(&refused), "/s", Bar::None, &[]);
    });
}

fn cold(cloud: &Cloud, host: &Host, name: &str) -> Vec<f64> {
    let (mut client, event) = (cloud.client(), json!({ "n": 20 }));
    let mut once = |n: usize| {
        let function = format!("{name}{n}");
        client.create(&python(host, &function, PYTHON));
        client.settled(&function);
        std::thread::sleep(std::time::Duration::from_millis(100));
        let request = client.invocation(&function, &event);
        benches::milliseconds(|| client.call(&request).echoes(&event))
    };
    (0..COLD).map(&mut once).collect()
}
