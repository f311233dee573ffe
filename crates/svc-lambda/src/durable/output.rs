//! What an invocation of a durable function answered.

use crate::durable::tables::ErrorRecord;
use crate::limits;
use serde_json::Value;

/// The answer, as far as it can be understood without the execution.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// The execution has come to a result, if it did not say so in a checkpoint.
    Succeeded(Option<String>),
    /// The execution has failed.
    Failed(ErrorRecord),
    /// It goes on once something has happened.
    Pending,
    /// Not an answer of a durable function; the execution fails.
    Invalid(ErrorRecord),
}

const INVALID: &str = "InvalidParameterValueException";

/// Reads the answer. A result is JSON text in a JSON text, as the SDKs write it; `has_parent` bounds it further.
/// <https://github.com/aws/aws-durable-execution-sdk-python-testing>
pub fn parse(payload: &[u8], has_parent: bool) -> Output {
    let invalid = |message: &str| Output::Invalid(ErrorRecord::of(INVALID, message));
    let value: Value = match serde_json::from_slice(payload) {
        Ok(value) => value,
        Err(error) => return invalid(&format!("Invalid invocation output: {error}")),
    };
    let Some(object) = value.as_object() else {
        return invalid("Invalid invocation output: it is not an object");
    };
    let member = |name: &str| object.get(name).filter(|value| !value.is_null());
    let (result, error) = (member("Result"), member("Error"));
    match member("Status").and_then(Value::as_str) {
        Some("SUCCEEDED") if error.is_some() => {
            invalid("Cannot provide an Error for SUCCEEDED status.")
        }
        Some("SUCCEEDED") => match result {
            None => Output::Succeeded(None),
            Some(Value::String(text))
                if has_parent && text.len() > limits::DURABLE_CHAINED_BYTES_MAX =>
            {
                let max = limits::DURABLE_CHAINED_BYTES_MAX;
                let message = format!(
                    "Execution output payload size must be less than or equal to {max} bytes."
                );
                Output::Failed(ErrorRecord { message: Some(message), ..ErrorRecord::default() })
            }
            Some(Value::String(text)) => Output::Succeeded(Some(text.clone())),
            Some(_) => invalid("Invalid invocation output: Result is not a string"),
        },
        Some("FAILED") if result.is_some() => invalid("Cannot provide a Result for FAILED status."),
        Some("FAILED") => match error {
            None => Output::Failed(ErrorRecord::default()),
            Some(Value::Object(error)) => Output::Failed(error_of(error, &DURABLE)),
            Some(_) => invalid("Invalid invocation output: Error is not an object"),
        },
        Some("PENDING") => Output::Pending,
        Some(status) => invalid(&format!("Unexpected invocation status: {status}")),
        None => invalid("Response status is required"),
    }
}

/// What members of an error are called: message, type, data, stack.
type Names = [&'static str; 4];
const DURABLE: Names = ["ErrorMessage", "ErrorType", "ErrorData", "StackTrace"];
const FUNCTION: Names = ["errorMessage", "errorType", "errorData", "stackTrace"];

fn error_of(error: &serde_json::Map<String, Value>, names: &Names) -> ErrorRecord {
    let text = |name: &str| match error.get(name) {
        Some(Value::String(text)) => Some(cut(text)),
        _ => None,
    };
    let stack = error.get(names[3]).and_then(Value::as_array);
    let lines = |stack: &Vec<Value>| {
        let lines = stack.iter().take(STACK_LINES_MAX);
        lines.map(|line| cut(line.as_str().unwrap_or_default())).collect()
    };
    ErrorRecord {
        message: text(names[0]),
        kind: text(names[1]),
        data: text(names[2]),
        stack: stack.map(lines),
    }
}

/// Lines of a stack that are kept, and bytes of each and of every other text: an error fits into a row.
const STACK_LINES_MAX: usize = 100;
const TEXT_BYTES_MAX: usize = limits::DURABLE_ERROR_BYTES_MAX / 8;

fn cut(text: &str) -> String {
    let mut end = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_string()
}

/// The error document of a function that failed outside of the SDK, or of the platform.
pub fn function_error(payload: &[u8]) -> ErrorRecord {
    match serde_json::from_slice(payload) {
        Ok(Value::Object(error)) => error_of(&error, &FUNCTION),
        _ => ErrorRecord::of("Unhandled", cut(&String::from_utf8_lossy(payload))),
    }
}

/// An error as the document that callers of a function get.
pub fn error_document(error: &ErrorRecord) -> Value {
    let mut document = serde_json::Map::new();
    let members = [&error.message, &error.kind, &error.data];
    for (name, value) in FUNCTION.iter().zip(members) {
        if let Some(value) = value {
            document.insert(name.to_string(), Value::String(value.clone()));
        }
    }
    if let Some(stack) = &error.stack {
        document.insert(FUNCTION[3].to_string(), stack.clone().into());
    }
    Value::Object(document)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invalid(payload: &str) -> String {
        match parse(payload.as_bytes(), false) {
            Output::Invalid(error) => error.message.unwrap(),
            other => panic!("{payload} is {other:?}"),
        }
    }

    #[test]
    fn answers() {
        assert_eq!(parse(br#"{"Status":"PENDING"}"#, false), Output::Pending);
        let result = parse(br#"{"Status":"SUCCEEDED","Result":"[1]"}"#, false);
        assert_eq!(result, Output::Succeeded(Some("[1]".into())));
        assert_eq!(
            parse(br#"{"Status":"SUCCEEDED","Error":null}"#, false),
            Output::Succeeded(None)
        );
        let failed = br#"{"Status":"FAILED","Error":{"ErrorMessage":"m","ErrorType":"t"}}"#;
        assert_eq!(parse(failed, false), Output::Failed(ErrorRecord::of("t", "m")));
    }

    #[test]
    fn what_is_no_answer() {
        assert_eq!(invalid("{}"), "Response status is required");
        assert_eq!(invalid(r#"{"Status":"RETRY"}"#), "Unexpected invocation status: RETRY");
        assert_eq!(
            invalid(r#"{"Status":"FAILED","Result":""}"#),
            "Cannot provide a Result for FAILED status."
        );
        assert!(invalid("[1").starts_with("Invalid invocation output: "));
        assert!(invalid("\"done\"").starts_with("Invalid invocation output: "));
    }

    #[test]
    fn a_child_answers_less() {
        let long = format!(r#"{{"Status":"SUCCEEDED","Result":"{}"}}"#, "x".repeat(1_048_577));
        assert!(matches!(parse(long.as_bytes(), false), Output::Succeeded(Some(_))));
        assert!(matches!(parse(long.as_bytes(), true), Output::Failed(_)));
    }

    #[test]
    fn errors_of_functions() {
        let error = function_error(br#"{"errorMessage":"m","errorType":"t","stackTrace":["a"]}"#);
        assert_eq!(error.stack, Some(vec!["a".to_string()]));
        assert_eq!(error_document(&error)["stackTrace"][0], "a");
        assert_eq!(function_error(b"x").kind.as_deref(), Some("Unhandled"));
    }
}
