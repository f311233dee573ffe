//! Lambda's figures through the signed API, each beside its bar and, from the same run, beside what the ground itself takes
//! and what others take on it.
//!
//!     cargo build --release -p nuage -p benches && target/release/ground [TOPIC…]
//!
//! Run it as root, or there are no pools of forked interpreters. `NUAGE_BINARY` names another binary than the `nuage` beside
//! this program, `NUAGE_BENCH_RIE` AWS's Runtime Interface Emulator; it is also looked for where `pip install
//! aws-sam-cli` puts it. `NUAGE_BENCH_SERVERLESS_OFFLINE` names a folder with `node_modules` that hold `serverless` and
//! `serverless-offline`. What is missing on this host is printed as skipped. README.md says what the figures mean.

mod authorization;
mod cold;
mod fairness;
mod functions;
mod idle;
mod invocations;
mod many;
mod peers;
mod plain;
mod scale;
mod throttled;
mod warm;

use functions::Host;

/// A name and what prints its figures.
type Topic = (&'static str, fn(&Host));

/// What it can measure, in this order.
const TOPICS: [Topic; 10] = [
    ("cold", cold::cold),
    ("peers", peers::peers),
    ("warm", warm::warm),
    ("authorization", authorization::authorization),
    ("throttled", throttled::throttled),
    ("fairness", fairness::fairness),
    ("scale", scale::scale),
    ("idle", idle::idle),
    ("many", many::many),
    ("invocations", invocations::invocations),
];

fn main() {
    let chosen: Vec<String> = std::env::args().skip(1).collect();
    if let Some(unknown) = chosen.iter().find(|name| TOPICS.iter().all(|topic| topic.0 != *name)) {
        let names = TOPICS.map(|topic| topic.0).join(" ");
        eprintln!("{unknown} is not measured; there are: {names}");
        std::process::exit(2);
    }
    let host = Host::look();
    benches::table::head();
    for (name, measure) in TOPICS {
        if chosen.is_empty() || chosen.iter().any(|chosen| chosen == name) {
            measure(&host);
        }
    }
}
