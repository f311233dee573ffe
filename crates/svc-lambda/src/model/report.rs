//! What is told of an invocation: the platform's lines in the log, in both formats, and what is billed.

use crate::tables::LoggingRecord;
use base::{MIB, RequestId, Time};
use serde_json::{Value, json};
use std::time::Duration;

/// How an invocation ended, as the platform sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// The runtime answered; also with an error that the handler raised.
    Success,
    /// The handler raised: the runtime reported an error of this type.
    Error(String),
    /// The runtime's process ended or could not be started.
    Failure(String),
    /// The function's timeout passed.
    Timeout,
}

/// One invocation's figures.
#[derive(Clone, Debug)]
pub struct Report {
    /// The invocation.
    pub request_id: RequestId,
    /// Without initialization.
    pub duration: Duration,
    /// Of the initialization that took place for this invocation.
    pub init: Option<Duration>,
    /// Of the restoration from a snapshot for this invocation.
    pub restore: Option<Duration>,
    /// Configured memory.
    pub memory_mib: u32,
    /// Most memory in use at once.
    pub memory_peak_bytes: u64,
    /// How it ended.
    pub status: Status,
    /// How the runtime answered, if it did.
    pub response: Option<Response>,
}

/// When and how the runtime answered.
#[derive(Clone, Copy, Debug)]
pub struct Response {
    /// When it was given the event.
    pub invoked_at: Time,
    /// From then until it began to answer.
    pub latency: Duration,
    /// From then until the answer was complete.
    pub duration: Duration,
    /// Length of the answer.
    pub bytes: u64,
}

/// Whole milliseconds, rounded up; at least one.
pub fn billed_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX).max(1)
}

impl Report {
    /// Whole milliseconds, rounded up. Initialization is billed since August 2025:
    /// <https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/>
    pub fn billed_ms(&self) -> u64 {
        billed_ms(self.duration + self.init.unwrap_or_default())
    }

    fn memory_peak_mib(&self) -> u64 {
        self.memory_peak_bytes.div_ceil(MIB).clamp(1, self.memory_mib.into())
    }

    fn text(&self) -> String {
        let mut line = format!(
            "REPORT RequestId: {}\tDuration: {:.2} ms\tBilled Duration: {} ms\tMemory Size: {} MB\t\
             Max Memory Used: {} MB\t",
            self.request_id,
            ms(self.duration),
            self.billed_ms(),
            self.memory_mib,
            self.memory_peak_mib(),
        );
        if let Some(init) = self.init {
            line += &format!("Init Duration: {:.2} ms\t", ms(init));
        }
        if let Some(restore) = self.restore {
            line += &format!(
                "Restore Duration: {:.2} ms\tBilled Restore Duration: {} ms\t",
                ms(restore),
                billed_ms(restore)
            );
        }
        match &self.status {
            // Recorded: what the handler raised does not show here.
            Status::Success | Status::Error(_) => {}
            Status::Failure(kind) => line += &format!("Status: error\tError Type: {kind}\t"),
            Status::Timeout => line += "Status: timeout\t",
        }
        line + "\n"
    }

    /// What `platform.runtimeDone` tells.
    pub fn runtime_done_record(&self) -> Value {
        let mut record = json!({
            "requestId": self.request_id.to_string(),
            "status": status_name(&self.status),
            "metrics": { "durationMs": rounded_ms(self.duration) },
        });
        if let Some(kind) = error_type(&self.status) {
            record["errorType"] = json!(kind);
        }
        if let Some(Response { invoked_at, latency, duration, bytes }) = self.response {
            let span = |name: &str, start: Time, duration: Duration| json!({ "name": name, "start": start.to_string(), "durationMs": rounded_ms(duration) });
            record["metrics"]["producedBytes"] = json!(bytes);
            record["spans"] = json!([
                span("responseLatency", invoked_at, latency),
                span("responseDuration", invoked_at + latency, duration),
            ]);
        }
        record
    }

