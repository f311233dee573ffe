//! SnapStart of Java and .NET: environments that were initialized ahead and wait until they are wanted.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use engine::{FunctionEngine as _, InitError, Snapshot, SnapshotError};
use serde_json::json;

use crate::harness::{Bench, Lines, Running, bench, eventually};
use crate::{dotnet, java};

/// How long the functions below take to initialize, at least.
const SLOW: Duration = Duration::from_secs(1);

const JAVA: &str = r#"
import com.amazonaws.services.lambda.runtime.*;
import java.io.*;
import java.util.*;
import org.crac.*;
public class Function implements RequestHandler<Map<String, Object>, Object>, Resource {
  static final List<String> ORDER = new ArrayList<>();
  static final Map<String, String> SEEN = System.getenv();
  static final Function KEPT = new Function();
  static {
    System.out.println("initializing " + SEEN.get("WHO"));
    try { Thread.sleep(1000); } catch (InterruptedException never) { }
    Core.getGlobalContext().register(KEPT);
  }
  public void beforeCheckpoint(org.crac.Context<? extends Resource> context) throws Exception {
    ORDER.add("before as " + System.getenv("WHO"));
    if ("before".equals(System.getenv("FAIL"))) throw new IllegalStateException("before");
  }
  public void afterRestore(org.crac.Context<? extends Resource> context) throws Exception {
    ORDER.add("after as " + System.getenv("WHO"));
    if ("after".equals(System.getenv("FAIL"))) throw new IllegalStateException("after");
  }
  public Object handleRequest(Map<String, Object> event, com.amazonaws.services.lambda.runtime.Context context) {
    try {
      System.out.println("seen");
      Process child = new ProcessBuilder("/bin/sh", "-c", "echo $WHO; pwd").start();
      BufferedReader out = new BufferedReader(new InputStreamReader(child.getInputStream()));
      Map<String, Object> answer = new LinkedHashMap<>();
      answer.put("who", Arrays.asList(System.getenv("WHO"), SEEN.get("WHO"), out.readLine(), out.readLine()));
      answer.put("stream", context.getLogStreamName());
      answer.put("order", ORDER);
      return answer;
    } catch (Exception thrown) {
      throw new RuntimeException(thrown);
    }
  }
}
"#;

const HOOKS: &str = r#"
namespace Amazon.Lambda.Core {
  public static class SnapshotRestore {
    static readonly ConcurrentQueue<Func<ValueTask>> before = new ConcurrentQueue<Func<ValueTask>>();
    static readonly ConcurrentQueue<Func<ValueTask>> after = new ConcurrentQueue<Func<ValueTask>>();
    internal static void CopyBeforeSnapshotCallbacksToRegistry(Action<Func<ValueTask>> take) { Copy(before, take); }
    internal static void CopyAfterRestoreCallbacksToRegistry(Action<Func<ValueTask>> take) { Copy(after, take); }
    static void Copy(ConcurrentQueue<Func<ValueTask>> from, Action<Func<ValueTask>> take) { Func<ValueTask> one; while (from.TryDequeue(out one)) take(one); }
    public static void RegisterBeforeSnapshot(Func<ValueTask> hook) { before.Enqueue(hook); }
    public static void RegisterAfterRestore(Func<ValueTask> hook) { after.Enqueue(hook); }
  }
}
"#;

const DOTNET: &str = r#"
using System; using System.IO; using System.Text; using System.Threading; using System.Threading.Tasks; using Amazon.Lambda.Core;
public class Function {
  string order = "";
  static string Who { get { return Environment.GetEnvironmentVariable("WHO"); } }
  public Function() {
    Console.WriteLine("initializing " + Who);
    Thread.Sleep(1000);
    SnapshotRestore.RegisterBeforeSnapshot(() => Hook("first before"));
    SnapshotRestore.RegisterBeforeSnapshot(() => Hook("last before"));
    SnapshotRestore.RegisterAfterRestore(() => Hook("first after"));
    SnapshotRestore.RegisterAfterRestore(() => Hook("last after"));
  }
  ValueTask Hook(string name) { return new ValueTask(Later(name)); }
  async Task Later(string name) {
    await Task.Delay(1);
    order += name + " as " + Who + ",";
    string fail = Environment.GetEnvironmentVariable("FAIL");
    if (fail != null && name == "last " + fail) throw new InvalidOperationException(fail);
  }
  public Stream Handle(Stream input, ILambdaContext context) {
    Console.WriteLine("seen");
    string text = "{\"who\":\"" + Who + "\",\"stream\":\"" + context.LogStreamName + "\",\"order\":\"" + order + "\",\"cwd\":\""
      + Directory.GetCurrentDirectory() + "\"}";
    return new MemoryStream(Encoding.UTF8.GetBytes(text));
  }
}
"#;

struct Kept<'a> {
    bench: &'a Bench,
    runtime: &'static str,
    handler: &'static str,
    code: PathBuf,
}

