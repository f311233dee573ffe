//! Runs an interface client as an ordinary process, without a sandbox, against the real Runtime API.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use base::{Clock, OsClock, RequestId, SeededEntropy};
use bytes::Bytes;
use engine::{Invocation, OutputLine, OutputSink};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::process::{Child, Command};

use crate::environment::output::Output;
use crate::runtime_api::{Answer, Conversation, Freezer, InitOutcome, RuntimeApi};
use crate::task::Task;

struct NoFreezer;

impl Freezer for NoFreezer {
    fn set_frozen(&self, _frozen: bool) {}
}

#[derive(Default)]
pub(super) struct Lines(Mutex<Vec<OutputLine>>);

impl OutputSink for Lines {
    fn line(&self, line: OutputLine) {
        self.0.lock().push(line);
    }
}

/// One function that runs as a process.
pub(super) struct Function {
    conversation: Arc<Conversation>,
    child: Child,
    clock: Arc<dyn Clock>,
    lines: Arc<Lines>,
    output: Arc<Output>,
    seed: u64,
    _api: RuntimeApi,
    _reader: Task,
    _code: tempfile::TempDir,
}

/// How to start one.
pub(super) struct Start<'a> {
    pub(super) command: &'a [&'a str],
    /// File name and content of the interface client, and arguments behind its path.
    pub(super) client: (&'a str, &'a [u8]),
    pub(super) arguments: &'a [&'a str],
    /// Names and contents of the package's files.
    pub(super) files: &'a [(&'a str, &'a str)],
    pub(super) handler: &'a str,
    pub(super) environment: &'a [(&'a str, &'a str)],
    /// Runs before it starts, with the package's folder and the client.
    pub(super) build: fn(&Path, &Path),
}

/// For languages that need none.
pub(super) fn no_build(_: &Path, _: &Path) {}

/// Whether `program` is there; says that the test is skipped if it is not.
pub(super) fn is_there(program: &str) -> bool {
    let found = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .any(|folder| folder.join(program).is_file());
    if !found {
        eprintln!("skipped: {program} is not on this host");
    }
    found
}

impl Start<'_> {
    /// Starts it and waits for the end of its initialization.
    pub(super) async fn start(&self) -> (Function, InitOutcome) {
        #[expect(clippy::disallowed_methods, reason = "tests of real processes run on real time")]
        let sleep = |by| -> base::BoxFut<'static, ()> { Box::pin(tokio::time::sleep(by)) };
        let clock: Arc<dyn Clock> = Arc::new(OsClock::new(sleep));
        let code = tempfile::tempdir().unwrap();
        let (client, content) = self.client;
        write(code.path(), client, content);
        for (name, content) in self.files {
            write(&code.path().join("task"), name, content.as_bytes());
        }
        (self.build)(&code.path().join("task"), &code.path().join(client));
        let (conversation, init) =
            Conversation::new(clock.clone(), Arc::new(NoFreezer), Default::default());
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let api = RuntimeApi::serve(listener, Arc::clone(&conversation)).unwrap();
        let (read, write) = std::io::pipe().unwrap();
        let mut command = Command::new(self.command[0]);
        command.args(&self.command[1..]).arg(code.path().join(client)).args(self.arguments);
        command.env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap());
        command.env("LAMBDA_TASK_ROOT", code.path().join("task")).env("_HANDLER", self.handler);
        command
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .envs(self.environment.iter().copied());
        command
            .stdin(Stdio::null())
            .stdout(write.try_clone().unwrap())
            .stderr(write)
            .kill_on_drop(true);
        let child = command.spawn().unwrap();
        drop(command);
        let lines = Arc::new(Lines::default());
        let (output, reader) = Output::follow(read.into(), lines.clone(), clock.clone()).unwrap();
        let outcome = tokio::time::timeout(Duration::from_secs(30), init).await;
        let outcome = match outcome {
            Ok(Ok(outcome)) => outcome,
            other => panic!("{other:?}: {:?}", lines.0.lock()),
        };
        output.flush();
        let function = Function {
            conversation,
            child,
            clock,
            lines,
            output,
            seed: 0,
            _api: api,
            _reader: reader,
            _code: code,
        };
        (function, outcome)
    }

    /// Starts it; its initialization must succeed.
    pub(super) async fn ready(&self) -> Function {
        let (mut function, outcome) = self.start().await;
        assert_eq!(outcome, InitOutcome::Ready, "{:?}", function.printed());
        function
    }

    /// Starts it; its initialization must fail. Returns the type from the header and the document.
    pub(super) async fn init_error(&self) -> (String, Value, Vec<String>) {
        let (mut function, outcome) = self.start().await;
        let InitOutcome::Reported { error_type, body } = outcome else { panic!("it came up") };
        let status = function.child.wait().await.unwrap();
        assert!(status.code().is_some_and(|code| code != 0), "{status}");
        (error_type, serde_json::from_slice(&body).unwrap(), function.printed())
    }
}

fn write(folder: &Path, name: &str, content: &[u8]) {
    let file = folder.join(name);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, content).unwrap();
}

impl Function {
    pub(super) fn invocation(&mut self, payload: &str) -> Invocation {
        self.seed += 1;
        Invocation {
            request_id: RequestId::new(&SeededEntropy::new(self.seed)),
            deadline: self.clock.now() + Duration::from_secs(60),
            invoked_function_arn: "arn:aws:lambda:us-east-1:000000000000:function:f".into(),
            trace_id: None,
            client_context: None,
            cognito_identity: None,
            tenant_id: None,
            payload: Bytes::copy_from_slice(payload.as_bytes()),
            response: None,
        }
    }

    pub(super) async fn answer(&mut self, invocation: Invocation) -> Answer {
        self.output.begin(invocation.request_id);
        let answer = self.conversation.invoke(invocation).unwrap();
        let answer = async {
            let answer = answer.await;
            tokio::select! {
                _ = self.conversation.runtime_done() => {}
                _ = self.child.wait() => {}
            }
            answer
        };
        let answer = tokio::time::timeout(Duration::from_secs(30), answer).await;
        self.output.flush();
        match answer {
            Ok(answer) => answer.unwrap().answer,
            Err(_) => panic!("no answer; it printed {:?}", self.printed()),
        }
    }

    /// The answer as text.
    pub(super) async fn text(&mut self, payload: &str) -> String {
        let invocation = self.invocation(payload);
        match self.answer(invocation).await {
            Answer::Response(body) => String::from_utf8(body.to_vec()).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// The answer as JSON.
    pub(super) async fn json(&mut self, payload: &str) -> Value {
        serde_json::from_str(&self.text(payload).await).unwrap()
    }

    /// The error: the type from the header and the document.
    pub(super) async fn error(&mut self, payload: &str) -> (String, Value) {
        let invocation = self.invocation(payload);
        match self.answer(invocation).await {
            Answer::Error { error_type, body } => {
                (error_type, serde_json::from_slice(&body).unwrap())
            }
            other => panic!("{other:?}"),
        }
    }

    /// What it printed since the last call.
    pub(super) fn printed(&mut self) -> Vec<String> {
        self.output.flush();
        std::mem::take(&mut *self.lines.0.lock()).into_iter().map(|line| line.text).collect()
    }

    pub(super) async fn exit_code(&mut self) -> Option<i32> {
        self.child.wait().await.unwrap().code()
    }
}