    /// What `platform.report` tells.
    pub fn record(&self) -> Value {
        let mut metrics = json!({
            "durationMs": rounded_ms(self.duration),
            "billedDurationMs": self.billed_ms(),
            "memorySizeMB": self.memory_mib,
            "maxMemoryUsedMB": self.memory_peak_mib(),
        });
        if let Some(init) = self.init {
            metrics["initDurationMs"] = json!(rounded_ms(init));
        }
        if let Some(restore) = self.restore {
            metrics["restoreDurationMs"] = json!(rounded_ms(restore));
            metrics["billedRestoreDurationMs"] = json!(billed_ms(restore));
        }
        let mut record = json!({
            "requestId": self.request_id.to_string(),
            "metrics": metrics,
            "status": status_name(&self.status),
        });
        if let Some(kind) = error_type(&self.status) {
            record["errorType"] = json!(kind);
        }
        record
    }
}

/// `INVOKE` stays, `platform` is written `Platform`.
fn capitalized(name: &str) -> String {
    let (first, rest) = name.split_at(name.len().min(1));
    first.to_uppercase() + rest
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

fn rounded_ms(duration: Duration) -> f64 {
    (ms(duration) * 1_000.0).round() / 1_000.0
}

fn status_name(status: &Status) -> &'static str {
    match status {
        Status::Success => "success",
        Status::Error(_) => "error",
        Status::Failure(_) => "failure",
        Status::Timeout => "timeout",
    }
}

fn error_type(status: &Status) -> Option<&str> {
    match status {
        Status::Error(kind) | Status::Failure(kind) => Some(kind),
        Status::Success | Status::Timeout => None,
    }
}

/// How loud an event of the platform is.
/// <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Debug,
    Info,
    Warn,
}

/// The platform's lines about one environment and its invocations.
#[derive(Clone, Debug)]
pub struct PlatformLog {
    json: bool,
    level: Level,
    function_name: String,
    version: String,
    runtime_version: String,
    runtime_version_arn: String,
    initialization_type: &'static str,
}

impl PlatformLog {
    /// For a version that logs as `logging` says.
    pub fn new(
        logging: &LoggingRecord,
        function_name: &str,
        version: &str,
        runtime_version: String,
        runtime_version_arn: String,
    ) -> Self {
        let level = match logging.system_level.as_deref() {
            Some("DEBUG") => Level::Debug,
            Some("WARN") => Level::Warn,
            _ => Level::Info,
        };
        PlatformLog {
            json: logging.json,
            level,
            function_name: function_name.to_string(),
            version: version.to_string(),
            runtime_version,
            runtime_version_arn,
            initialization_type: "on-demand",
        }
    }

    /// The same for an environment with this `AWS_LAMBDA_INITIALIZATION_TYPE`.
    pub fn initialized_as(self, initialization_type: &'static str) -> Self {
        PlatformLog { initialization_type, ..self }
    }

    fn event(&self, level: Level, now: Time, kind: &str, record: Value) -> Option<String> {
        (level >= self.level)
            .then(|| json!({ "time": now.to_string(), "type": kind, "record": record }).to_string())
    }

    /// The environment begins to initialize.
    pub fn init_start(&self, now: Time) -> Option<String> {
        if !self.json {
            let (version, arn) = (&self.runtime_version, &self.runtime_version_arn);
            return Some(format!(
                "INIT_START Runtime Version: {version}\tRuntime Version ARN: {arn}\n"
            ));
        }
        let record = json!({
            "initializationType": self.initialization_type,
            "phase": "init",
            "runtimeVersion": self.runtime_version,
            "runtimeVersionArn": self.runtime_version_arn,
            "functionName": self.function_name,
            "functionVersion": self.version,
        });
        self.event(Level::Info, now, "platform.initStart", record)
    }

    /// The environment's initialization failed. `phase` is `init`, or `invoke` for the second try.
    pub fn init_failed(
        &self,
        now: Time,
        phase: &str,
        duration: Duration,
        status: &Status,
    ) -> Option<String> {
        if !self.json {
            let outcome = match status {
                Status::Timeout => "Status: timeout".to_string(),
                _ => {
                    format!("Status: error\tError Type: {}", error_type(status).unwrap_or_default())
                }
            };
            return Some(format!(
                "INIT_REPORT Init Duration: {:.2} ms\tPhase: {phase}\t{outcome}\n",
                ms(duration)
            ));
        }
        let mut record = json!({
            "initializationType": self.initialization_type,
            "phase": phase,
            "status": status_name(status),
            "metrics": { "durationMs": rounded_ms(duration) },
        });
        if let Some(kind) = error_type(status) {
            record["errorType"] = json!(kind);
        }
        self.event(Level::Warn, now, "platform.initReport", record)
    }

