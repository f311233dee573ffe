//! The server's memory as invocations go on.

use crate::functions::{Host, PYTHON, python};
use benches::cloud::Cloud;
use benches::table::{self, Bar};
use serde_json::json;

const INVOCATIONS: usize = 1_000_000;
/// Each has a caller of its own.
const FUNCTIONS: usize = 10;
/// Times that the memory is looked at.
const LOOKS: usize = 10;
/// Growth between the first look and the last that is taken for none.
const GROWTH_MIB: f64 = 8.0;

/// Prints the memory after every tenth of them, then how much it has grown.
pub fn invocations(host: &Host) {
    let cloud = Cloud::start();
    let mut client = cloud.client();
    // Without logs, which take disk and, for a page cache of their own, memory.
    client.role(false);
    let names: Vec<String> = (0..FUNCTIONS).map(|n| format!("f{n}")).collect();
    for name in &names {
        client.create(&python(host, name, PYTHON));
        client.settled(name);
    }
    let began = benches::Stopwatch::start();
    let mut sizes = Vec::new();
    for look in 1..=LOOKS {
        std::thread::scope(|scope| {
            for name in &names {
                let cloud = &cloud;
                scope.spawn(move || {
                    let mut client = cloud.client();
                    let request = client.invocation(name, &json!({ "n": 20 }));
                    for _ in 0..INVOCATIONS / FUNCTIONS / LOOKS {
                        assert_eq!(client.call(&request).status, 200);
                    }
                });
            }
        });
        sizes.push(cloud.server_mib());
        let name = format!("- server after {} invocations", INVOCATIONS / LOOKS * look);
        table::number(&name, sizes[look - 1], "MiB", Bar::None, &[]);
    }
    let growth = sizes[LOOKS - 1] - sizes[0];
    let name = "memory of the server: growth from a tenth of a million invocations to a million";
    table::number(name, growth, "MiB", Bar::Most(GROWTH_MIB), &[]);
    let rate = INVOCATIONS as f64 / began.seconds();
    table::number("- the rate meanwhile", rate, "/s", Bar::None, &[]);
}
