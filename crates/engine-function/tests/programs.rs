//! What people write in runs under the system call filter and the read-only root: one test per language, skipped by name
//! where the host lacks it.

mod host;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use engine_function::{Assignment, ExitStatus, RootSpec, SandboxSpec};
use host::{command, output, spawner};

/// Runs a program with `files` as its code, and returns all that it wrote and how it ended.
async fn run(root: RootSpec, code: &Path, argv: &[&str], memory_mib: u32) -> (String, ExitStatus) {
    let state = tempfile::tempdir().expect("a folder");
    let spawner = spawner(state.path()).await;
    let sandbox = spawner
        .create(SandboxSpec { root, boot: None, ..SandboxSpec::default() })
        .await
        .expect("created");
    let mut assignment = Assignment { code: Some(code.to_owned()), memory_mib, ..command(argv) };
    assignment.environment.insert("LANG".to_owned(), "C.UTF-8".to_owned());
    sandbox.assign(assignment).await.expect("assigned");
    let text = output(&sandbox).await;
    (text, sandbox.exited().await)
}

fn code(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, content) in files {
        fs::write(folder.path().join(name), content).expect("a file");
    }
    folder
}

/// Whether all of `paths` are there; says so when not.
fn has(name: &str, paths: &[&str]) -> bool {
    let absent: Vec<_> = paths.iter().filter(|path| !Path::new(path).exists()).collect();
    if !absent.is_empty() {
        println!("skipped: {name}: the host has no {absent:?}");
    }
    absent.is_empty()
}

/// Compiles on the host, where compilers are; false when that fails.
fn build(program: &str, arguments: &[&str], folder: &Path) -> bool {
    #[expect(clippy::disallowed_methods, reason = "a test that needs a compiler starts one")]
    let mut compiler = Command::new(program);
    compiler
        .args(arguments)
        .current_dir(folder)
        .env("GOCACHE", folder.join("cache"))
        .env("GOFLAGS", "-mod=mod");
    compiler.status().is_ok_and(|status| status.success())
}

const PYTHON: &str = r#"
import asyncio, concurrent.futures, ctypes, hashlib, json, mmap, multiprocessing, os, pwd, random, socket, sqlite3, ssl
import subprocess, tempfile, threading, time, urllib.request, uuid, zoneinfo

def work(pipe):
    pipe.send(os.getpid())

def main():
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=work, args=(theirs,))
    process.start()
    assert ours.recv() == process.pid
    process.join()
    assert process.exitcode == 0
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(lambda n: n * n, range(100))) == 328350
    assert subprocess.run(["/bin/sh", "-c", "echo $((6 * 7))"], capture_output=True, text=True).stdout == "42\n"
    assert pwd.getpwuid(os.getuid()).pw_name == "sbx_user1051"
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"x" * 10000)
        file.flush()
        os.chmod(file.name, 0o600)
        mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ).close()
    database = sqlite3.connect("/tmp/database")
    database.execute("create table t (x)")
    database.commit()
    async def sleep():
        process = await asyncio.create_subprocess_exec("/bin/true")
        return await process.wait()
    assert asyncio.run(sleep()) == 0
    server = socket.create_server(("127.0.0.1", 0))
    socket.create_connection(server.getsockname()).close()
    socket.getaddrinfo("localhost", 80)
    assert ssl.create_default_context().cert_store_stats()["x509_ca"] > 0
    try:
        socket.getaddrinfo("example.com", 80)
        raise AssertionError("there is no name service")
    except socket.gaierror:
        pass
    with open("/dev/stdout", "w") as out:
        out.write("python is well\n")

if __name__ == "__main__":
    main()
"#;

#[tokio::test]
async fn python() {
    if has("python", &["/usr/bin/python3"]) {
        let code = code(&[("main.py", PYTHON)]);
        let (text, status) =
            run(RootSpec::host(), code.path(), &["/usr/bin/python3", "/var/task/main.py"], 256)
                .await;
        assert_eq!((text.as_str(), status.code), ("python is well\n", Some(0)));
    }
}