    /// What the engine tells of an environment itself, as far as it is not told here already.
    pub fn told(&self, time: Time, kind: &str, record: &str) -> Option<String> {
        let record: Value = serde_json::from_str(record).ok()?;
        let text = |name: &str| record[name].as_str().unwrap_or_default();
        let succeeded = text("status") == "success";
        if !self.json {
            let list = |name: &str| {
                let names = record[name].as_array().into_iter().flatten().filter_map(Value::as_str);
                names.map(capitalized).collect::<Vec<_>>().join(", ")
            };
            let (name, state) = (text("name"), text("state"));
            return match kind {
                "platform.extension" => {
                    let failure = match text("errorType") {
                        "" => String::new(),
                        kind => format!("\tError Type: {kind}"),
                    };
                    let events = list("events");
                    Some(format!(
                        "EXTENSION\tName: {name}\tState: {state}\tEvents: [{events}]{failure}\n"
                    ))
                }
                "platform.telemetrySubscription" | "platform.logsSubscription" => {
                    let api = if kind.starts_with("platform.t") { "TELEMETRY" } else { "LOGS" };
                    let types = list("types");
                    Some(format!("{api}\tName: {name}\tState: {state}\tTypes: [{types}]\n"))
                }
                _ => None,
            };
        }
        let on_demand = text("initializationType") == "on-demand";
        let level = match kind {
            "platform.initRuntimeDone" | "platform.restoreRuntimeDone" if succeeded => Level::Debug,
            "platform.initRuntimeDone" | "platform.restoreRuntimeDone" => Level::Warn,
            // One that failed is told where it is known what that means for an invocation.
            "platform.initReport" if !succeeded => return None,
            "platform.initReport" if on_demand => Level::Debug,
            "platform.initReport" => Level::Info,
            "platform.extension" if record.get("errorType").is_some() => Level::Warn,
            "platform.extension"
            | "platform.telemetrySubscription"
            | "platform.logsSubscription" => Level::Info,
            _ => return None,
        };
        self.event(level, time, kind, record)
    }

    /// What `platform.start` tells extensions.
    pub fn start_record(&self, request_id: RequestId, trace: &str) -> Value {
        json!({
            "requestId": request_id.to_string(),
            "version": self.version,
            "tracing": { "type": "X-Amzn-Trace-Id", "value": trace },
        })
    }

    /// An environment begins to be restored from a snapshot.
    pub fn restore_start(&self, now: Time) -> Option<String> {
        if !self.json {
            let (version, arn) = (&self.runtime_version, &self.runtime_version_arn);
            return Some(format!(
                "RESTORE_START Runtime Version: {version}\tRuntime Version ARN: {arn}\n"
            ));
        }
        let record = json!({
            "runtimeVersion": self.runtime_version,
            "runtimeVersionArn": self.runtime_version_arn,
            "functionName": self.function_name,
            "functionVersion": self.version,
        });
        self.event(Level::Info, now, "platform.restoreStart", record)
    }

    /// It has been restored, or not.
    pub fn restore_report(&self, now: Time, duration: Duration, status: &Status) -> Option<String> {
        if !self.json {
            let outcome = match status {
                Status::Success => String::new(),
                Status::Timeout => "\tStatus: timeout".to_string(),
                _ => {
                    let kind = error_type(status).unwrap_or_default();
                    format!("\tStatus: error\tError Type: {kind}")
                }
            };
            return Some(format!(
                "RESTORE_REPORT Restore Duration: {:.2} ms{outcome}\n",
                ms(duration)
            ));
        }
        let mut record = json!({
            "status": status_name(status),
            "metrics": { "durationMs": rounded_ms(duration) },
        });
        if let Some(kind) = error_type(status) {
            record["errorType"] = json!(kind);
        }
        let level = if *status == Status::Success { Level::Info } else { Level::Warn };
        self.event(level, now, "platform.restoreReport", record)
    }

