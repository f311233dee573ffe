//! How long a sandbox takes: creation, assignment until the program speaks, end; beside a plain fork and exec.
//!
//! `sandbox_cold [COUNT]`, as root for the full sandbox. Prints medians and 99th percentiles in milliseconds. It is its
//! own spawner: the first argument `__spawner` leads there.

#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock and starts a process to compare with"
)]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use engine_function::{Assignment, Boot, RootSpec, SandboxSpec, Spawner, SpawnerConfig};

/// Time between two rounds: the spawner fills its pool meanwhile, as it does between a service's cold starts.
const PAUSE: Duration = Duration::from_millis(5);

const PYTHON_WAITS: &str =
    "import os\nd = os.read(3, 65536)\nwhile os.read(3, 65536): pass\nos.write(1, b'x')";

fn main() {
    if std::env::args().nth(1).as_deref() == Some("__spawner") {
        engine_function::spawner_main()
    }
    let count = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(200);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(run(count));
}

async fn run(count: usize) {
    let state = std::env::temp_dir().join(format!("nuage-bench-{}", std::process::id()));
    let config = SpawnerConfig { state_dir: state.clone(), endpoint_port: 4566 };
    let spawner =
        Spawner::start(Path::new("/proc/self/exe"), config).await.expect("the spawner starts");
    println!("{:?}", spawner.capabilities());
    plain("/bin/true: fork, exec, exit", count, &["/bin/true"]);
    measure(&spawner, "waiting, /bin/echo", count, None, &["/bin/echo", "x"]).await;
    if Path::new("/usr/bin/python3").exists() {
        let boot = ["/usr/bin/python3", "-I", "-S", "-c", PYTHON_WAITS];
        plain(
            "python3 -c pass: fork, exec, exit",
            count,
            &["/usr/bin/python3", "-I", "-S", "-c", "pass"],
        );
        measure(&spawner, "booted, python3", count, Some(&boot), &[]).await;
    }
    drop(spawner);
    let _ = std::fs::remove_dir(state);
}

fn plain(name: &str, count: usize, argv: &[&str]) {
    let times = (0..count).map(|_| {
        let start = Instant::now();
        let mut child =
            Command::new(argv[0]).args(&argv[1..]).stdin(Stdio::null()).spawn().expect("it starts");
        child.wait().expect("it ends");
        start.elapsed()
    });
    report(name, times.collect());
}

async fn measure(
    spawner: &Spawner,
    name: &str,
    count: usize,
    boot: Option<&[&str]>,
    argv: &[&str],
) {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let environment = BTreeMap::from([("PATH".to_owned(), "/usr/bin:/bin".to_owned())]);
    let boot = boot.map(|argv| Boot { argv: texts(argv), environment: environment.clone() });
    let spec = SandboxSpec { root: RootSpec::host(), boot, ..SandboxSpec::default() };
    let [mut created, mut assigned, mut first, mut killed] = [const { Vec::new() }; 4];
    for _ in 0..count {
        tokio::time::sleep(PAUSE).await;
        let start = Instant::now();
        let sandbox = spawner.create(spec.clone()).await.expect("created");
        created.push(start.elapsed());
        if spec.boot.is_some() {
            // Until the interpreter waits for its assignment.
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        let assignment = Assignment {
            code: Some("/usr/share".into()),
            memory_mib: 256,
            tmp_mib: 512,
            argv: texts(argv),
            environment: environment.clone(),
            ..Assignment::default()
        };
        let start = Instant::now();
        sandbox.assign(assignment).await.expect("assigned");
        assigned.push(start.elapsed());
        let output = sandbox.output.try_clone().expect("a descriptor");
        let read = move || File::from(output).read(&mut [0; 1]);
        let length = tokio::task::spawn_blocking(read).await.expect("a thread").expect("a byte");
        first.push(start.elapsed());
        assert_eq!(length, 1, "the program said nothing");
        let start = Instant::now();
        sandbox.kill().await;
        killed.push(start.elapsed());
    }
    report(&format!("{name}: create"), created);
    report(&format!("{name}: assign"), assigned);
    report(&format!("{name}: assign to first output"), first);
    report(&format!("{name}: kill"), killed);
}

fn report(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at =
        |share: usize| times[(times.len() * share / 100).min(times.len() - 1)].as_secs_f64() * 1e3;
    println!("{name:48} p50 {:7.3} ms   p99 {:7.3} ms", at(50), at(99));
}
