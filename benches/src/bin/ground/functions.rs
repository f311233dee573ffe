//! The functions that are measured, in the languages that this host has.

#![expect(clippy::disallowed_methods, reason = "a bench starts compilers")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Enough for what is forked or merely set up.
const REFILL: Duration = Duration::from_millis(150);

/// Answers with its event.
pub const PYTHON: &str = "def handler(event, context):\n    return event\n";
const NODEJS: &str = "exports.handler = async (event) => event;\n";
const JAVA: &str = "\
import com.amazonaws.services.lambda.runtime.*;
import java.util.Map;
public class Handler implements RequestHandler<Map<String, Object>, Object> {
  public Object handleRequest(Map<String, Object> event, Context context) { return event; }
}
";
/// What a plain JVM runs to compare with.
const JAVA_MAIN: &str = "public class Main { public static void main(String[] arguments) {} }";
const BOTO3: &str = "\
import boto3
client = boto3.client('s3', region_name='us-east-1')
def handler(event, context):
    return event
";

/// The languages of this host, and files that functions are made of.
pub struct Host {
    /// Compiled things.
    pub folder: tempfile::TempDir,
    /// In the order of the table.
    pub languages: Vec<Language>,
    /// What this host lacks: the figure and why.
    pub lacking: Vec<(&'static str, String)>,
}

/// A function that answers with its event, and what runs beside it.
pub struct Language {
    /// For the table.
    pub name: &'static str,
    /// AWS's name.
    pub runtime: String,
    pub handler: &'static str,
    pub files: Vec<(String, Vec<u8>)>,
    pub memory_mib: u32,
    pub snap_start: bool,
    /// The interpreter (or program) that does nothing else than start.
    pub plain: Vec<String>,
    /// Folders that it needs, beside those of the system.
    pub folders: Vec<PathBuf>,
    /// The interface client and its interpreter, for emulators of the Runtime API.
    pub client: Vec<String>,
    /// What the median of cold starts should be, in milliseconds.
    pub cold_ms: f64,
    /// Until what waits in a pool has taken the place of what was used.
    pub refill: Duration,
}

impl Host {
    /// Finds what there is.
    pub fn look() -> Self {
        let mut host = Host {
            folder: tempfile::tempdir().expect("a temporary folder"),
            languages: Vec::new(),
            lacking: Vec::new(),
        };
        for (name, found) in [
            ("Python", host.python()),
            ("Node.js", host.nodejs()),
            ("Java", host.java()),
            ("native", host.native()),
            ("Python with a boto3 client, SnapStart", host.boto3()),
        ] {
            match found {
                Ok(language) => host.languages.push(language),
                Err(reason) => host.lacking.push((name, reason)),
            }
        }
        host
    }

    /// The language with which everything but cold starts is measured.
    pub fn python_runtime(&self) -> &str {
        let python = self.languages.iter().find(|language| language.name == "Python");
        &python.expect("python3 is on this host").runtime
    }

    fn python(&self) -> Result<Language, String> {
        // The program itself: version managers put a script in its place.
        let said = ask(&["python3", "-c", PYTHON_SAYS])?;
        let mut said = said.lines().map(str::to_owned);
        let mut next = || said.next().unwrap_or_default();
        let (program, prefix, version) = (next(), next(), next());
        let client = self.folder.path().join("client/bootstrap.py");
        write(&client, engine_function::PYTHON.as_bytes());
        let client = client.display().to_string();
        Ok(Language {
            name: "Python",
            runtime: format!("python{version}"),
            handler: "index.handler",
            files: vec![("index.py".to_owned(), PYTHON.into())],
            memory_mib: 128,
            snap_start: false,
            // Without the packages beside it: how many those are differs from host to host.
            plain: [&program, "-I", "-S", "-c", "pass"].map(str::to_owned).to_vec(),
            folders: vec![prefix.into()],
            client: [&program, "-I", "-S", "-u", &client].map(str::to_owned).to_vec(),
            cold_ms: 4.0,
            refill: REFILL,
        })
    }

    fn boto3(&self) -> Result<Language, String> {
        let python = self.python()?;
        ask(&["python3", "-c", "import boto3"]).map_err(|_| "python3 has no boto3")?;
        Ok(Language {
            name: "Python with a boto3 client, SnapStart",
            // The oldest that AWS has SnapStart for, unless that of the host is newer.
            runtime: python.runtime.max(SNAP_START_FROM.to_owned()),
            files: vec![("index.py".to_owned(), BOTO3.into())],
            memory_mib: 256,
            snap_start: true,
            plain: [&python.plain[0], "-c", &BOTO3[..BOTO3.find("def").unwrap_or(0)]]
                .map(str::to_owned)
                .to_vec(),
            cold_ms: 6.0,
            ..python
        })
    }

    fn nodejs(&self) -> Result<Language, String> {
        let said = ask(&["node", "-p", "process.execPath + '\\n' + process.versions.node"])?;
        let (program, version) = said.split_once('\n').ok_or("node says nothing")?;
        let major = version.split('.').next().unwrap_or_default();
        Ok(Language {
            name: "Node.js",
            runtime: format!("nodejs{major}.x"),
            handler: "index.handler",
            files: vec![("index.js".to_owned(), NODEJS.into())],
            memory_mib: 128,
            snap_start: false,
            plain: [program, "-e", "0"].map(str::to_owned).to_vec(),
            folders: Vec::new(),
            client: [program, &client("nodejs/bootstrap.cjs")].map(str::to_owned).to_vec(),
            cold_ms: 4.0,
            refill: 2 * REFILL,
        })
    }

