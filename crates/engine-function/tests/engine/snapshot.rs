//! SnapStart: environments forked from a function that has been initialized.

use std::sync::Arc;

use engine::{FunctionEngine as _, InitError, Snapshot, SnapshotError};
use serde_json::json;

use crate::harness::{Bench, Running, bench};

const RUNTIME: &str = "python3.11";

async fn snapshots(test: &str) -> Option<Bench> {
    let bench = bench(test).await?;
    if !cfg!(target_arch = "x86_64") || !bench.has(RUNTIME, test) {
        eprintln!("skipped: {test}: nothing is forked on this machine");
        return None;
    }
    Some(bench)
}

async fn take(
    bench: &Bench,
    source: &str,
) -> Result<(Arc<dyn Snapshot>, Vec<String>), SnapshotError> {
    let code = bench.package(&[("index.py", source)]);
    let (spec, lines) = bench.spec(RUNTIME, "index.handler", &code);
    let snapshot = bench.engine.snapshot(spec).await?;
    Ok((snapshot, lines.texts()))
}

async fn restore(
    bench: &Bench,
    snapshot: &Arc<dyn Snapshot>,
    who: &str,
) -> Result<Running, InitError> {
    // Of what was taken first.
    let code = bench.folder.path().join("package0");
    let (mut spec, lines) = bench.spec(RUNTIME, "index.handler", &code);
    spec.environment.push(("WHO".into(), who.into()));
    let environment = snapshot.restore(spec).await?;
    Ok(bench.running(environment, lines))
}

#[tokio::test]
async fn environments_go_on_where_the_snapshot_was_taken() {
    let test = "snapshot::environments_go_on_where_the_snapshot_was_taken";
    let Some(bench) = snapshots(test).await else { return };
    let source = r#"
import os, time, uuid, random, ssl
from snapshot_restore_py import register_before_snapshot, register_after_restore
print("initialized")
born, order, calls = uuid.uuid4().hex, [], 0
random.seed()
kept = open("/var/task/index.py")
os.environ["MADE"] = "here"
os.register_at_fork(after_in_child=lambda: order.append("forked"))
register_before_snapshot(lambda: order.append("first registered"))
register_before_snapshot(order.append, "last registered")
register_after_restore(lambda: order.append("restored " + os.environ["WHO"]))
def handler(event, context):
    global calls
    calls += 1
    open("/tmp/mine", "a").write("x")
    return {"born": born, "order": order, "calls": calls, "tmp": open("/tmp/mine").read(), "who": os.environ["WHO"], "made": os.environ.get("MADE"), "pid": os.getpid(),
            "chance": [random.random(), uuid.uuid4().hex, ssl.RAND_bytes(8).hex()], "kept": kept.read(5), "child": os.waitstatus_to_exitcode(os.system("exit 4"))}
"#;
    let (snapshot, printed) =
        take(&bench, source).await.unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!(printed, ["initialized"]);
    let first = restore(&bench, &snapshot, "a").await.unwrap_or_else(|error| panic!("{error:?}"));
    let second = restore(&bench, &snapshot, "b").await.unwrap_or_else(|error| panic!("{error:?}"));
    let (mut a, b) = (first.json("1").await, second.json("1").await);
    assert_eq!(
        (&a["born"], &a["calls"], &a["tmp"], &a["child"]),
        (&b["born"], &json!(1), &json!("x"), &json!(4))
    );
    assert_eq!((&b["calls"], &b["tmp"]), (&json!(1), &json!("x")));
    assert_eq!(a["order"], json!(["last registered", "first registered", "restored a"]));
    assert_eq!((&a["who"], &b["who"]), (&json!("a"), &json!("b")));
    assert_eq!((&a["made"], &b["made"]), (&json!("here"), &json!("here")));
    for n in 0..3 {
        assert_ne!(a["chance"][n], b["chance"][n]);
    }
    a = first.json("1").await;
    assert_eq!((&a["calls"], &a["tmp"]), (&json!(2), &json!("xx")));
    // Idle for long enough to be frozen, each for itself.
    crate::harness::sleep(std::time::Duration::from_millis(50)).await;
    first.environment.shut_down().await;
    assert_eq!(second.json("1").await["calls"], 2);
    drop(snapshot);
    assert_eq!(second.json("1").await["calls"], 3, "environments outlive the snapshot's owner");
}

