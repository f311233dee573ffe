//! The life of a sandbox, seen from the host: creation, assignment, freezing, limits, end.

mod host;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::Duration;

use engine_function::{Assignment, Boot, Error, RootSpec, SandboxSpec};
use host::{
    children, command, eventually, family, is_root, line, line_of, output, path, shell, spawner,
    texts, waiting,
};

/// A booted Python that reads its assignment, then runs what the environment variable CODE says.
const PYTHON: &str = "/usr/bin/python3";
const BOOTSTRAP: &str = "import json, os\nwith os.fdopen(3) as pipe: given = json.load(pipe)['environment']\n\
                         os.environ.update(given)\nos.chdir('/var/task')\nexec(given['CODE'])";

fn booted() -> SandboxSpec {
    let boot = Boot { argv: texts(&[PYTHON, "-S", "-c", BOOTSTRAP]), environment: path() };
    SandboxSpec { root: RootSpec::host(), boot: Some(boot), ..SandboxSpec::default() }
}

fn python(code: &str) -> Assignment {
    let mut assignment = command(&[]);
    assignment.environment.insert("CODE".to_owned(), code.to_owned());
    assignment
}

/// Says why a test does not run here. The caller returns.
fn skipped(name: &str, reason: &str) {
    println!("skipped: {name}: {reason}");
}

fn folder(path: &Path, files: &[(&str, &str)]) {
    fs::create_dir_all(path).expect("a folder");
    for (name, content) in files {
        fs::write(path.join(name), content).expect("a file");
    }
}

#[tokio::test]
async fn a_waiting_sandbox_runs_its_program() {
    let state = tempfile::tempdir().expect("a folder");
    let spawner = spawner(state.path()).await;
    let sandbox = spawner.create(waiting()).await.expect("created");
    sandbox.assign(shell("id; hostname; pwd; exit 3")).await.expect("assigned");
    let text = output(&sandbox).await;
    let status = sandbox.exited().await;
    assert_eq!(status.code, Some(3));
    assert_eq!(
        text,
        "uid=993(sbx_user1051) gid=990(sbx_user1051) groups=990(sbx_user1051)\n169-254-1-2\n/var/task\n"
    );
}

#[tokio::test]
async fn a_booted_sandbox_reads_its_assignment() {
    if !Path::new(PYTHON).exists() {
        return skipped("a_booted_sandbox_reads_its_assignment", "no /usr/bin/python3");
    }
    let state = tempfile::tempdir().expect("a folder");
    let code = tempfile::tempdir().expect("a folder");
    folder(&code.path().join("code"), &[("handler.py", "print('handled')")]);
    let spawner = spawner(state.path()).await;
    let sandbox = spawner.create(booted()).await.expect("created");
    let assignment = Assignment {
        code: Some(code.path().join("code")),
        ..python("import handler, sys; sys.exit(4)")
    };
    let mut assignment = assignment;
    assignment.environment.insert("PYTHONPATH".to_owned(), "/var/task".to_owned());
    assignment.environment.insert(
        "CODE".to_owned(),
        "import sys; sys.path[0:0] = ['/var/task']; import handler; sys.exit(4)".to_owned(),
    );
    sandbox.assign(assignment).await.expect("assigned");
    assert_eq!(output(&sandbox).await, "handled\n");
    assert_eq!(sandbox.exited().await.code, Some(4));
}

#[tokio::test]
async fn layers_lie_over_each_other() {
    let state = tempfile::tempdir().expect("a folder");
    let files = tempfile::tempdir().expect("a folder");
    folder(&files.path().join("a"), &[("both", "first"), ("a", "a")]);
    // A colon would end a path in overlay's own options.
    folder(&files.path().join("b:c"), &[("both", "last"), ("b", "b")]);
    let spawner = spawner(state.path()).await;
    let sandbox = spawner.create(waiting()).await.expect("created");
    let layers = vec![files.path().join("a"), files.path().join("b:c")];
    sandbox
        .assign(Assignment { layers, ..shell("cat /opt/a /opt/b /opt/both; ls /var/task") })
        .await
        .expect("assigned");
    assert_eq!(output(&sandbox).await, "ablast");
}