    fn java(&self) -> Result<Language, String> {
        let folder = self.folder.path().join("java");
        for (name, source) in [("Handler", JAVA), ("Main", JAVA_MAIN)] {
            let file = folder.join(name).with_extension("java");
            write(&file, source.as_bytes());
            let (file, into) = (file.display().to_string(), folder.display().to_string());
            let interfaces = client("java/runtime.jar");
            ask(&["javac", "--release", "8", "-nowarn", "-cp", &interfaces, "-d", &into, &file])?;
        }
        let said = ask(&["java", "-XshowSettings:properties", "-version"])?;
        let property = |name: &str| {
            let line = said.lines().find_map(|line| line.trim().strip_prefix(name));
            line.map(|line| line.trim_start_matches([' ', '=']).to_owned())
        };
        let home = property("java.home").ok_or("java tells no home")?;
        let version = property("java.specification.version").ok_or("java tells no version")?;
        let program = format!("{home}/bin/java");
        let classes = folder.display().to_string();
        let class = std::fs::read(folder.join("Handler.class")).map_err(|e| e.to_string())?;
        let flags = ["-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp"];
        let with = |rest: &[&str]| {
            let all = [&program[..]].into_iter().chain(flags).chain(rest.iter().copied());
            all.map(str::to_owned).collect()
        };
        Ok(Language {
            name: "Java",
            runtime: format!("java{version}"),
            handler: "Handler::handleRequest",
            files: vec![("Handler.class".to_owned(), class)],
            memory_mib: 512,
            snap_start: false,
            plain: with(&[&classes, "Main"]),
            folders: vec![folder, PathBuf::from("/etc")],
            client: with(&[&client("java/runtime.jar"), "nuage.runtime.Bootstrap"]),
            cold_ms: 6.0,
            refill: 4 * REFILL,
        })
    }

    fn native(&self) -> Result<Language, String> {
        let folder = self.folder.path().join("native");
        write(&folder.join("bootstrap.rs"), include_bytes!("bootstrap.rs"));
        let (source, program) = (folder.join("bootstrap.rs"), folder.join("bootstrap"));
        let (source, program) = (source.display().to_string(), program.display().to_string());
        let flags = ["-Ctarget-feature=+crt-static", "-Cpanic=abort", "-Cstrip=symbols"];
        let edition = "--edition=2021";
        ask(&[&["rustc", edition, "-O", "-o", &program, &source], &flags[..]].concat())?;
        let binary = std::fs::read(&program).map_err(|e| e.to_string())?;
        Ok(Language {
            name: "native",
            runtime: "provided.al2023".to_owned(),
            handler: "none",
            files: vec![("bootstrap".to_owned(), binary)],
            memory_mib: 128,
            snap_start: false,
            plain: vec![program.clone()],
            folders: vec![folder],
            client: vec![program],
            cold_ms: 2.5,
            refill: REFILL,
        })
    }
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html>
const SNAP_START_FROM: &str = "python3.12";

const PYTHON_SAYS: &str = "\
import sys
print(sys.executable, sys.base_prefix, '%d.%d' % sys.version_info[:2], sep='\\n')";

impl Language {
    /// What `CreateFunction` gets.
    pub fn parameters(&self, function: &str) -> Value {
        let snap_start = if self.snap_start { "PublishedVersions" } else { "None" };
        json!({
            "FunctionName": function,
            "Runtime": self.runtime,
            "Handler": self.handler,
            "MemorySize": self.memory_mib,
            "Timeout": 30,
            "Publish": self.snap_start,
            "SnapStart": { "ApplyOn": snap_start },
            "Code": { "ZipFile": package(&self.files) },
        })
    }
}

/// The memory that buys one vCPU. With less the quota of CPU is measured: 7 ms in 100 for 128 MiB.
const ONE_CPU_MIB: u32 = 1_769;

/// What `CreateFunction` gets for a function of one Python file.
pub fn python(host: &Host, function: &str, source: &str) -> Value {
    json!({
        "FunctionName": function,
        "Runtime": host.python_runtime(),
        "MemorySize": ONE_CPU_MIB,
        "Timeout": 60,
        "Code": { "ZipFile": package(&[("index.py".to_owned(), source.into())]) },
    })
}

/// A ZIP archive in Base64.
fn package(files: &[(String, Vec<u8>)]) -> String {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().unix_permissions(0o755);
    for (name, content) in files {
        archive.start_file(name.as_str(), options).expect("memory");
        archive.write_all(content).expect("memory");
    }
    STANDARD.encode(archive.finish().expect("memory").into_inner())
}

/// An interface client of this repository.
fn client(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtimes").join(path).display().to_string()
}

/// Writes a file, with the folders above it.
pub fn write(file: &Path, content: &[u8]) {
    std::fs::create_dir_all(file.parent().expect("it has a folder")).expect("a folder");
    std::fs::write(file, content).expect("a file");
}

/// What a command prints. Error: why it does not.
pub fn ask(command: &[&str]) -> Result<String, String> {
    let output = Command::new(command[0]).args(&command[1..]).stdin(Stdio::null()).output();
    let output = output.map_err(|_| format!("no {} on this host", command[0]))?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).trim().to_owned();
    if output.status.success() { Ok(said) } else { Err(format!("{}: {said}", command[0])) }
}
