//! Whether calls are as fast with many functions as with few.

use crate::functions::{Host, PYTHON, python};
use benches::client::{Client, path};
use benches::cloud::Cloud;
use benches::median;
use benches::table::{self, Bar};
use http::Method;
use serde_json::json;

const FEW: usize = 10;
const MANY: usize = 10_000;
/// Calls that a figure is the median of.
const CALLS: usize = 300;

/// Prints each figure with many functions beside the same with few.
pub fn many(host: &Host) {
    let cloud = Cloud::start();
    let mut client = cloud.client();
    client.role(true);
    let create = |client: &mut Client, n: usize| client.create(&python(host, &name(n), PYTHON));
    (0..FEW).for_each(|n| create(&mut client, n));
    client.settled(&name(FEW - 1));
    let few = figures(&mut client, host, FEW);
    let began = benches::Stopwatch::start();
    (FEW..MANY).for_each(|n| create(&mut client, n));
    let per_second = (MANY - FEW) as f64 / began.seconds();
    client.settled(&name(MANY - 1));
    let many = figures(&mut client, host, MANY);
    for ((name, few), (_, many)) in few.iter().zip(&many) {
        let name = format!("{name}: {few:.3} ms with {FEW} functions, {many:.3} ms with {MANY}");
        table::number(&name, many / few, "×", Bar::Most(1.5), &[]);
    }
    table::number(&format!("- {MANY} functions were made"), per_second, "/s", Bar::None, &[]);
}

fn name(n: usize) -> String {
    format!("f{n:07}")
}

/// Medians by name, in milliseconds, while there are so many functions.
fn figures(client: &mut Client, host: &Host, functions: usize) -> Vec<(&'static str, f64)> {
    let names: Vec<String> = (0..60).map(|n| format!("new{functions}-{n}")).collect();
    let once = |name: &String| {
        let parameters = python(host, name, PYTHON);
        let time = benches::milliseconds(|| client.create(&parameters));
        client.settled(name);
        time
    };
    let create: Vec<f64> = names.iter().map(once).collect();
    names.iter().for_each(|name| client.delete(name));
    let event = json!({ "n": 20 });
    let function = name(functions / 2);
    let get = |path: &str| client.signed(Method::GET, path, "lambda", "application/json", b"");
    // A page of as many as there are in the smaller case.
    let list = get("/2015-03-31/functions?MaxItems=10");
    let one = get(&path(&function, ""));
    let invoke = client.invocation(&function, &event);
    let mut median_of = |request: &[u8], calls: usize| {
        let mut once = || benches::milliseconds(|| assert_eq!(client.call(request).status, 200));
        // The first of all is cold.
        once();
        median((0..calls).map(|_| once()).collect())
    };
    vec![
        ("CreateFunction", median(create)),
        ("ListFunctions, first page", median_of(&list, CALLS)),
        ("GetFunction", median_of(&one, CALLS)),
        ("Invoke, warm", median_of(&invoke, 10 * CALLS)),
    ]
}