#[tokio::test]
async fn extensions_run_beside_the_program() {
    let state = tempfile::tempdir().expect("a folder");
    let spawner = spawner(state.path()).await;
    let sandbox = spawner.create(waiting()).await.expect("created");
    let extension = texts(&["/bin/sh", "-c", "echo extension $PATH; exit 7"]);
    let extensions = vec![texts(&["/bin/sleep", "1000"]), extension];
    let script = "trap 'echo asked; exit 5' TERM; echo program; while :; do sleep 0.01; done";
    let pipe = sandbox.assign(Assignment { extensions, ..shell(script) }).await.expect("assigned");
    assert_eq!(line_of(&pipe.expect("a pipe")).await, "extension /usr/bin:/bin");
    let (extension, status) = sandbox.extension_exited().await;
    assert_eq!((extension, status.code), (1, Some(7)));
    // The program begins when it is released, and extensions outlive it.
    sandbox.release();
    assert_eq!(line(&sandbox).await, "program");
    sandbox.terminate_program().await.expect("asked");
    assert_eq!(line(&sandbox).await, "asked");
    assert_eq!(sandbox.program_exited().await.code, Some(5));
    assert!(sandbox.program_has_ended() && !sandbox.has_ended());
    sandbox.kill().await;
}

#[tokio::test]
async fn a_sandbox_takes_one_assignment_within_bounds() {
    let state = tempfile::tempdir().expect("a folder");
    let spawner = spawner(state.path()).await;
    let sandbox = spawner.create(waiting()).await.expect("created");
    let refused = |result: engine_function::Result<_>| matches!(result, Err(Error::OutOfBounds(_)));
    assert!(refused(sandbox.assign(Assignment { memory_mib: 20_000, ..shell("true") }).await));
    assert!(refused(sandbox.assign(Assignment { argv: Vec::new(), ..shell("true") }).await));
    let mut long = shell("true");
    long.environment.insert("LONG".to_owned(), "x".repeat(40_000));
    assert!(refused(sandbox.assign(long).await));
    let absent = Assignment { code: Some("/does/not/exist".into()), ..shell("true") };
    let error = sandbox.assign(absent).await.expect_err("no such code");
    assert!(matches!(&error, Error::Refused(text) if text.contains("/does/not/exist")), "{error}");
    sandbox.assign(shell("sleep 1000")).await.expect("nothing was touched by the refusals");
    assert!(matches!(sandbox.assign(shell("true")).await, Err(Error::Refused(_))));
    sandbox.kill().await;
    assert!(matches!(sandbox.assign(shell("true")).await, Err(Error::SandboxEnded)));
}

#[tokio::test]
async fn arguments_arrive_as_they_are() {
    let state = tempfile::tempdir().expect("a folder");
    let spawner = spawner(state.path()).await;
    let sandbox = spawner.create(waiting()).await.expect("created");
    let script = "echo $# \"$1|$2|$3\"; echo \"$EMPTY|$TEXT\"";
    let mut assignment = command(&["/bin/sh", "-c", script, "sh", "", "a b", "ü\n"]);
    assignment.environment.insert("EMPTY".to_owned(), String::new());
    assignment.environment.insert("TEXT".to_owned(), "x=y\nz \"'".to_owned());
    sandbox.assign(assignment).await.expect("assigned");
    assert_eq!(output(&sandbox).await, "3 |a b|ü\n\n|x=y\nz \"'\n");
}

#[tokio::test]
async fn an_absent_program_is_told_from_an_unfit_one() {
    let state = tempfile::tempdir().expect("a folder");
    let spawner = spawner(state.path()).await;
    for (program, code, reason) in [
        ("/var/task/bootstrap", 127, "no such file or directory"),
        ("/etc/passwd", 126, "permission denied"),
    ] {
        let sandbox = spawner.create(waiting()).await.expect("created");
        sandbox.assign(command(&[program])).await.expect("assigned");
        let text = output(&sandbox).await;
        // Behind the head of a frame.
        assert!(text.ends_with(&format!("fork/exec {program}: {reason}")), "{text}");
        assert_eq!(sandbox.exited().await.code, Some(code));
    }
}

#[tokio::test]
async fn a_missing_root_is_refused() {
    let state = tempfile::tempdir().expect("a folder");
    let spawner = spawner(state.path()).await;
    let root = RootSpec::host().mount("/does/not/exist", "/var/lang");
    let error = spawner
        .create(SandboxSpec { root, boot: None, ..SandboxSpec::default() })
        .await
        .expect_err("no such tree");
    assert!(error.to_string().contains("mounting /does/not/exist at /var/lang"), "{error}");
    // The failure leaves nothing that the next one trips over.
    spawner.create(waiting()).await.expect("created");
}

