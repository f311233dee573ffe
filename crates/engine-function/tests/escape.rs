//! The escape suite: hostile code in a sandbox, and whether each barrier holds. See docs/threat-model.md.
//!
//! Most attempts are Python run inside (`escape/attempts/`); those that need a look from outside are here. The names
//! are listed twice on purpose: an attempt that silently disappears fails the suite. Needs root, for the full sandbox.

#[path = "host/mod.rs"]
mod host;

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use engine_function::{
    Assignment, Boot, Offspring, RootSpec, Sandbox, SandboxHandle, SandboxSpec, Spawner,
};
use host::{command, eventually, family, line, output, path, shell, spawner, waiting};

/// Parts of one program: an isolated interpreter imports nothing from beside it.
const ATTEMPTS: &str = concat!(
    include_str!("escape/attempts/frame.py"),
    include_str!("escape/attempts/files.py"),
    include_str!("escape/attempts/namespaces.py"),
    include_str!("escape/attempts/privilege.py"),
    include_str!("escape/attempts/processes.py"),
    include_str!("escape/attempts/network.py"),
    include_str!("escape/attempts/kernel.py"),
    include_str!("escape/attempts/main.py"),
);
const FORK_ATTEMPTS: &str = include_str!("escape/fork_attempts.py");

const INSIDE_A_FORK: &[&str] = &[
    "a_fork_shares_no_memory",
    "a_fork_sees_no_zygote",
    "a_fork_holds_no_way_to_its_zygote",
    "a_fork_kills_no_zygote",
];

/// A zygote that runs whatever file its forks are given.
const ZYGOTE: &str = r#"
import json, os, sys, ssl, threading
sys.path.insert(0, "/var/runtime")
SECRET_OF_THE_ZYGOTE = "none"
import forks
os.close(3)
orders, _ = forks.serve("/var/runtime", forks.Arenas("/var/runtime"))
assignment = b"".join(iter(lambda: os.read(orders, 65536), b""))
os.close(orders)
os.environ.clear()
os.environ.update(json.loads(assignment)["environment"])
file = os.environ["RUN"]
exec(compile(open(file).read(), file, "exec"), {"__name__": "__main__"})
"#;

/// Names each attempt beside the barrier that it attacks.
const THREAT_MODEL: &str = include_str!("../../../docs/threat-model.md");

const INSIDE: &[&str] = &[
    "read_etc_shadow",
    "read_host_data_directory",
    "list_home_and_root_directories",
    "climb_out_of_tmp",
    "symlink_out_of_tmp",
    "process_one_root",
    "process_one_working_directory_and_files",
    "open_by_handle",
    "name_to_handle",
    "overwrite_own_executable_on_the_host",
    "overwrite_executable_of_process_one",
    "write_into_code_and_layers",
    "write_into_system",
    "make_read_only_mounts_writable",
    "kernel_memory_file",
    "proc_kcore",
    "proc_sysrq_trigger",
    "proc_keys_and_timers",
    "proc_folders_of_drivers",
    "kernel_settings",
    "sysfs",
    "kernel_log",
    "make_block_device",
    "make_character_device",
    "devices_present",
    "raw_disks",
    "mount_memory",
    "mount_proc_of_the_host",
    "bind_mount",
    "uncover_proc",
    "new_mount_interface",
    "change_root",
    "unshare_namespaces",
    "clone_into_namespaces",
    "clone3_unfiltered",
    "join_namespaces",
    "namespaces_of_others",
    "namespaces_differ_from_the_host",
    "capabilities",
    "no_new_privileges_and_seccomp",
    "become_root",
    "take_groups",
    "take_capabilities",
    "set_user_id_programs",
    "own_set_user_id_program",
    "raise_limits",
    "raise_priority",
    "hide_from_the_out_of_memory_killer",
    "trace_a_child",
    "read_memory_of_others",
    "memory_file_of_process_one",
    "steal_descriptors",
    "compare_processes",
    "kill_process_of_the_host",
    "kill_process_one",
    "signal_everything",
    "outlive_in_another_session",
    "environment_of_other_functions",
    "tmp_of_other_functions",
    "shared_memory_of_the_host",
    "inherited_descriptors",
    "port_of_the_host",
    "ports_that_should_be_there",
    "link_local_address",
    "address_on_the_internet",
    "abstract_socket_of_the_host",
    "interfaces",
    "socket_families",
    "netlink_protocols",
    "change_the_network",
    "raw_sockets",
    "privileged_port",
    "io_uring",
    "bpf",
    "performance_events",
    "page_faults_in_user_space",
    "kernel_keys",
    "kernel_modules_and_images",
    "watch_the_file_system",
    "administer_the_machine",
    "input_and_output_ports",
    "segments_and_secrets",
    "asynchronous_io_slots_of_the_host",
    "set_the_time",
    "set_the_host_name",
    "type_into_the_terminal",
    "weaken_address_randomisation",
    "call_of_32_bit_programs",
    "calls_of_the_x32_interface",
    "calls_not_invented_yet",
    "loosen_the_filter",
    "control_group_files",
    "mount_control_groups",
];

