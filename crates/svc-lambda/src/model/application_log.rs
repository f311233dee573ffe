//! Which lines of a function's own log are kept, where it logs in JSON.
//! <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html>

use crate::tables::LoggingRecord;
use serde::Deserialize;
use serde_json::Value;

/// How loud a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

impl Level {
    /// In either case, with the names that Python has for two of them.
    fn parse(name: &str) -> Option<Self> {
        Some(match name.to_ascii_uppercase().as_str() {
            "TRACE" => Level::Trace,
            "DEBUG" => Level::Debug,
            "INFO" => Level::Info,
            "WARN" | "WARNING" => Level::Warn,
            "ERROR" => Level::Error,
            "FATAL" | "CRITICAL" => Level::Fatal,
            _ => return None,
        })
    }
}

/// What of a line counts here. The time has the names that managed runtimes and the usual loggers of others give it.
#[derive(Deserialize)]
struct Line {
    level: Option<Value>,
    timestamp: Option<Value>,
    time: Option<Value>,
}

/// Keeps the lines that are loud enough.
#[derive(Clone, Copy, Debug)]
pub struct ApplicationLog {
    least: Level,
}

impl ApplicationLog {
    /// For a version that logs as `logging` says.
    pub fn new(logging: &LoggingRecord) -> Self {
        let level = logging.application_level.as_deref().filter(|_| logging.json);
        ApplicationLog { least: level.and_then(Level::parse).unwrap_or(Level::Trace) }
    }

    /// Whether a line is kept. One that is no JSON object is, because it has no level.
    pub fn keeps(self, line: &str) -> bool {
        if self.least == Level::Trace || !line.trim_start().starts_with('{') {
            return true;
        }
        let Ok(line) = serde_json::from_str::<Line>(line) else { return true };
        let timed =
            text(line.timestamp.as_ref()).or(text(line.time.as_ref())).is_some_and(is_rfc3339);
        let level = text(line.level.as_ref()).filter(|_| timed).and_then(Level::parse);
        level.unwrap_or(Level::Info) >= self.least
    }
}

fn text(value: Option<&Value>) -> Option<&str> {
    value.and_then(Value::as_str)
}

/// A date and time with its zone.
fn is_rfc3339(text: &str) -> bool {
    let zoned = text.get(19..).is_some_and(|rest| rest.contains(['Z', 'z', '+', '-']));
    zoned && text.as_bytes()[4] == b'-' && wire::Timestamp::parse(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_count_by_their_level_if_they_have_a_time() {
        let keeps = |least: &str, line: &str| {
            let logging = LoggingRecord {
                json: true,
                application_level: Some(least.into()),
                system_level: None,
                group: String::new(),
            };
            ApplicationLog::new(&logging).keeps(line)
        };
        let time = "2024-11-02T16:51:31.587199Z";
        let line = |level: &str| format!(r#"{{"level":"{level}","msg":"d","timestamp":"{time}"}}"#);
        for (least, level, kept) in [
            ("TRACE", "trace", true),
            ("INFO", "debug", false),
            ("INFO", "info", true),
            ("ERROR", "WARNING", false),
            ("ERROR", "Error", true),
            ("FATAL", "ERROR", false),
            ("FATAL", "CRITICAL", true),
            // As INFO.
            ("INFO", "loud", true),
            ("WARN", "loud", false),
        ] {
            assert_eq!(keeps(least, &line(level)), kept, "{least} {level}");
        }
        for (text, kept) in [
            (format!(r#"{{"level":"ERROR","time":"{time}"}}"#), true),
            (r#"{"level":"ERROR","time":"2024-11-02T16:51:31+01:00"}"#.to_owned(), true),
            (format!(r#"{{"level":"DEBUG","time":"{time}","timestamp":"{time}"}}"#), false),
            // Without a time they are INFO.
            (r#"{"level":"ERROR","timestamp":"2024-11-02T16:51:31"}"#.to_owned(), false),
            (r#"{"level":"ERROR","timestamp":1730566291}"#.to_owned(), false),
            (r#"{"level":"ERROR","timestamp":"äöüäöüäöüäöüä+"}"#.to_owned(), false),
            (r#"{"level":"ERROR"}"#.to_owned(), false),
            ("{}".to_owned(), false),
            // These have no level.
            ("plain".to_owned(), true),
            ("{broken".to_owned(), true),
            ("[1]".to_owned(), true),
        ] {
            assert_eq!(keeps("WARN", &text), kept, "{text}");
        }
    }

    #[test]
    fn text_is_not_filtered() {
        let logging = LoggingRecord {
            json: false,
            application_level: None,
            system_level: None,
            group: String::new(),
        };
        assert!(ApplicationLog::new(&logging).keeps("{}"));
    }
}