#[tokio::test]
async fn killing_and_dropping_end_everything() {
    let state = tempfile::tempdir().expect("a folder");
    let spawner = spawner(state.path()).await;
    let sandbox = spawner.create(waiting()).await.expect("created");
    sandbox.assign(shell("setsid sleep 1000 & echo on; exec sleep 1000")).await.expect("assigned");
    assert_eq!(line(&sandbox).await, "on");
    assert!(family(spawner.process_id()).len() > 3);
    drop(sandbox);
    eventually("the dropped sandbox ends", || children(spawner.process_id()).is_empty()).await;

    let unassigned = spawner.create(waiting()).await.expect("created");
    unassigned.kill().await;
    unassigned.kill().await;
    assert_eq!(unassigned.exited().await.signal, Some(9));
}

#[tokio::test]
async fn the_end_of_the_spawner_ends_its_sandboxes() {
    let state = tempfile::tempdir().expect("a folder");
    let first = spawner(state.path()).await;
    let sandbox = first.create(waiting()).await.expect("created");
    sandbox.assign(shell("echo on; sleep 1000")).await.expect("assigned");
    assert_eq!(line(&sandbox).await, "on");
    let everything = family(first.process_id());
    kill(first.process_id());
    assert_eq!(sandbox.exited().await.signal, Some(9));
    eventually("all processes end", || !everything.iter().any(|pid| alive(*pid))).await;
    assert!(matches!(first.create(waiting()).await, Err(Error::SpawnerEnded)));
    // The same instance again: it sweeps what the killed one could not remove.
    if is_root() {
        assert!(!groups(state.path()).is_empty(), "the killed spawner left its groups");
    }
    let second = spawner(state.path()).await;
    let left: usize = groups(state.path()).iter().map(|group| count_folders(group)).sum();
    assert_eq!(left, 0, "swept");
    drop(second);
    eventually("an orderly end leaves no group", || groups(state.path()).is_empty()).await;
}

/// Set for the process that [`a_killed_host_takes_everything_along`] starts; its value is the state directory.
const HOST_TO_BE_KILLED: &str = "NUAGE_TEST_HOST_TO_BE_KILLED";

/// Not a test of its own: the host of the next one, in a process of its own. Passes at once otherwise.
#[tokio::test]
async fn host_to_be_killed() {
    let Some(state) = std::env::var_os(HOST_TO_BE_KILLED) else { return };
    let spawner = spawner(Path::new(&state)).await;
    let is_whole = |count: usize| {
        let family = family(spawner.process_id());
        family.len() == count && family.iter().all(|pid| alive(*pid))
    };
    // The memory of a program that waits is held by a process that ends some time after its program has begun.
    let holders = usize::from(cfg!(target_arch = "x86_64"));
    let idle = spawner.create(waiting()).await.expect("created");
    eventually("spawner, process 1, what waits", || is_whole(3 + holders)).await;
    let sandbox = spawner.create(waiting()).await.expect("created");
    sandbox.assign(shell("echo on; exec sleep 1000")).await.expect("assigned");
    assert_eq!(line(&sandbox).await, "on");
    eventually("the other process 1 and its program only", || is_whole(5 + holders)).await;
    let all: Vec<_> = family(spawner.process_id()).iter().map(u32::to_string).collect();
    println!("family: {}", all.join(" "));
    sandbox.exited().await;
    drop(idle);
}

#[tokio::test]
async fn a_killed_host_takes_everything_along() {
    let state = tempfile::tempdir().expect("a folder");
    #[expect(clippy::disallowed_methods, reason = "the host to be killed is a process of its own")]
    let mut command = std::process::Command::new(std::env::current_exe().expect("this test"));
    command
        .args(["--exact", "host_to_be_killed", "--nocapture"])
        .env(HOST_TO_BE_KILLED, state.path());
    let mut host = command.stdout(std::process::Stdio::piped()).spawn().expect("a host");
    let lines =
        BufReader::new(host.stdout.take().expect("its output")).lines().map_while(Result::ok);
    let told = lines
        .into_iter()
        .find_map(|line| line.split_once("family: ").map(|(_, all)| all.to_owned()));
    let everything: Vec<u32> =
        told.expect("the host is ready").split(' ').filter_map(|pid| pid.parse().ok()).collect();
    assert!(everything.len() >= 5 && everything.iter().all(|pid| alive(*pid)), "{everything:?}");
    host.kill().expect("killed");
    host.wait().expect("reaped");
    eventually("all processes end", || !everything.iter().any(|pid| alive(*pid))).await;
    eventually("no group is left", || groups(state.path()).is_empty()).await;
    let mounts = fs::read_to_string("/proc/self/mounts").expect("mounts");
    assert!(!mounts.contains(&*state.path().display().to_string()), "no mount is left");
}