/// The first user id that the spawner gives out.
const FIRST_USER: u32 = 0x7000_0000;

/// Words that only the other sandbox knows; the attacker is told them backwards, or as a file's name.
const OTHER_SECRET: &str = "wind-over-the-water";

fn main() -> ExitCode {
    if !host::is_root() {
        println!(
            "skipped: escape suite: it needs root, for user ids of its own and control groups"
        );
        return ExitCode::SUCCESS;
    }
    if !cfg!(target_arch = "x86_64") || !Path::new("/usr/bin/python3").exists() {
        println!(
            "skipped: escape suite: it speaks x86-64 system call numbers and needs /usr/bin/python3"
        );
        return ExitCode::SUCCESS;
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let verdicts = runtime.expect("a runtime").block_on(run());
    let failed = verdicts.iter().filter(|verdict| !verdict.held).count();
    for verdict in &verdicts {
        let word = if verdict.held { "held   " } else { "ESCAPED" };
        println!("{word} {}: {}", verdict.name, verdict.detail);
    }
    println!("{} attempts, {} held, {failed} escaped", verdicts.len(), verdicts.len() - failed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

struct Verdict {
    name: String,
    held: bool,
    detail: String,
}

async fn run() -> Vec<Verdict> {
    let state = tempfile::tempdir().expect("a folder");
    let spawner = spawner(state.path()).await;
    let mut verdicts = attempts_inside(&spawner, None).await;
    let mut add = |name: &str, (held, detail): (bool, String)| {
        verdicts.push(Verdict { name: name.to_owned(), held, detail });
    };
    add("process_one_keeps_no_privilege", process_one_keeps_no_privilege(&spawner).await);
    add("sandboxes_have_different_users", sandboxes_have_different_users(&spawner).await);
    add("the_spawner_holds_no_secret", the_spawner_holds_no_secret(&spawner));
    add("nothing_survives_the_kill", nothing_survives_the_kill(&spawner).await);
    for (name, verdict) in attempts_in_forks(&spawner).await {
        add(&name, verdict);
    }
    add("memory_is_contained", memory_is_contained(&spawner).await);
    add("shared_memory_is_contained", shared_memory_is_contained(&spawner).await);
    add("processes_are_contained", processes_are_contained(&spawner).await);
    add("disk_is_contained", disk_is_contained(&spawner).await);
    add("numbers_of_files_are_contained", numbers_of_files_are_contained(&spawner).await);
    add("descriptors_are_contained", descriptors_are_contained(&spawner).await);
    add("the_other_sandbox_noticed_nothing", the_spawner_still_works(&spawner).await);
    let undocumented: Vec<_> = verdicts
        .iter()
        .map(|verdict| format!("`{}`", verdict.name))
        .filter(|name| !THREAT_MODEL.contains(name))
        .collect();
    // That one guards the suite, not a barrier.
    let documented = undocumented.iter().all(|name| name == "`every_attempt_was_made`");
    let detail =
        if documented { "all of them".to_owned() } else { format!("missing: {undocumented:?}") };
    verdicts.push(Verdict {
        name: "the_threat_model_names_each".to_owned(),
        held: documented,
        detail,
    });
    verdicts
}

/// Runs `attempts.py` with something of the host's to aim at, and first proves that each target can be hit from here.
async fn attempts_inside(
    spawner: &Spawner,
    zygote: Option<&(Arc<SandboxHandle>, RootSpec)>,
) -> Vec<Verdict> {
    let targets = tempfile::tempdir_in("/var/tmp").expect("a folder");
    let file = targets.path().join("data");
    fs::write(&file, "the host's").expect("a file");
    for folder in ["code", "layer"] {
        fs::create_dir(targets.path().join(folder)).expect("a folder");
        fs::write(targets.path().join(folder).join("there"), "").expect("a file");
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(std::net::TcpStream::connect(("127.0.0.1", port)).expect("the host reaches its own port"));
    let name = format!("nuage-escape-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).expect("a name");
    let _abstract_listener = UnixListener::bind_addr(&address).expect("an abstract socket");
    drop(UnixStream::connect_addr(&address).expect("the host reaches its own abstract socket"));
    let key = i32::try_from(0x6e75_0000 + std::process::id() % 0x1_0000).expect("a key");
    // SAFETY: takes numbers only.
    let segment = unsafe { libc::shmget(key, 4_096, libc::IPC_CREAT | 0o666) };
    assert!(segment >= 0, "the host makes shared memory");
    let namespaces: Vec<_> = ["mnt", "net", "pid", "user", "uts", "ipc", "cgroup"]
        .iter()
        .map(|name| {
            fs::read_link(format!("/proc/self/ns/{name}"))
                .expect("a namespace")
                .display()
                .to_string()
        })
        .collect();

    let other = other_sandbox(spawner).await;
    let mut environment = path();
    let host_pid = std::process::id().to_string();
    for (name, value) in [
        ("HOST_FILE", file.display().to_string()),
        ("HOST_PORT", port.to_string()),
        ("HOST_ABSTRACT", name),
        ("HOST_PID", host_pid),
        ("HOST_SHM_KEY", key.to_string()),
        ("HOST_NAMESPACES", namespaces.join(",")),
        ("OTHER_SECRET", OTHER_SECRET.chars().rev().collect()),
        ("PYTHONDONTWRITEBYTECODE", "1".to_owned()),
    ] {
        environment.insert(name.to_owned(), value);
    }
    environment.insert("RUN".to_owned(), "/var/task/attempts.py".to_owned());
    fs::write(targets.path().join("code/attempts.py"), ATTEMPTS).expect("a file");
    let argv: &[&str] = match zygote {
        Some(_) => &[],
        None => &["/usr/bin/python3", "-I", "/var/task/attempts.py"],
    };
    let assignment = Assignment {
        code: Some(targets.path().join("code")),
        layers: vec![targets.path().join("layer")],
        environment,
        ..command(argv)
    };
    let sandbox = match zygote {
        Some((zygote, root)) => spawner.fork(zygote, root.clone()).await,
        None => spawner.create(waiting()).await,
    };
    let sandbox = sandbox.expect("created");
    sandbox.assign(assignment).await.expect("assigned");
    let text = output(&sandbox).await;
    // SAFETY: removes the segment made above; takes numbers only besides a null that it ignores.
    unsafe { libc::shmctl(segment, libc::IPC_RMID, std::ptr::null_mut()) };
    assert_eq!(line_of(&other).await, "still here", "the other sandbox was reached");
    verdicts(INSIDE, &text)
}

/// A second function, with a secret in its environment and in its `/tmp`; says so when it is thawed.
async fn other_sandbox(spawner: &Spawner) -> Sandbox {
    let sandbox = spawner.create(waiting()).await.expect("created");
    let mut environment = path();
    environment.insert("SECRET".to_owned(), OTHER_SECRET.to_owned());
    let backwards: String = OTHER_SECRET.chars().rev().collect();
    let script = format!("echo $SECRET > /tmp/{backwards}; echo ready; sleep 1000 & wait $!");
    sandbox.assign(Assignment { environment, ..shell(&script) }).await.expect("assigned");
    assert_eq!(line(&sandbox).await, "ready");
    sandbox
}

async fn line_of(other: &Sandbox) -> &'static str {
    let alive =
        tokio::time::timeout(std::time::Duration::from_millis(1), other.exited()).await.is_err();
    if alive { "still here" } else { "gone" }
}

/// The verdicts that `attempts.py` printed, one for each of the names and no other.
fn verdicts(names: &[&str], text: &str) -> Vec<Verdict> {
    let mut told: BTreeMap<&str, (bool, &str)> = BTreeMap::new();
    for line in text.lines() {
        let mut fields = line.splitn(3, '\t');
        if let (Some(name), Some(verdict), Some(detail)) =
            (fields.next(), fields.next(), fields.next())
        {
            told.insert(name, (verdict == "held", detail));
        }
    }
    let mut verdicts: Vec<_> = names
        .iter()
        .map(|name| {
            let (held, detail) = told.remove(name).unwrap_or((false, "said nothing"));
            Verdict { name: (*name).to_owned(), held, detail: detail.to_owned() }
        })
        .collect();
    let unlisted: Vec<_> = told.keys().copied().collect();
    let complete = unlisted.is_empty() && text.ends_with("done\n");
    let detail = if complete {
        "all were made".to_owned()
    } else {
        format!("unlisted {unlisted:?} or cut short: {text}")
    };
    verdicts.push(Verdict { name: "every_attempt_was_made".to_owned(), held: complete, detail });
    verdicts
}

fn status(pid: u32, key: &str) -> String {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    line.unwrap_or_default().trim().to_owned()
}

/// Process 1 of the sandbox that `spawner` made last.
fn newest_process_one(spawner: &Spawner) -> u32 {
    host::children(spawner.process_id()).into_iter().max().expect("a sandbox")
}

async fn process_one_keeps_no_privilege(spawner: &Spawner) -> (bool, String) {
    let sandbox = spawner.create(waiting()).await.expect("created");
    let one = newest_process_one(spawner);
    sandbox.assign(shell("echo on; sleep 1000")).await.expect("assigned");
    assert_eq!(line(&sandbox).await, "on");
    let seccomp = status(one, "Seccomp");
    let sets: Vec<_> =
        ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"].map(|key| status(one, key)).into();
    let none = sets.iter().all(|set| set.chars().all(|digit| digit == '0') && !set.is_empty());
    let (uid, groups) = (status(one, "Uid"), status(one, "Groups"));
    let own_user = !uid.is_empty() && !uid.split_whitespace().any(|uid| uid == "0");
    (
        none && own_user && groups.is_empty() && seccomp == "2",
        format!("capabilities {sets:?}, users {uid}, groups [{groups}]"),
    )
}

async fn sandboxes_have_different_users(spawner: &Spawner) -> (bool, String) {
    let mut users = Vec::new();
    let mut sandboxes = Vec::new();
    for _ in 0..3 {
        let sandbox = spawner.create(waiting()).await.expect("created");
        let one = newest_process_one(spawner);
        sandbox.assign(shell("echo on; sleep 1000")).await.expect("assigned");
        assert_eq!(line(&sandbox).await, "on");
        for pid in family(one) {
            users.push(status(pid, "Uid").split_whitespace().next().unwrap_or_default().to_owned());
        }
        sandboxes.push(sandbox);
    }
    // Per sandbox: process 1, the shell and its child, of which the latter two share a user.
    let different: std::collections::BTreeSet<_> = users.iter().collect();
    (different.len() == 6 && users.iter().all(|uid| uid.len() >= 10), format!("{users:?}"))
}

fn the_spawner_holds_no_secret(spawner: &Spawner) -> (bool, String) {
    let pid = spawner.process_id();
    let environment = fs::read(format!("/proc/{pid}/environ")).expect("the spawner's environment");
    let control = fs::read("/proc/self/environ").expect("the test's environment");
    let mut files: Vec<_> = fs::read_dir(format!("/proc/{pid}/fd"))
        .expect("the spawner's descriptors")
        .flatten()
        // The `/tmp` of its sandboxes.
        .filter(|entry| fs::metadata(entry.path()).is_ok_and(|meta| meta.uid() < FIRST_USER))
        .filter_map(|entry| fs::read_link(entry.path()).ok())
        .map(|target| target.display().to_string())
        .filter(|target| {
            let own = ["socket:", "pipe:", "anon_inode:", "/dev/null", "net:", "/sys/fs/cgroup"];
            !own.iter().any(|prefix| target.starts_with(prefix))
        })
        .collect();
    // Its standard error is the host's own log.
    files.retain(|target| {
        fs::read_link("/proc/self/fd/2").map_or(true, |own| own.display().to_string() != *target)
    });
    (
        environment.is_empty() && !control.is_empty() && files.is_empty(),
        format!("foreign files: {files:?}"),
    )
}

async fn nothing_survives_the_kill(spawner: &Spawner) -> (bool, String) {
    let sandbox = spawner.create(waiting()).await.expect("created");
    let one = newest_process_one(spawner);
    let script = "trap '' TERM HUP INT; (trap '' TERM HUP; setsid sleep 1000 & setsid sh -c 'sleep 1000 & sleep 1000' &) ; \
                  echo on; sleep 1000";
    sandbox.assign(shell(script)).await.expect("assigned");
    assert_eq!(line(&sandbox).await, "on");
    eventually("the children start", || family(one).len() >= 5).await;
    let before = family(one);
    sandbox.kill().await;
    let left: Vec<_> = before.iter().filter(|pid| !status(**pid, "State").is_empty()).collect();
    (left.is_empty() && before.len() >= 5, format!("{} before, {} after", before.len(), left.len()))
}

/// All attempts again in a fork of a zygote, and those that only a fork can make.
async fn attempts_in_forks(spawner: &Spawner) -> Vec<(String, (bool, String))> {
    let runtime = tempfile::tempdir_in("/var/tmp").expect("a folder");
    fs::set_permissions(runtime.path(), fs::Permissions::from_mode(0o755)).expect("permissions");
    let files: [(&str, &[u8]); 5] = [
        ("zygote.py", ZYGOTE.as_bytes()),
        ("forks.py", engine_function::PYTHON_FORKS.as_bytes()),
        ("fork.bin", engine_function::fork_code()),
        ("arena.bin", engine_function::arena_code()),
        ("attempts.py", FORK_ATTEMPTS.as_bytes()),
    ];
    for (name, content) in files {
        fs::write(runtime.path().join(name), content).expect("a file");
    }
    let root = RootSpec::host().mount(runtime.path(), "/var/runtime");
    let argv = ["/usr/bin/python3", "-I", "-S", "/var/runtime/zygote.py"].map(str::to_owned);
    let boot = Boot { argv: argv.to_vec(), environment: path() };
    let offspring = Offspring::Zygote;
    let spec =
        SandboxSpec { root: root.clone(), boot: Some(boot), offspring, ..SandboxSpec::default() };
    let zygote = Arc::new(spawner.create(spec).await.expect("created").handle);
    let fork = || async { spawner.fork(&zygote, root.clone()).await.expect("forked") };
    let bystander = fork().await;
    let process_one = newest_process_one(spawner);
    let users =
        |pid: u32| family(pid).into_iter().map(|pid| status(pid, "Uid")).collect::<Vec<_>>();
    let mut all = users(process_one);

    let hostile = fork().await;
    all.extend(users(newest_process_one(spawner)));
    let mut environment = path();
    environment.insert("RUN".to_owned(), "/var/runtime/attempts.py".to_owned());
    hostile.assign(Assignment { environment, ..command(&[]) }).await.expect("assigned");
    let mut found: Vec<_> = verdicts(INSIDE_A_FORK, &output(&hostile).await)
        .into_iter()
        .filter(|verdict| !verdict.held || verdict.name != "every_attempt_was_made")
        .map(|verdict| (verdict.name, (verdict.held, verdict.detail)))
        .collect();
    let alive = !bystander.has_ended() && !zygote.has_ended();
    let again = spawner.fork(&zygote, root.clone()).await.is_ok();
    found.push(("a_zygote_outlives_its_forks".to_owned(), (alive && again, "it forks".to_owned())));
    let different: std::collections::BTreeSet<_> = all.iter().collect();
    let held = all.len() == 4 && different.len() == 4;
    found.push(("forks_have_different_users".to_owned(), (held, format!("{all:?}"))));

    let again = attempts_inside(spawner, Some(&(Arc::clone(&zygote), root))).await;
    let escaped: Vec<_> = again.iter().filter(|verdict| !verdict.held).collect();
    let told: Vec<_> = escaped.iter().map(|it| format!("{}: {}", it.name, it.detail)).collect();
    let detail = format!("{} attempts, escaped: {told:?}", again.len());
    found.push(("every_attempt_in_a_fork".to_owned(), (escaped.is_empty(), detail)));
    found
}

async fn memory_is_contained(spawner: &Spawner) -> (bool, String) {
    let sandbox = spawner.create(waiting()).await.expect("created");
    let script = "held = []\nwhile True: held.append(bytearray(1 << 20))";
    sandbox.assign(command(&["/usr/bin/python3", "-c", script])).await.expect("assigned");
    let status = sandbox.exited().await;
    (status.out_of_memory && status.signal == Some(9), format!("{status:?}"))
}

async fn shared_memory_is_contained(spawner: &Spawner) -> (bool, String) {
    let sandbox = spawner.create(waiting()).await.expect("created");
    // Memory without an owner's page table: a memfd, which `/tmp`'s allowance must not cover.
    let script =
        "import os\nfile = os.memfd_create('x')\nwhile True: os.write(file, bytes(1 << 20))";
    sandbox.assign(command(&["/usr/bin/python3", "-c", script])).await.expect("assigned");
    let status = sandbox.exited().await;
    (status.out_of_memory && status.signal == Some(9), format!("{status:?}"))
}

async fn processes_are_contained(spawner: &Spawner) -> (bool, String) {
    let sandbox = spawner.create(waiting()).await.expect("created");
    let script = "import os, time\nfor n in range(100000):\n  try:\n    if os.fork() == 0: time.sleep(1000)\n  except \
                  OSError as error:\n    print(n, error.errno, flush=True); break\ntime.sleep(1000)";
    sandbox
        .assign(Assignment {
            memory_mib: 1_024,
            ..command(&["/usr/bin/python3", "-S", "-c", script])
        })
        .await
        .expect("assigned");
    let told = line(&sandbox).await;
    let number =
        told.split(' ').next().and_then(|number| number.parse::<u32>().ok()).unwrap_or(u32::MAX);
    let spawned = spawner.create(waiting()).await.is_ok();
    sandbox.kill().await;
    (
        (900..1_024).contains(&number) && told.ends_with(" 11") && spawned,
        format!("stopped at {told}"),
    )
}

async fn disk_is_contained(spawner: &Spawner) -> (bool, String) {
    let sandbox = spawner.create(waiting()).await.expect("created");
    // More than the memory size, as much as `/tmp` holds: an error for the function, not its end.
    let script = "LC_ALL=C dd if=/dev/zero of=/tmp/full bs=1M count=2000 2>&1 | grep -c 'No space left'; stat -c %s /tmp/full";
    sandbox.assign(shell(script)).await.expect("assigned");
    let text = output(&sandbox).await;
    let status = sandbox.exited().await;
    (text == "1\n536870912\n" && status.code == Some(0), format!("{text:?} {status:?}"))
}

async fn numbers_of_files_are_contained(spawner: &Spawner) -> (bool, String) {
    let sandbox = spawner.create(waiting()).await.expect("created");
    let script = "import os\nfor n in range(1000000):\n  try: os.close(os.open(f'/tmp/{n}', os.O_CREAT))\n  except OSError as \
                  error: print(n, error.errno); break";
    sandbox
        .assign(Assignment { memory_mib: 512, ..command(&["/usr/bin/python3", "-c", script]) })
        .await
        .expect("assigned");
    let text = output(&sandbox).await;
    let number =
        text.split(' ').next().and_then(|number| number.parse::<u32>().ok()).unwrap_or(u32::MAX);
    (number < 40_000 && text.ends_with(" 28\n"), format!("stopped at {text:?}"))
}

async fn descriptors_are_contained(spawner: &Spawner) -> (bool, String) {
    let sandbox = spawner.create(waiting()).await.expect("created");
    let script = "import os\nfor n in range(100000):\n  try: os.dup(0)\n  except OSError as error: print(n, error.errno); break";
    sandbox.assign(command(&["/usr/bin/python3", "-c", script])).await.expect("assigned");
    let text = output(&sandbox).await;
    (text == "1021 24\n", format!("stopped at {text:?}"))
}

async fn the_spawner_still_works(spawner: &Spawner) -> (bool, String) {
    let sandbox = spawner.create(waiting()).await.expect("created");
    sandbox.assign(shell("echo fine")).await.expect("assigned");
    let text = output(&sandbox).await;
    (text == "fine\n", text)
}
