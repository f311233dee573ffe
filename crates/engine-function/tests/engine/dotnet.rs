//! .NET functions: class libraries behind our client, and programs that are clients themselves.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use engine::{FunctionEngine as _, InitError};
use serde_json::json;

use crate::harness::{Bench, bench_with, eventually};

const RUNTIMES: [&str; 3] = ["dotnet10", "dotnet8", "dotnet6"];
/// The folder of a .NET 8 runtime that is not installed where runtimes usually are.
const DOTNET: &str = "NUAGE_TEST_DOTNET";

/// The part of AWS's Amazon.Lambda.Core that handlers name, which packages bring. Its serializer knows numbers and texts.
pub const CORE: &str = r#"
using System; using System.Collections.Generic; using System.IO;
namespace Amazon.Lambda.Core {
  public interface ICognitoIdentity { string IdentityId { get; } string IdentityPoolId { get; } }
  public interface IClientApplication { string AppTitle { get; } string InstallationId { get; } }
  public interface IClientContext {
    IDictionary<string, string> Environment { get; } IClientApplication Client { get; } IDictionary<string, string> Custom { get; }
  }
  public interface ILambdaLogger { void Log(string message); void LogLine(string message); }
  public interface ILambdaContext {
    string AwsRequestId { get; } IClientContext ClientContext { get; } string FunctionName { get; } string FunctionVersion { get; }
    ICognitoIdentity Identity { get; } string InvokedFunctionArn { get; } ILambdaLogger Logger { get; }
    string LogGroupName { get; } string LogStreamName { get; } int MemoryLimitInMB { get; } TimeSpan RemainingTime { get; }
  }
  public interface ILambdaSerializer { T Deserialize<T>(Stream requestStream); void Serialize<T>(T response, Stream responseStream); }
  [AttributeUsage(AttributeTargets.Assembly | AttributeTargets.Method)]
  public class LambdaSerializerAttribute : Attribute {
    public Type SerializerType { get; set; }
    public LambdaSerializerAttribute(Type type) { SerializerType = type; }
  }
  public static class LambdaLogger {
    private static Action<string> _loggingAction = Console.WriteLine;
    public static void Log(string message) { _loggingAction(message); }
  }
}
"#;

const FUNCTION: &str = r#"
using System; using System.IO; using System.Text; using System.Threading.Tasks; using Amazon.Lambda.Core;
[assembly: LambdaSerializer(typeof(Example.Serializer))]
namespace Example {
  public class Serializer : ILambdaSerializer {
    public T Deserialize<T>(Stream s) { return (T)Convert.ChangeType(new StreamReader(s).ReadToEnd().Trim('"'), typeof(T)); }
    public void Serialize<T>(T value, Stream s) {
      string text = value is string ? "\"" + value + "\"" : Convert.ToString(value);
      byte[] bytes = Encoding.UTF8.GetBytes(text); s.Write(bytes, 0, bytes.Length);
    }
  }
  public class Function {
    int calls;
    public string Text(string text, ILambdaContext context) {
      if (text == "fail") throw new InvalidOperationException("bad", new ArgumentException("inner"));
      if (text == "exit") Environment.Exit(5);
      Console.WriteLine("seen " + text);
      context.Logger.LogLine("logged");
      LambdaLogger.Log("static");
      return text + " " + context.FunctionName + " " + context.MemoryLimitInMB + " " + (context.RemainingTime.TotalSeconds > 50)
        + " " + context.AwsRequestId.Length + " " + (context.ClientContext == null) + " " + Directory.GetCurrentDirectory()
        + " " + Environment.GetEnvironmentVariable("N");
    }
    public int Calls() { return ++calls; }
    public async Task<int> Twice(int n) { await Task.Delay(1); return n * 2; }
    public async Task FailLater(int n) { await Task.Delay(1); throw new ApplicationException("later"); }
    public static Stream Raw(Stream input) { return input; }
    public int Heap() {
      var held = new System.Collections.Generic.List<byte[]>();
      try { while (true) { var more = new byte[1 << 20]; for (int i = 0; i < more.Length; i += 4096) more[i] = 1; held.Add(more); } }
      catch (OutOfMemoryException) { int count = held.Count; held = null; return count; }
    }
  }
  public class Broken { public Broken() { throw new NotSupportedException("made badly"); } public int Go() { return 1; } }
}
"#;