#[tokio::test]
async fn what_a_fork_would_lose_is_refused_with_a_reason() {
    let test = "snapshot::what_a_fork_would_lose_is_refused_with_a_reason";
    let Some(bench) = snapshots(test).await else { return };
    let handler = "\ndef handler(e, c): return 1\n";
    let cases = [
        (
            "import threading, time\nthreading.Thread(target=time.sleep, args=(99,), daemon=True).start()",
            "threads",
        ),
        ("import subprocess\nsubprocess.Popen(['/bin/sleep', '99'])", "a process"),
        (
            "import os\nif os.fork() == 0:\n if os.fork() == 0: os.execv('/bin/sleep', ['sleep', '99'])\n os._exit(0)\nos.wait()",
            "a process",
        ),
        ("import socket\ns = socket.create_connection(('127.0.0.1', 4566))", "a connection"),
        // What forks would share.
        ("f = open('/tmp/s', 'w')", "'/tmp/s'"),
        ("open('/tmp/s', 'w').close()\nf = open('/tmp/s')", "'/tmp/s'"),
        ("import tempfile\nf = tempfile.TemporaryFile()", "(deleted)"),
        ("import os\nf = os.memfd_create('x')", "memfd"),
        ("import os\nf = os.pipe()", "pipe"),
        ("import select\nf = select.epoll()", "eventpoll"),
        ("import os\nf = os.open('/tmp', os.O_RDONLY)", "'/tmp'"),
        ("f = open('/var/task/index.py'), open('/var/task/index.py')", "index.py"),
        ("f = open('/proc/self/status')", "status"),
        ("import fcntl\nf = open('/var/task/index.py')\nfcntl.flock(f, fcntl.LOCK_SH)", "index.py"),
        ("import mmap\nm = mmap.mmap(-1, 4096)", "shared memory"),
        (
            "import mmap\nwith open('/tmp/s', 'w+b') as f:\n f.write(b'x')\n f.flush()\n m = mmap.mmap(f.fileno(), 1, access=mmap.ACCESS_READ)",
            "'/tmp/s'",
        ),
        ("import os\nos.chdir('/proc/self')", "went to '/proc/"),
        (
            "import os\nos.mkdir('/tmp/d')\nos.chdir('/tmp/d')\nos.chmod('/tmp/d', 0)",
            "Permission denied: '/tmp/d'",
        ),
        ("import os\nos.mkfifo('/tmp/p')", "'/tmp/p', which is no file"),
        (
            "import socket\ns = socket.socket(socket.AF_UNIX)\ns.bind('/tmp/p')\ns.close()",
            "'/tmp/p', which is no file",
        ),
        ("for n in range(10_001): open('/tmp/%d' % n, 'w').close()", "more than 10000 files"),
        ("import os\nos.dup2(os.open('/dev/null', os.O_WRONLY), 1)", "standard input or output"),
    ];
    for (source, word) in cases {
        match take(&bench, &(source.to_owned() + handler)).await.map(|_| ()) {
            Err(SnapshotError::Unsupported(reason)) => assert!(reason.contains(word), "{reason}"),
            other => panic!("{source}: {other:?}"),
        }
    }
    let failing = take(&bench, "raise ValueError('no')").await.map(|_| ());
    assert!(
        matches!(failing, Err(SnapshotError::Failed(InitError::Reported { .. }))),
        "{failing:?}"
    );
    let source = "from snapshot_restore_py import *\nregister_after_restore(lambda: 1 / 0)"
        .to_owned()
        + handler;
    let (snapshot, _) = take(&bench, &source).await.unwrap_or_else(|error| panic!("{error:?}"));
    match restore(&bench, &snapshot, "a").await.map(|_| ()) {
        Err(InitError::Reported { error_type, body, .. }) => {
            assert_eq!(error_type, "Runtime.AfterRestoreError");
            let body = String::from_utf8_lossy(&body);
            assert!(body.contains("\"errorType\": \"ZeroDivisionError\""), "{body}");
        }
        other => panic!("{other:?}"),
    }
}

/// What nobody can change may stay open: each environment has a position in it of its own.
#[tokio::test]
async fn what_stays_open_is_each_environments_own() {
    let test = "snapshot::what_stays_open_is_each_environments_own";
    let Some(bench) = snapshots(test).await else { return };
    let source = r#"
import mmap, os
kept = open("/var/task/index.py", "rb", buffering=0)
kept.seek(1)
with open(os.__file__, "rb") as file: mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
chance = os.open("/dev/urandom", os.O_RDONLY)
nothing = os.dup(os.open("/dev/null", os.O_WRONLY))
os.set_inheritable(kept.fileno(), True)
os.chdir("/var")
number = kept.fileno()
def handler(event, context):
    read = [kept.read(6).decode(), mapped[:6].decode(), len(os.read(chance, 8))]
    own = [os.readlink("/proc/self/fd/%s" % n) for n in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + n)]
    return read + [os.getcwd(), os.get_inheritable(number), sorted(os.path.basename(path) for path in own if path[0] == "/")]
