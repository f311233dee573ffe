//! The memory of environments that wait.
//!
//! Everything counts: what the host has less of than before the server started (which holds the kernel's objects, page
//! tables and temporary file systems too), and the processes' own pages, those of several counted once. The larger of the
//! two is the figure.

use crate::functions::Host;
use crate::scale;
use benches::cloud::{Cloud, available_mib};
use benches::table::{self, Bar, Times};
use serde_json::json;
use std::time::Duration;

const ENVIRONMENTS: usize = 1_000;

/// What is available when the kernel has given back what ran before: the objects of networks and control groups go seconds
/// after their last process, and would be taken for what the server does not need.
fn settled_available_mib() -> f64 {
    let mut last = available_mib();
    for _ in 0..60 {
        std::thread::sleep(Duration::from_secs(1));
        let now = available_mib();
        if (now - last).abs() < 1.0 {
            return now;
        }
        last = now;
    }
    last
}

/// Prints the memory of many idle environments, and what a warm invocation takes among them.
pub fn idle(host: &Host) {
    let before = settled_available_mib();
    let cloud = Cloud::start();
    let mut client = cloud.client();
    client.role(true);
    scale::prepare(&mut client, host);
    let (empty_host, (empty, _)) = (before - available_mib(), cloud.processes_mib());
    let (_, mut clients) = scale::fill(&cloud, ENVIRONMENTS, 15);
    std::thread::sleep(Duration::from_secs(4));
    let (host_mib, (processes_mib, processes)) = (before - available_mib(), cloud.processes_mib());
    let gib = |mib: f64| mib / 1024.0;
    let name = format!("{ENVIRONMENTS} idle Python environments, everything counted");
    let most = gib(host_mib.max(processes_mib));
    let each = (host_mib - empty_host) / ENVIRONMENTS as f64;
    table::number(&name, most, "GiB", Bar::Most(2.5), &[]);
    table::number("- what the host has less", host_mib, "MiB", Bar::None, &[]);
    table::number("- the same before them", empty_host, "MiB", Bar::None, &[]);
    table::number("- each of them", each, "MiB", Bar::None, &[]);
    let name = format!("- pages of the {processes} processes (PSS)");
    table::number(&name, processes_mib, "MiB", Bar::None, &[]);
    table::number("- the same before them", empty, "MiB", Bar::None, &[]);
    table::number("- the server's own", cloud.server_mib(), "MiB", Bar::None, &[]);
    let request = client.invocation("holds", &json!(0));
    let times = (0..2_000).map(|n| {
        let client = &mut clients[n % ENVIRONMENTS];
        benches::milliseconds(|| assert_eq!(client.call(&request).status, 200))
    });
    let times = Times::new(times.collect());
    table::times("- warm invoke among them", &times, Bar::None, &[]);
}
