//! What others take for the same functions on this ground.

#![expect(clippy::disallowed_methods, reason = "a bench starts processes")]

mod rie;
mod serverless_offline;

use crate::functions::Host;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::process::{Child, Command};

/// Prints cold starts and warm invocations of each.
pub fn peers(host: &Host) {
    rie::measure(host);
    serverless_offline::measure(host);
}

/// A process and those that it has started.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.0.wait();
    }
}

fn event() -> Value {
    json!({ "n": 20 })
}

fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it is bound").to_string()
}