/// An executable assembly: its own client, with HTTP's plainest form.
const PROGRAM: &str = r#"
using System; using System.IO; using System.Net.Sockets; using System.Text;
public static class Program {
  public static void Main() {
    string[] api = Environment.GetEnvironmentVariable("AWS_LAMBDA_RUNTIME_API").Split(':');
    var stream = new TcpClient(api[0], int.Parse(api[1])).GetStream();
    var reader = new StreamReader(stream, new UTF8Encoding(false));
    while (true) {
      Send(stream, "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n");
      string id = null; int length = 0;
      for (string line = reader.ReadLine(); line != ""; line = reader.ReadLine()) {
        if (line.StartsWith("Lambda-Runtime-Aws-Request-Id: ")) id = line.Substring(31);
        if (line.ToLowerInvariant().StartsWith("content-length: ")) length = int.Parse(line.Substring(16));
      }
      var body = new char[length]; reader.ReadBlock(body, 0, length);
      string answer = "[\"program\"," + new string(body) + "]";
      Send(stream, "POST /2018-06-01/runtime/invocation/" + id + "/response HTTP/1.1\r\nHost: x\r\nContent-Length: " + answer.Length + "\r\n\r\n" + answer);
      int taken = 0;
      for (string line = reader.ReadLine(); line != ""; line = reader.ReadLine())
        if (line.ToLowerInvariant().StartsWith("content-length: ")) taken = int.Parse(line.Substring(16));
      reader.ReadBlock(new char[taken], 0, taken);
    }
  }
  static void Send(Stream s, string text) { byte[] b = Encoding.UTF8.GetBytes(text); s.Write(b, 0, b.Length); }
}
"#;

const CONFIG: &str = r#"{"runtimeOptions":{"framework":{"name":"Microsoft.NETCore.App","version":"6.0.0"},"rollForward":"Major",
    "configProperties":{"System.Globalization.Invariant":true}}}"#;

