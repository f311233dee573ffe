//! What telemetry and the log are told of an initialization.
//! <https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html>

use std::sync::Arc;
use std::time::Duration;

use engine::{EnvironmentSpec, LogFormat, OutputLine, OutputSink};
use serde_json::json;

use crate::runtime_api::{Conversation, InitOutcome, Telemetry};

/// An initialization that goes on.
pub(super) struct Init<'a> {
    telemetry: &'a Arc<Telemetry>,
    kind: String,
    log: Option<&'a Arc<dyn OutputSink>>,
}

impl<'a> Init<'a> {
    pub(super) fn begin(telemetry: &'a Arc<Telemetry>, spec: &'a EnvironmentSpec) -> Self {
        let variable = |wanted: &str| {
            let found = spec.environment.iter().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.clone())
        };
        let kind = variable("AWS_LAMBDA_INITIALIZATION_TYPE");
        let kind = kind.unwrap_or_else(|| "on-demand".to_owned());
        let record = json!({
            "initializationType": kind,
            "phase": "init",
            "functionName": variable("AWS_LAMBDA_FUNCTION_NAME"),
            "functionVersion": variable("AWS_LAMBDA_FUNCTION_VERSION"),
        });
        telemetry.platform("platform.initStart", record);
        let log = (spec.log_format == LogFormat::Text).then_some(&spec.output);
        Self { telemetry, kind, log }
    }

    /// `outcome`: what the runtime said, if it said anything, and None for a timeout.
    pub(super) fn end(
        self,
        outcome: Option<Option<&InitOutcome>>,
        duration: Duration,
        conversation: &Conversation,
    ) {
        let (status, error_type) = match outcome {
            Some(Some(InitOutcome::Ready)) => ("success", None),
            Some(Some(InitOutcome::Reported { error_type, .. })) => {
                ("error", Some(error_type.clone()))
            }
            Some(None) => ("error", None),
            None => ("timeout", None),
        };
        let record = |more: serde_json::Value| {
            let mut record =
                json!({ "initializationType": self.kind, "phase": "init", "status": status });
            if let Some(error_type) = &error_type {
                record["errorType"] = json!(error_type);
            }
            if let (Some(record), serde_json::Value::Object(more)) = (record.as_object_mut(), more)
            {
                record.extend(more);
            }
            record
        };
        self.telemetry.platform("platform.initRuntimeDone", record(json!({})));
        let extensions = conversation.with_extensions(|extensions| extensions.all().to_vec());
        for extension in extensions {
            let (state, events) = (extension.state.name(), extension.events.names());
            let mut told = json!({ "name": extension.name, "state": state, "events": events });
            let mut line = format!(
                "EXTENSION\tName: {}\tState: {state}\tEvents: [{}]",
                extension.name,
                events.join(", ")
            );
            if let Some(error_type) = &extension.error_type {
                told["errorType"] = json!(error_type);
                line += &format!("\tError Type: {error_type}");
            }
            self.telemetry.platform("platform.extension", told);
            if let Some(log) = self.log {
                let timestamp = self.telemetry.now();
                log.line(OutputLine { timestamp, request_id: None, text: line });
            }
        }
        let metrics = json!({ "metrics": { "durationMs": duration.as_secs_f64() * 1_000.0 } });
        self.telemetry.platform("platform.initReport", record(metrics));
    }
}
