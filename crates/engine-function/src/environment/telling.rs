//! What telemetry and the log are told of an initialization, or of a restoration in its place.
//! <https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html>

use std::sync::Arc;
use std::time::Duration;

use engine::EnvironmentSpec;
use serde_json::{Value, json};

use crate::runtime_api::{Conversation, InitOutcome, Telemetry};

/// The types of the events at the start, when the runtime is done, and at the end.
const INIT: [&str; 3] = ["platform.initStart", "platform.initRuntimeDone", "platform.initReport"];
const RESTORE: [&str; 3] =
    ["platform.restoreStart", "platform.restoreRuntimeDone", "platform.restoreReport"];

/// An initialization that goes on.
pub(super) struct Init<'a> {
    telemetry: &'a Arc<Telemetry>,
    kinds: [&'static str; 3],
    /// What every event says of an initialization; nothing for a restoration.
    about: Value,
}

impl<'a> Init<'a> {
    pub(super) fn begin(
        telemetry: &'a Arc<Telemetry>,
        spec: &'a EnvironmentSpec,
        restores: bool,
    ) -> Self {
        let variable = |wanted: &str| {
            let found = spec.environment.iter().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.clone())
        };
        let kind = variable("AWS_LAMBDA_INITIALIZATION_TYPE");
        let kind = kind.unwrap_or_else(|| "on-demand".to_owned());
        let (kinds, about) = match restores {
            true => (RESTORE, json!({})),
            false => (INIT, json!({ "initializationType": kind, "phase": "init" })),
        };
        let mut record = about.clone();
        record["functionName"] = json!(variable("AWS_LAMBDA_FUNCTION_NAME"));
        record["functionVersion"] = json!(variable("AWS_LAMBDA_FUNCTION_VERSION"));
        record["runtimeVersion"] = json!(spec.runtime_version);
        record["runtimeVersionArn"] = json!(spec.runtime_version_arn);
        record["instanceMaxMemory"] = json!(spec.memory_mib);
        // Each environment has a log stream, and that ends with what is the environment's alone.
        let stream = variable("AWS_LAMBDA_LOG_STREAM_NAME").unwrap_or_default();
        record["instanceId"] = json!(stream.rsplit(']').next());
        telemetry.happened(kinds[0], record);
        Self { telemetry, kinds, about }
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
        let mut record = self.about;
        record["status"] = json!(status);
        if let Some(error_type) = &error_type {
            record["errorType"] = json!(error_type);
        }
        self.telemetry.happened(self.kinds[1], record.clone());
        let extensions = conversation.with_extensions(|extensions| extensions.all().to_vec());
        for extension in extensions {
            let (state, events) = (extension.state.name(), extension.events.names());
            let mut told = json!({ "name": extension.name, "state": state, "events": events });
            if let Some(error_type) = &extension.error_type {
                told["errorType"] = json!(error_type);
            }
            self.telemetry.happened("platform.extension", told);
        }
        record["metrics"] = json!({ "durationMs": duration.as_secs_f64() * 1_000.0 });
        self.telemetry.happened(self.kinds[2], record);
    }
}