impl Kept<'_> {
    async fn take(&self, fail: &str) -> Result<(Arc<dyn Snapshot>, Arc<Lines>), SnapshotError> {
        let (mut spec, lines) = self.bench.spec(self.runtime, self.handler, &self.code);
        spec.environment.extend(variables("nobody", fail));
        Ok((self.bench.engine.snapshot(spec).await?, lines))
    }

    async fn restore(
        &self,
        snapshot: &Arc<dyn Snapshot>,
        who: &str,
        fail: &str,
    ) -> Result<Running, InitError> {
        let (mut spec, lines) = self.bench.spec(self.runtime, self.handler, &self.code);
        spec.environment.retain(|(name, _)| name != "AWS_LAMBDA_LOG_STREAM_NAME");
        spec.environment.push(("AWS_LAMBDA_LOG_STREAM_NAME".into(), format!("stream of {who}")));
        spec.environment.extend(variables(who, fail));
        let environment = snapshot.restore(spec).await?;
        Ok(self.bench.running(environment, lines))
    }
}

fn variables(who: &str, fail: &str) -> [(String, String); 3] {
    [("WHO", who), ("FAIL", fail), ("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
}

/// Two environments one after the other; what each answered.
async fn restore_twice(kept: &Kept<'_>) -> [serde_json::Value; 2] {
    let (snapshot, printed) = kept.take("-").await.unwrap_or_else(|error| panic!("{error:?}"));
    assert!(snapshot.initialized().duration >= SLOW);
    let texts = printed.texts();
    assert!(texts.iter().any(|line| line.ends_with("initializing nobody")), "{texts:?}");
    let mut answers = Vec::new();
    for who in ["a", "b"] {
        eventually("one is ready", || snapshot.is_ready()).await;
        assert!(snapshot.memory_bytes() > 0);
        let restored = kept.restore(&snapshot, who, "-").await;
        let running = restored.unwrap_or_else(|error| panic!("{error:?}"));
        let duration = running.environment.initialized().duration;
        println!("{}: restored in {duration:?}", kept.runtime);
        assert!(duration < SLOW, "{duration:?}");
        assert!(!snapshot.is_ready(), "the next one takes a second");
        let answer = running.json("{}").await;
        assert_eq!(answer["stream"], json!(format!("stream of {who}")));
        let texts = running.lines.texts();
        assert!(texts.len() == 1 && texts[0].ends_with("seen"), "{texts:?}");
        let told: Vec<String> =
            running.lines.platform().into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(told[0], "platform.restoreStart", "{told:?}");
        answers.push(answer);
    }
    answers.try_into().expect("two")
}

/// The errors of hooks: at the snapshot, and at the restoration.
async fn failing_hooks(kept: &Kept<'_>, before: &str, after: &str) {
    match kept.take("before").await.err() {
        Some(SnapshotError::Failed(InitError::Reported { error_type, .. })) => {
            assert_eq!(error_type, before);
        }
        other => panic!("{other:?}"),
    }
    let (snapshot, _) = kept.take("-").await.unwrap_or_else(|error| panic!("{error:?}"));
    match kept.restore(&snapshot, "a", "after").await.err() {
        Some(InitError::Reported { error_type, .. }) => assert_eq!(error_type, after),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn java_functions() {
    let test = "kept::java_functions";
    let Some(bench) = bench(test).await else { return };
    for runtime in java::available(&bench, test) {
        let code = bench.package(&[]);
        java::compile(&bench, "Function.java", JAVA, &code);
        let kept = Kept { bench: &bench, runtime, handler: "Function", code };
        for (answer, who) in restore_twice(&kept).await.iter().zip(["a", "b"]) {
            assert_eq!(answer["who"], json!([who, who, who, "/var/task"]));
            assert_eq!(answer["order"], json!(["before as nobody", format!("after as {who}")]));
        }
        let (before, after) = ("Runtime.BeforeCheckpointError", "Runtime.AfterRestoreError");
        failing_hooks(&kept, before, after).await;
    }
}

#[tokio::test]
async fn dotnet_functions() {
    let test = "kept::dotnet_functions";
    let Some((bench, runtime)) = dotnet::dotnet(test).await else { return };
    let code = bench.package(&[]);
    compile_dotnet(&code);
    let kept = Kept { bench: &bench, runtime, handler: "Function::Function::Handle", code };
    for (answer, who) in restore_twice(&kept).await.iter().zip(["a", "b"]) {
        assert_eq!((&answer["who"], &answer["cwd"]), (&json!(who), &json!("/var/task")));
        let order = format!(
            "last before as nobody,first before as nobody,first after as {who},last after as {who},"
        );
        assert_eq!(answer["order"], json!(order));
    }
    failing_hooks(&kept, "Runtime.BeforeSnapshotError", "Runtime.AfterRestoreError").await;
    // A function that is ended takes what waits for it along, and so does the engine's end.
    let (snapshot, _) = kept.take("-").await.unwrap_or_else(|error| panic!("{error:?}"));
    bench.engine.shut_down().await;
    assert!(kept.restore(&snapshot, "late", "-").await.is_err());
}

fn compile_dotnet(code: &Path) {
    let usings = "using System; using System.Collections.Generic; using System.IO;";
    let more = "using System.Collections.Concurrent; using System.Threading.Tasks;";
    let core = format!("{usings} {more}\n{HOOKS}\n{}", dotnet::CORE.replace(usings, ""));
    dotnet::compile(code, "Amazon.Lambda.Core", &core, &["-target:library"]);
    dotnet::compile(code, "Function", DOTNET, &["-target:library", "-r:Amazon.Lambda.Core.dll"]);
}