"#;
    let (snapshot, _) = take(&bench, source).await.unwrap_or_else(|error| panic!("{error:?}"));
    let open = ["index.py", "null", "null", "null", "os.py", "urandom"];
    for who in ["a", "b"] {
        let restored = restore(&bench, &snapshot, who).await;
        let restored = restored.unwrap_or_else(|error| panic!("{error:?}"));
        let told = restored.json("1").await;
        assert_eq!(told, json!(["import", "r\"\"\"OS", 8, "/var", true, open]), "{who}");
    }
}

/// Each environment has the files that were there when the snapshot was taken, and changes them for itself alone.
#[tokio::test]
async fn each_environment_has_a_copy_of_tmp() {
    let test = "snapshot::each_environment_has_a_copy_of_tmp";
    let Some(bench) = snapshots(test).await else { return };
    let source = r#"
import glob, os, sqlite3, stat
os.umask(0o027)
os.makedirs("/tmp/a/b/closed")
with open("/tmp/a/model", "wb") as file: file.write(bytes(range(256)) * 20_000)
with open("/tmp/a/b/sparse", "wb") as file:
    file.seek(4 << 30)
    file.write(b"end")
    file.truncate(5 << 30)
open("/tmp/a/b/empty", "w").close()
odd = b"/tmp/a/b/closed/\xe9\n"
open(odd, "w").write("odd")
os.link("/tmp/a/model", "/tmp/z")
os.symlink("/etc/passwd", "/tmp/away")
os.symlink("a/../nowhere", "/tmp/a/dangling")
os.symlink("/tmp", "/tmp/a/circle")
database = sqlite3.connect("/tmp/cache.db")
database.execute("create table t (n)")
database.execute("insert into t values (1)")
database.commit()
database.close()
os.chmod("/tmp/z", 0o4501)
os.chmod("/tmp/a/b/empty", 0)
os.chmod("/tmp", 0o1750)
os.chdir("/tmp/a")
os.umask(0o777)
def look():
    found = []
    for folder, folders, files in os.walk(b"/tmp"):
        for name in [b".", *folders, *files]:
            path = os.path.join(folder, name)
            state = os.lstat(path)
            link = os.readlink(path).decode() if stat.S_ISLNK(state.st_mode) else None
            size = (state.st_size, state.st_blocks, state.st_nlink) if stat.S_ISREG(state.st_mode) else None
            found.append([ascii(path), oct(state.st_mode), state.st_mtime_ns, state.st_uid, state.st_gid, size, link])
    return sorted(found, key=str)
for n, name in enumerate(["/tmp/z", "/tmp/a/b/closed", "/tmp/a/circle", "/tmp/a/b", "/tmp"]):
    os.utime(name, ns=(1000 + n, 2000 + n), follow_symlinks=False)
before = look()
os.utime("/tmp/z", ns=(1000, 2000))
os.chmod("/tmp/a/b/closed", 0)
def handler(event, context):
    closed = os.stat("/tmp/a/b/closed").st_mode
    atime = os.stat("/tmp/z").st_atime_ns
    # Nothing leads to the template's files.
    left = [path for path in map(os.path.realpath, glob.glob("/proc/self/fd/*")) if path.startswith("/tmp")]
    os.chmod("/tmp/a/b/closed", 0o750)
    after = look()
    same = before == after or [one for one in zip(before, after) if one[0] != one[1]]
    model = open("/tmp/a/model", "rb").read() == bytes(range(256)) * 20_000 and os.path.samefile("/tmp/z", "model")
    with open("/tmp/a/b/sparse", "rb") as file:
        file.seek(4 << 30)
        sparse = file.read(3).decode()
    os.chmod("/tmp/z", 0o600)
    open("/tmp/z", "a").write("x")
    database = sqlite3.connect("/tmp/cache.db")
    database.execute("insert into t values (1)")
    database.commit()
    rows = database.execute("select count(*) from t").fetchone()[0]
    return [same, oct(os.umask(0)), oct(closed), atime, open(odd).read(), model, sparse, rows, left]
"#;
    let (snapshot, _) = take(&bench, source).await.unwrap_or_else(|error| panic!("{error:?}"));
    for who in ["a", "b", "c"] {
        let restored = restore(&bench, &snapshot, who).await;
        let restored = restored.unwrap_or_else(|error| panic!("{error:?}"));
        let told = restored.json("1").await;
        let expected = json!([true, "0o777", "0o40000", 1000, "odd", true, "end", 2, []]);
        assert_eq!(told, expected, "{who}: {told:#}");
    }
}