#[tokio::test]
async fn an_orderly_end_of_the_host_leaves_nothing() {
    let state = tempfile::tempdir().expect("a folder");
    let spawner = spawner(state.path()).await;
    let sandbox = spawner.create(waiting()).await.expect("created");
    sandbox.assign(shell("echo on; sleep 1000")).await.expect("assigned");
    assert_eq!(line(&sandbox).await, "on");
    let everything = family(spawner.process_id());
    drop(spawner);
    drop(sandbox);
    eventually("all processes end", || !everything.iter().any(|pid| alive(*pid))).await;
    eventually("no group is left", || groups(state.path()).is_empty()).await;
    assert!(
        fs::read_dir(state.path()).expect("the folder").next().is_none(),
        "nothing was written to disk"
    );
}

#[tokio::test]
async fn a_frozen_sandbox_stands_still() {
    let state = tempfile::tempdir().expect("a folder");
    let spawner = spawner(state.path()).await;
    if !spawner.capabilities().freeze {
        return skipped("a_frozen_sandbox_stands_still", "no freezer for this user");
    }
    let sandbox = spawner.create(waiting()).await.expect("created");
    sandbox.assign(shell("echo on; while :; do :; done")).await.expect("assigned");
    assert_eq!(line(&sandbox).await, "on");
    sandbox.freeze().expect("frozen");
    // Frozen for good once the accounts stand still between two looks.
    let mut before = sandbox.usage().cpu_us;
    eventually("the loop stops", || {
        let now = sandbox.usage().cpu_us;
        std::mem::replace(&mut before, now) == now
    })
    .await;
    let stopped = sandbox.usage().cpu_us;
    eventually("the accounts exist", || stopped > 0).await;
    sandbox.thaw().expect("thawed");
    eventually("the loop goes on", || sandbox.usage().cpu_us > stopped).await;
    // A frozen sandbox can be killed.
    sandbox.freeze().expect("frozen");
    sandbox.kill().await;
    assert_eq!(sandbox.exited().await.signal, Some(9));
}

#[tokio::test]
async fn running_out_of_memory_is_told_from_a_crash() {
    let state = tempfile::tempdir().expect("a folder");
    let spawner = spawner(state.path()).await;
    if !spawner.capabilities().memory || !Path::new(PYTHON).exists() {
        return skipped(
            "running_out_of_memory_is_told_from_a_crash",
            "no memory controller or no /usr/bin/python3",
        );
    }
    let hog = spawner.create(waiting()).await.expect("created");
    hog.assign(command(&[
        PYTHON,
        "-S",
        "-c",
        "x = bytearray(300 << 20)\nimport time; time.sleep(1000)",
    ]))
    .await
    .expect("assigned");
    let status = hog.exited().await;
    assert!(status.out_of_memory && status.signal == Some(9), "{status:?}");

    let crash = spawner.create(waiting()).await.expect("created");
    crash.assign(shell("kill -SEGV $$")).await.expect("assigned");
    let status = crash.exited().await;
    assert!(!status.out_of_memory && status.signal == Some(11), "{status:?}");

    // The same need with enough memory: it lives, and its peak shows.
    let fits = spawner.create(waiting()).await.expect("created");
    let script = "x = bytearray(300 << 20)\nprint('on', flush=True)\nimport time; time.sleep(1000)";
    fits.assign(Assignment { memory_mib: 512, ..command(&[PYTHON, "-S", "-c", script]) })
        .await
        .expect("assigned");
    assert_eq!(line(&fits).await, "on");
    assert!(fits.usage().memory_peak_bytes > 300 << 20, "{:?}", fits.usage());
    fits.kill().await;
}

#[tokio::test]
async fn files_in_tmp_are_not_charged_to_the_function() {
    let state = tempfile::tempdir().expect("a folder");
    let spawner = spawner(state.path()).await;
    if !spawner.capabilities().memory || !Path::new(PYTHON).exists() {
        return skipped(
            "files_in_tmp_are_not_charged_to_the_function",
            "no memory controller or no /usr/bin/python3",
        );
    }
    let sandbox = spawner.create(waiting()).await.expect("created");
    // 400 MiB of files and 60 MiB of memory in a function of 128 MiB; then 200 MiB of memory, with the files gone.
    let script = "import os, time\nfile = open('/tmp/file', 'wb')\nfor _ in range(400): file.write(bytes(1 << 20))\n\
                  file.close()\nx = bytearray(60 << 20)\ntime.sleep(1)\nprint('fits', flush=True)\n\
                  os.remove('/tmp/file')\ny = bytearray(200 << 20)\ntime.sleep(1000)";
    sandbox.assign(command(&[PYTHON, "-S", "-c", script])).await.expect("assigned");
    assert_eq!(line(&sandbox).await, "fits");
    let status = sandbox.exited().await;
    assert!(status.out_of_memory, "{status:?}");
}