    /// A version with SnapStart starts without a snapshot. Not AWS's, where there is always one.
    pub fn no_snapshot(&self, reason: &str) -> Option<String> {
        (!self.json).then(|| format!("SNAPSHOT_SKIPPED {reason}\n"))
    }

    /// An invocation begins.
    pub fn start(&self, now: Time, request_id: RequestId) -> Option<String> {
        if !self.json {
            return Some(format!("START RequestId: {request_id} Version: {}\n", self.version));
        }
        let record = json!({ "requestId": request_id.to_string(), "version": self.version });
        self.event(Level::Info, now, "platform.start", record)
    }

    /// An invocation has ended: what stands before, at and behind its end.
    pub fn end(&self, now: Time, report: &Report, failure: Option<&str>) -> Vec<String> {
        if !self.json {
            let end = format!("END RequestId: {}\n", report.request_id);
            return failure.map(str::to_string).into_iter().chain([end, report.text()]).collect();
        }
        let succeeded = report.status == Status::Success;
        let done = report.runtime_done_record();
        let level = if succeeded { Level::Debug } else { Level::Warn };
        let done = self.event(level, now, "platform.runtimeDone", done);
        let level = if succeeded { Level::Info } else { Level::Warn };
        let report = self.event(level, now, "platform.report", report.record());
        done.into_iter().chain(report).collect()
    }