/// A restoration goes on from a sandbox that was reserved for it, and one that is reserved for nothing leaves no trace.
#[tokio::test]
async fn restorations_go_on_from_what_was_reserved() {
    let test = "snapshot::restorations_go_on_from_what_was_reserved";
    let Some(bench) = snapshots(test).await else { return };
    let source = "import os\ndef handler(e, c): return os.environ['WHO']";
    let (snapshot, _) = take(&bench, source).await.unwrap_or_else(|error| panic!("{error:?}"));
    for who in ["a", "b"] {
        let package = bench.package(&[("index.py", source)]);
        let (mut spec, lines) = bench.spec(RUNTIME, "index.handler", &package);
        spec.environment.push(("WHO".into(), who.into()));
        drop(snapshot.reserve(spec.ground()).await.expect("there is a sandbox"));
        spec.reservation = snapshot.reserve(spec.ground()).await;
        assert!(spec.reservation.is_some(), "{who}");
        let environment = snapshot.restore(spec).await.unwrap_or_else(|error| panic!("{error:?}"));
        assert_eq!(bench.running(environment, lines).json("1").await, who);
    }
}

/// A template is hostile: what it may do beyond other functions must lead nowhere.
#[tokio::test]
async fn a_hostile_template_reaches_nothing() {
    let test = "snapshot::a_hostile_template_reaches_nothing";
    let Some(bench) = snapshots(test).await else { return };
    let source = r#"
import ctypes, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def refused(call, *arguments):
    return libc.syscall(call, *arguments) < 0 and ctypes.get_errno()
def refuses(call):
    try:
        call()
        return False
    except OSError:
        return True
names = ("user", "mnt", "net", "ipc", "uts", "cgroup", "pid")
def attempts():
    found = {}
    for name in names:
        # Its own and those of process 1.
        for pid in ("self", "1"):
            try: file = os.open("/proc/%s/ns/%s" % (pid, name), os.O_RDONLY)
            except OSError: continue
            found["setns %s %s" % (pid, name)] = bool(refused(308, file, 0))
            os.close(file)
    found["unshare"] = refused(272, 0x10000000) == 1
    found["clone3"] = refused(435, 0, 0) == 38
    found["mount"] = refused(165, b"none", b"/tmp", b"tmpfs", 0, 0) == 1
    found["netlink"] = refuses(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0))
    found["raw"] = refuses(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 255))
    tables = socket.socket()
    found["tables"] = refuses(lambda: tables.setsockopt(0, 64, b"x" * 84))
    tables.close()
    found["capabilities"] = all(l.split()[1].strip("0") == "" for l in open("/proc/self/status") if l.startswith("Cap"))
    return found
before = attempts()
# What forks would keep from it is looked for by a part of the client, which it can change.
import __main__
__main__.parts["belongings"].Belongings.look_at_descriptors = lambda self, orders: None
root, template = os.open("/", os.O_RDONLY), os.getpid()
def through_the_root_of_the_template():
    at = lambda path, flags=os.O_RDONLY: refuses(lambda: os.open(path, flags, dir_fd=root))
    processes = os.open("proc", os.O_RDONLY, dir_fd=root)
    found = {"processes": [name for name in os.listdir(processes) if name.isdigit()] == [os.readlink("self", dir_fd=processes)]}
    for pid in (1, template):
        for file in ("environ", "mem", "root", "ns/user", "fd"): found["%d %s" % (pid, file)] = at("proc/%d/%s" % (pid, file))
    found["above"] = os.path.samestat(os.stat("../../..", dir_fd=root), os.stat(root))
    found["tmp"] = at("tmp/new", os.O_WRONLY | os.O_CREAT) and refuses(lambda: os.chmod("tmp", 0o777, dir_fd=root))
    found["code"] = at("var/task/new", os.O_WRONLY | os.O_CREAT)
    return found
def handler(event, context): return [before, attempts(), through_the_root_of_the_template()]
"#;
    let (snapshot, _) = take(&bench, source).await.unwrap_or_else(|error| panic!("{error:?}"));
    let restored =
        restore(&bench, &snapshot, "a").await.unwrap_or_else(|error| panic!("{error:?}"));
    let told = restored.json("1").await;
    for found in told.as_array().unwrap() {
        let found = found.as_object().unwrap();
        assert!(found.len() >= 14 && found.values().all(|held| *held == true), "{found:?}");
    }
}