pub fn compile(package: &Path, name: &str, source: &str, options: &[&str]) {
    let file = package.join(format!("{name}.cs"));
    std::fs::write(&file, source).unwrap();
    #[expect(clippy::disallowed_methods, reason = "builds what the test runs")]
    let mut mcs = Command::new("mcs");
    mcs.args(["-nologo", "-nowarn:1998"]).args(options).arg(format!("-out:{name}.dll")).arg(&file);
    let output = mcs.current_dir(package).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// An engine with a .NET runtime, or None with a word about the test that is skipped.
pub async fn dotnet(test: &str) -> Option<(Bench, &'static str)> {
    dotnet_with_pool(test, 0).await
}

/// As [`dotnet`], with an engine that keeps `pool_size` sandboxes ready.
pub async fn dotnet_with_pool(test: &str, pool_size: usize) -> Option<(Bench, &'static str)> {
    #[expect(clippy::disallowed_methods, reason = "looks for a tool of this host")]
    let compiler = Command::new("mcs").arg("--version").output().is_ok();
    if !compiler {
        eprintln!("skipped: {test}: mcs is not on this host");
        return None;
    }
    let named = std::env::var_os(DOTNET).map(PathBuf::from).filter(|folder| folder.is_dir());
    let mapped = named.map(|folder| ("dotnet8".to_owned(), folder));
    let bench = bench_with(test, pool_size, BTreeMap::from_iter(mapped)).await?;
    let found = RUNTIMES.into_iter().find(|runtime| bench.engine.check_runtime(runtime).is_ok());
    if found.is_none() {
        eprintln!("skipped: {test}: no .NET runtime is on this host, and {DOTNET} names none");
    }
    found.map(|runtime| (bench, runtime))
}

fn package(bench: &Bench) -> PathBuf {
    let code = bench.package(&[]);
    compile(&code, "Amazon.Lambda.Core", CORE, &["-target:library"]);
    compile(&code, "Function", FUNCTION, &["-target:library", "-r:Amazon.Lambda.Core.dll"]);
    code
}

#[tokio::test]
async fn class_libraries() {
    let test = "dotnet::class_libraries";
    let Some((bench, runtime)) = dotnet(test).await else { return };
    let code = package(&bench);
    let start = async |method: &str| {
        let handler = format!("Function::Example.Function::{method}");
        let (mut spec, lines) = bench.spec(runtime, &handler, &code);
        spec.environment.push(("N".into(), "n".into()));
        match bench.run(spec, lines.clone()).await {
            Ok(function) => function,
            Err(error) => panic!("{error:?}: {:?}", lines.texts()),
        }
    };
    let function = start("Text").await;
    println!("{runtime}: initialized in {:?}", function.environment.initialized().duration);
    assert_eq!(function.json("\"ü\"").await, json!("ü f 256 True 36 True /var/task n"));
    let lines = function.lines.texts();
    assert_eq!(lines.len(), 3, "{lines:?}");
    for (line, text) in lines.iter().zip(["seen ü", "logged", "static"]) {
        assert!(line.ends_with(&format!("\tinfo\t{text}")), "{line}");
    }
    let (error_type, document) = function.error("\"fail\"").await;
    assert_eq!(
        (error_type.as_str(), &document["errorMessage"]),
        ("InvalidOperationException", &json!("bad"))
    );
    assert_eq!(
        (&document["cause"]["errorType"], &document["errorType"]),
        (&json!("ArgumentException"), &json!("InvalidOperationException"))
    );
    let frame = document["stackTrace"][0].as_str().unwrap();
    assert!(
        frame.starts_with("at Example.Function.Text(String text, ILambdaContext context)"),
        "{document}"
    );
    let lines = function.lines.texts();
    assert!(
        lines.len() == 1 && lines[0].contains("\tfail\tSystem.InvalidOperationException: bad"),
        "{lines:?}"
    );
    assert!(
        matches!(function.invoke("\"exit\"").await.outcome, engine::Outcome::Exited(status) if status.code == Some(5))
    );
    let function = start("Calls").await;
    assert_eq!((function.json("{}").await, function.json("{}").await), (json!(1), json!(2)));
    assert_eq!(start("Twice").await.json("21").await, json!(42));
    // The collector knows the function's memory, 256 MiB, instead of this host's.
    let heap_mib = start("Heap").await.json("{}").await.as_u64().unwrap();
    assert!((100..193).contains(&heap_mib), "{heap_mib}");
    let (error_type, _) = start("FailLater").await.error("1").await;
    assert_eq!(error_type, "ApplicationException");
    let long = json!({"long": "x".repeat(3_000_000)});
    assert_eq!(start("Raw").await.json(&long.to_string()).await, long);
}

#[tokio::test]
async fn waiting_processes_take_any_function() {
    let test = "dotnet::waiting_processes_take_any_function";
    let Some((bench, runtime)) = dotnet_with_pool(test, 1).await else { return };
    let code = package(&bench);
    let run = async |memory_mib: u32, variables: &[(&str, &str)]| {
        let (mut spec, lines) = bench.spec(runtime, "Function::Example.Function::Text", &code);
        spec.memory_mib = memory_mib;
        let variables = variables.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        spec.environment.extend(variables);
        match bench.run(spec, lines.clone()).await {
            Ok(function) => function,
            Err(error) => panic!("{error:?}: {:?}", lines.texts()),
        }
    };
    let fresh = run(128, &[("N", "fresh")]).await.environment.initialized().duration;
    bench.engine.expect_runtime(runtime, 256);
    for n in ["a", "ü"] {
        eventually("the pool is full", || bench.engine.pool_level() == (1, 1)).await;
        let function = run(256, &[("N", n)]).await;
        let waiting = function.environment.initialized().duration;
        println!(
            "{runtime}: initialized in {waiting:?}, without a process that waits in {fresh:?}"
        );
        let expected = format!("x f 256 True 36 True /var/task {n}");
        assert_eq!(function.json("\"x\"").await, json!(expected));
        assert_eq!(function.lines.texts().len(), 3);
    }
    // What counts from the start of a process, or is nothing to .NET, needs one of its own.
    for variables in [[("N", "n"), ("DOTNET_gcServer", "0")], [("N", "n"), ("EMPTY", "")]] {
        let function = run(256, &variables).await;
        assert_eq!(function.json("\"x\"").await, json!("x f 256 True 36 True /var/task n"));
    }
    // And so does a configuration of the package's own that asks for something else.
    std::fs::write(code.join("Function.runtimeconfig.json"), CONFIG).unwrap();
    let function = run(256, &[("N", "own")]).await;
    assert_eq!(function.json("\"x\"").await, json!("x f 256 True 36 True /var/task own"));
}

#[tokio::test]
async fn handlers_that_cannot_be_used() {
    let test = "dotnet::handlers_that_cannot_be_used";
    let Some((bench, runtime)) = dotnet(test).await else { return };
    let code = package(&bench);
    for (handler, expected, message) in [
        (
            "Absent::Example.Function::Text",
            "LambdaValidationException",
            "Could not find the specified handler assembly with the file name 'Absent'. The assembly should be located in the \
             root of your uploaded .zip file.",
        ),
        (
            "Function::Absent::Text",
            "LambdaValidationException",
            "Unable to load type 'Absent' from assembly 'Function'.",
        ),
        (
            "Function::Example.Function::Absent",
            "LambdaValidationException",
            "Unable to find method 'Absent' in type 'Example.Function' from assembly 'Function'.",
        ),
        (
            "Function::Text",
            "LambdaValidationException",
            "Invalid lambda function handler: 'Function::Text'. The valid format is 'ASSEMBLY::TYPE::METHOD'.",
        ),
        ("Function::Example.Broken::Go", "NotSupportedException", "made badly"),
    ] {
        let (spec, lines) = bench.spec(runtime, handler, &code);
        match bench.run(spec, lines).await.map(|_| ()) {
            Err(InitError::Reported { error_type, body, .. }) => {
                let document: serde_json::Value = serde_json::from_slice(&body).unwrap();
                assert_eq!(
                    (error_type.as_str(), &document["errorMessage"]),
                    (expected, &json!(message))
                );
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn executable_assemblies() {
    let test = "dotnet::executable_assemblies";
    let Some((bench, runtime)) = dotnet(test).await else { return };
    let code = bench.package(&[("Program.runtimeconfig.json", CONFIG)]);
    compile(&code, "Program", PROGRAM, &["-target:exe"]);
    let (spec, lines) = bench.spec(runtime, "Program", &code);
    let function = match bench.run(spec, lines.clone()).await {
        Ok(function) => function,
        Err(error) => panic!("{error:?}: {:?}", lines.texts()),
    };
    for n in 0..20 {
        assert_eq!(function.json(&n.to_string()).await, json!(["program", n]));
    }
}