const NODE: &str = r#"
const assert = require('assert'), fs = require('fs'), os = require('os'), net = require('net'), dns = require('dns');
const { Worker } = require('worker_threads'), { execFileSync, fork } = require('child_process'), crypto = require('crypto');
(async () => {
  assert.equal(os.userInfo().username, 'sbx_user1051');
  assert.deepEqual(Object.keys(os.networkInterfaces()), ['lo']);
  await fs.promises.writeFile('/tmp/file', crypto.randomBytes(1000));
  assert.equal((await fs.promises.readFile('/tmp/file')).length, 1000);
  assert.equal(execFileSync('/bin/echo', ['hello']).toString(), 'hello\n');
  await new Promise(done => new Worker('require("worker_threads").parentPort.postMessage(1)', { eval: true }).on('message', done));
  await new Promise(done => crypto.pbkdf2('a', 'b', 1000, 32, 'sha256', done));
  await new Promise(done => { const s = net.createServer(c => { c.end(); s.close(done); }).listen(0, '127.0.0.1', () => net.connect(s.address().port, '127.0.0.1').resume()); });
  await dns.promises.lookup('localhost');
  await WebAssembly.instantiate(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
  console.log('node is well');
})().catch(error => { console.log(error); process.exit(1); });
"#;

#[tokio::test]
async fn node() {
    if has("node", &["/usr/bin/node"]) {
        let code = code(&[("main.js", NODE)]);
        let (text, status) =
            run(RootSpec::host(), code.path(), &["/usr/bin/node", "/var/task/main.js"], 256).await;
        assert_eq!((text.as_str(), status.code), ("node is well\n", Some(0)));
    }
}

const JAVA: &str = r#"
import java.nio.file.*; import java.util.stream.*;
public class Main {
  public static void main(String[] a) throws Exception {
    Path f = Files.createTempFile("x", "y"); Files.writeString(f, "text");
    long sum = IntStream.range(0, 2_000_000).parallel().asLongStream().map(x -> x * x % 7).sum();
    var threads = IntStream.range(0, 20).mapToObj(i -> new Thread(() -> {})).collect(Collectors.toList());
    threads.forEach(Thread::start); for (var t : threads) t.join();
    var p = new ProcessBuilder("/bin/echo", "child").start(); p.waitFor();
    try (var s = new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) { new java.net.Socket(s.getInetAddress(), s.getLocalPort()).close(); }
    java.security.SecureRandom.getInstanceStrong().nextInt();
    javax.net.ssl.SSLContext.getDefault();
    System.out.println("java is well " + (sum > 0) + " " + new String(p.getInputStream().readAllBytes()).trim() + " " + System.getProperty("user.name"));
  }
}
"#;

#[tokio::test]
async fn java() {
    if has("java", &["/usr/bin/java", "/usr/bin/javac"]) {
        let code = code(&[("Main.java", JAVA)]);
        if !build("/usr/bin/javac", &["--release", "17", "Main.java"], code.path()) {
            return println!("skipped: java: the compiler failed");
        }
        let argv = ["/usr/bin/java", "-XX:+UseSerialGC", "-Xmx200m", "-cp", "/var/task", "Main"];
        let (text, status) = run(RootSpec::host(), code.path(), &argv, 512).await;
        assert_eq!(
            (text.as_str(), status.code),
            ("java is well true child sbx_user1051\n", Some(0))
        );
    }
}

const GO: &str = r#"package main
import ("fmt"; "net"; "os"; "os/exec"; "os/user"; "sync"; "time")
func main() {
  var wait sync.WaitGroup
  for i := 0; i < 100; i++ { wait.Add(1); go func() { time.Sleep(time.Millisecond); wait.Done() }() }
  wait.Wait()
  out, err := exec.Command("/bin/echo", "child").Output()
  if err != nil { panic(err) }
  l, err := net.Listen("tcp", "127.0.0.1:0")
  if err != nil { panic(err) }
  c, err := net.Dial("tcp", l.Addr().String())
  if err != nil { panic(err) }
  c.Close()
  u, err := user.Current()
  if err != nil { panic(err) }
  if err := os.WriteFile("/tmp/x", out, 0600); err != nil { panic(err) }
  fmt.Println("go is well", u.Username)
}
"#;

#[tokio::test]
async fn go() {
    if has("go", &["/usr/local/go/bin/go"]) {
        let code = code(&[("main.go", GO), ("go.mod", "module main\ngo 1.20\n")]);
        if !build("/usr/local/go/bin/go", &["build", "-o", "bootstrap", "."], code.path()) {
            return println!("skipped: go: the compiler failed");
        }
        let (text, status) =
            run(RootSpec::host(), code.path(), &["/var/task/bootstrap"], 128).await;
        assert_eq!((text.as_str(), status.code), ("go is well sbx_user1051\n", Some(0)));
    }
}

const C: &str = r#"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
static void *work(void *argument) { return argument; }
int main(void) {
  pthread_t threads[20];
  for (int i = 0; i < 20; i++) if (pthread_create(&threads[i], 0, work, 0)) return 1;
  for (int i = 0; i < 20; i++) pthread_join(threads[i], 0);
  int status = system("exit 3");
  FILE *file = tmpfile();
  if (!file || WEXITSTATUS(status) != 3) return 2;
  pid_t child = fork();
  if (child == 0) _exit(5);
  waitpid(child, &status, 0);
  if (WEXITSTATUS(status) != 5) return 3;
  puts("c is well");
  return 0;
}
"#;

#[tokio::test]
async fn c() {
    if has("c", &["/usr/bin/gcc"]) {
        let code = code(&[("main.c", C)]);
        assert!(
            build("/usr/bin/gcc", &["-o", "bootstrap", "main.c", "-pthread"], code.path()),
            "gcc compiles"
        );
        let (text, status) =
            run(RootSpec::host(), code.path(), &["/var/task/bootstrap"], 128).await;
        assert_eq!((text.as_str(), status.code), ("c is well\n", Some(0)));
    }
}

#[tokio::test]
async fn bash() {
    if has("bash", &["/usr/bin/bash"]) {
        let script = "set -euo pipefail\ncd /tmp\nseq 1000 | sort -rn | head -1 | tee out >/dev/null\n\
                      diff <(echo same) <(echo same)\nmkdir -p a/b && cp out a/b/ && tar cf x.tar a && rm -r a && tar xf x.tar\n\
                      (trap 'echo trapped' TERM; kill -TERM $BASHPID)\nawk 'BEGIN { print 6 * 7 }'\nsleep 0.01 & wait $!\n\
                      cat a/b/out; date -u +%Z; ls -l /proc/self/exe >/dev/null; echo bash is well";
        let code = code(&[("main.sh", script)]);
        let (text, status) =
            run(RootSpec::host(), code.path(), &["/usr/bin/bash", "/var/task/main.sh"], 128).await;
        assert_eq!(
            (text.as_str(), status.code),
            ("trapped\n42\n1000\nUTC\nbash is well\n", Some(0))
        );
    }
}

const RUBY: &str = "require 'socket'; require 'tempfile'; require 'openssl'\n\
    raise unless (1..20).map { |n| Thread.new { n } }.map(&:value).sum == 210\n\
    raise unless `echo child` == \"child\\n\"\nraise unless Process.wait2(fork { exit 4 })[1].exitstatus == 4\n\
    s = TCPServer.new('127.0.0.1', 0); TCPSocket.new('127.0.0.1', s.addr[1]).close\nputs 'ruby is well'\n";

#[tokio::test]
async fn ruby() {
    if has("ruby", &["/usr/bin/ruby"]) {
        let code = code(&[("main.rb", RUBY)]);
        let (text, status) =
            run(RootSpec::host(), code.path(), &["/usr/bin/ruby", "/var/task/main.rb"], 256).await;
        assert_eq!((text.as_str(), status.code), ("ruby is well\n", Some(0)));
    }
}

#[tokio::test]
async fn dotnet() {
    if has("dotnet", &["/usr/bin/dotnet"]) {
        let code = code(&[]);
        let (text, status) =
            run(RootSpec::host(), code.path(), &["/usr/bin/dotnet", "--info"], 512).await;
        assert_eq!(status.code, Some(0), "{text}");
    }
}

/// An interpreter outside `/usr`, mounted at its own path, even below a folder that only its owner may enter.
#[tokio::test]
async fn an_interpreter_with_a_prefix_of_its_own() {
    let folder = tempfile::tempdir_in("/var/tmp").expect("a folder");
    let prefix: PathBuf = folder.path().join("private/prefix");
    fs::create_dir_all(prefix.join("bin")).expect("a folder");
    fs::copy("/bin/sh", prefix.join("bin/interpreter")).expect("a program");
    std::os::unix::fs::symlink("interpreter", prefix.join("bin/sh")).expect("a link");
    let closed = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    fs::set_permissions(folder.path(), closed).expect("permissions");
    let program = prefix.join("bin/sh").display().to_string();
    let root = RootSpec::host().mount(&prefix, &prefix);
    let code = code(&[]);
    let (text, status) = run(root, code.path(), &[&program, "-c", "echo well"], 128).await;
    assert_eq!((text.as_str(), status.code), ("well\n", Some(0)));
}