    /// The function wrote faster than its log takes.
    pub fn dropped(&self, now: Time, lines: u64, bytes: u64) -> String {
        let record = json!({
            "reason": "the function writes faster than its log takes",
            "droppedRecords": lines,
            "droppedBytes": bytes,
        });
        match self.event(Level::Warn, now, "platform.logsDropped", record) {
            Some(event) if self.json => event,
            _ => format!(
                "LOGS_DROPPED {lines} lines of {bytes} bytes: the function writes faster than its log takes\n"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(status: Status, init_us: Option<u64>) -> Report {
        Report {
            request_id: RequestId::parse("0d6e2a4c-3f0b-4d6e-9a53-5d1d7c1f9b11").unwrap(),
            duration: Duration::from_micros(3_010),
            init: init_us.map(Duration::from_micros),
            restore: None,
            memory_mib: 128,
            memory_peak_bytes: 36 * MIB - 5,
            status,
            response: None,
        }
    }

    /// The recorded line, but for the billed duration, which did not include initialization then.
    #[test]
    fn report_lines() {
        assert_eq!(
            report(Status::Success, Some(110_100)).text(),
            "REPORT RequestId: 0d6e2a4c-3f0b-4d6e-9a53-5d1d7c1f9b11\tDuration: 3.01 ms\t\
             Billed Duration: 114 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\t\
             Init Duration: 110.10 ms\t\n"
        );
        let ends = |status, end: &str| {
            let line = report(status, None).text();
            assert!(line.ends_with(end), "{line}");
        };
        ends(
            Status::Error("Exception".into()),
            "Billed Duration: 4 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\t\n",
        );
        let restore = Some(Duration::from_micros(622_770));
        let restored = Report { restore, ..report(Status::Success, None) }.text();
        let end = "Restore Duration: 622.77 ms\tBilled Restore Duration: 623 ms\t\n";
        assert!(restored.ends_with(end), "{restored}");
        ends(Status::Timeout, "\tStatus: timeout\t\n");
        let exit = Status::Failure("Runtime.ExitError".into());
        ends(exit, "\tStatus: error\tError Type: Runtime.ExitError\t\n");
    }

    #[test]
    fn billed_is_rounded_up_once_over_the_sum() {
        // The example of AWS's announcement: 250.06 ms and 182.50 ms of initialization are billed as 433 ms.
        let sum = Report {
            duration: Duration::from_micros(250_060),
            ..report(Status::Success, Some(182_500))
        };
        assert_eq!(sum.billed_ms(), 433);
        let nothing = Report { duration: Duration::ZERO, ..report(Status::Success, None) };
        assert_eq!(nothing.billed_ms(), 1);
    }

    #[test]
    fn extensions_and_their_subscriptions_have_lines() {
        let logging = LoggingRecord {
            json: false,
            application_level: None,
            system_level: None,
            group: "g".into(),
        };
        let log = PlatformLog::new(&logging, "f", "7", "python:3.12.v1".into(), "arn".into());
        let line = |kind: &str, record: Value| {
            log.told(Time::from_unix_s(1_700_000_000), kind, &record.to_string())
        };
        let ready = json!({ "name": "e", "state": "Ready", "events": ["INVOKE", "SHUTDOWN"] });
        assert_eq!(
            line("platform.extension", ready).unwrap(),
            "EXTENSION\tName: e\tState: Ready\tEvents: [INVOKE, SHUTDOWN]\n"
        );
        let failed =
            json!({ "name": "e", "state": "Failed", "events": [], "errorType": "Extension.Crash" });
        assert_eq!(
            line("platform.extension", failed).unwrap(),
            "EXTENSION\tName: e\tState: Failed\tEvents: []\tError Type: Extension.Crash\n"
        );
        let types =
            json!({ "name": "e", "state": "Subscribed", "types": ["platform", "function"] });
        assert_eq!(
            line("platform.telemetrySubscription", types.clone()).unwrap(),
            "TELEMETRY\tName: e\tState: Subscribed\tTypes: [Platform, Function]\n"
        );
        assert!(line("platform.logsSubscription", types).unwrap().starts_with("LOGS\t"));
        assert_eq!(line("platform.initRuntimeDone", json!({ "status": "success" })), None);
    }

    #[test]
    fn json_events_obey_the_level() {
        let log = |system_level: &str| {
            let logging = LoggingRecord {
                json: true,
                application_level: Some("INFO".into()),
                system_level: Some(system_level.into()),
                group: "g".into(),
            };
            PlatformLog::new(&logging, "f", "7", "python:3.12.v1".into(), "arn".into())
        };
        let now = Time::from_unix_s(1_700_000_000);
        let kinds = |lines: &[String]| -> Vec<String> {
            let kind = |line: &String| {
                let value: Value = serde_json::from_str(line).unwrap();
                value["type"].as_str().unwrap().to_string()
            };
            lines.iter().map(kind).collect()
        };
        let ended = |level: &str, status| log(level).end(now, &report(status, None), Some("text"));
        assert_eq!(kinds(&ended("INFO", Status::Success)), ["platform.report"]);
        let both = ["platform.runtimeDone", "platform.report"];
        assert_eq!(kinds(&ended("DEBUG", Status::Success)), both);
        assert_eq!(kinds(&ended("WARN", Status::Timeout)), both);
        assert!(ended("WARN", Status::Success).is_empty());
        let told = |level: &str, kind: &str, record: Value| {
            log(level).told(now, kind, &record.to_string()).is_some()
        };
        let init = |status: &str| json!({ "initializationType": "on-demand", "status": status });
        let provisioned =
            json!({ "initializationType": "provisioned-concurrency", "status": "success" });
        for (level, kind, record, expected) in [
            ("DEBUG", "platform.initRuntimeDone", init("success"), true),
            ("INFO", "platform.initRuntimeDone", init("success"), false),
            ("WARN", "platform.initRuntimeDone", init("timeout"), true),
            ("DEBUG", "platform.initReport", init("success"), true),
            ("INFO", "platform.initReport", init("success"), false),
            ("INFO", "platform.initReport", provisioned, true),
            ("DEBUG", "platform.initReport", init("error"), false),
            ("INFO", "platform.extension", json!({ "state": "Ready" }), true),
            ("WARN", "platform.extension", json!({ "state": "Ready" }), false),
            ("WARN", "platform.extension", json!({ "errorType": "Extension.Crash" }), true),
            ("INFO", "platform.telemetrySubscription", json!({}), true),
            ("DEBUG", "platform.initStart", json!({}), false),
        ] {
            assert_eq!(told(level, kind, record.clone()), expected, "{level} {kind} {record}");
        }
        let start = log("INFO").start(now, report(Status::Success, None).request_id).unwrap();
        let start: Value = serde_json::from_str(&start).unwrap();
        assert_eq!(start["time"], "2023-11-14T22:13:20.000Z");
        assert_eq!(start["record"]["version"], "7");
    }
}