#[tokio::test]
async fn the_share_of_cpu_holds_after_init() {
    let state = tempfile::tempdir().expect("a folder");
    let spawner = spawner(state.path()).await;
    if !spawner.capabilities().cpu {
        return skipped("the_share_of_cpu_holds_after_init", "no CPU controller");
    }
    let sandbox = spawner.create(waiting()).await.expect("created");
    let quota = |state: &Path| {
        let folders = groups(state);
        let file = |name: &str| {
            folders.iter().find_map(|group| fs::read_to_string(format!("{group}/s1/{name}")).ok())
        };
        file("cpu.cfs_quota_us").or_else(|| file("cpu.max")).unwrap_or_default()
    };
    sandbox.assign(shell("echo on; sleep 1000")).await.expect("assigned");
    assert_eq!(line(&sandbox).await, "on");
    assert!(
        quota(state.path()).starts_with("-1") || quota(state.path()).starts_with("max"),
        "lifted during init"
    );
    sandbox.end_init().await.expect("sent");
    // 128 / 1,769 of 100 ms.
    eventually("the quota is set", || quota(state.path()).starts_with("7235")).await;
}

#[tokio::test]
async fn two_hundred_sandboxes_leave_nothing_behind() {
    let state = tempfile::tempdir().expect("a folder");
    let spawner = spawner(state.path()).await;
    let pid = spawner.process_id();
    let count = |path: String| fs::read_dir(path).map_or(0, Iterator::count);
    let mounts =
        || fs::read_to_string(format!("/proc/{pid}/mounts")).expect("mounts").lines().count();
    let sandboxes = || groups(state.path()).iter().map(|group| count_folders(group)).sum::<usize>();
    let own_files = || count("/proc/self/fd".to_owned());
    let mut before = None;
    for turn in 0..220 {
        if turn == 20 {
            // By now the pool of networks is full and the root prepared.
            eventually("the first ones are gone", || children(pid).is_empty() && sandboxes() == 0)
                .await;
            settle().await;
            before = Some((
                count(format!("/proc/{pid}/fd")),
                mounts(),
                network_namespaces(),
                own_files(),
            ));
        }
        let sandbox = spawner.create(waiting()).await.expect("created");
        if turn % 2 == 0 {
            sandbox.assign(shell("sleep 1000 & exit 0")).await.expect("assigned");
            assert_eq!(sandbox.exited().await.code, Some(0));
        } else if turn % 4 == 1 {
            sandbox.kill().await;
        }
    }
    eventually("no process is left, not even a zombie", || children(pid).is_empty()).await;
    eventually("no group is left", || sandboxes() == 0).await;
    settle().await;
    let (files, mounts_before, networks, own) = before.expect("set on the way");
    eventually("the spawner's descriptors are closed", || {
        count(format!("/proc/{pid}/fd")) <= files
    })
    .await;
    assert_eq!(mounts(), mounts_before);
    // Other tests run beside this one, so these two are bounds.
    eventually("network namespaces are gone", || network_namespaces() <= networks + 60).await;
    assert!(own_files() <= own + 60, "{} descriptors, {own} before", own_files());
}

/// Time for the pool to fill.
async fn settle() {
    #[expect(
        clippy::disallowed_methods,
        reason = "waits for another process, which no simulated clock moves"
    )]
    tokio::time::sleep(Duration::from_millis(300)).await;
}

fn network_namespaces() -> usize {
    // One line per socket and namespace would need privilege; the kernel's own count of their objects does not lie.
    let text = fs::read_to_string("/proc/slabinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("net_namespace ")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|count| count.parse().ok()).unwrap_or(0)
}

fn count_folders(path: &str) -> usize {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).count()
}

fn alive(pid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    !status.is_empty() && !status.contains("State:\tZ")
}

fn kill(pid: u32) {
    let pid =
        i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw).expect("a process id");
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("killed");
}

/// This instance's folders in the control group hierarchies. Their name is derived from the state directory's path.
fn groups(state: &Path) -> Vec<String> {
    let path = state.canonicalize().expect("the state directory");
    let hash =
        path.as_os_str().as_encoded_bytes().iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
    let name = format!("nuage-{hash:016x}");
    let mut found = Vec::new();
    let mut folders = vec![std::path::PathBuf::from("/sys/fs/cgroup")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && entry.file_name() == *name {
                found.push(entry.path().display().to_string());
            } else if is_folder {
                folders.push(entry.path());
            }
        }
    }
    found
}
