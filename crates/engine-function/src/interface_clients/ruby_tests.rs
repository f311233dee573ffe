//! Ruby handlers behind our interface client. Expectations are AWS's recorded answers and its client's behaviour.

use serde_json::{Value, json};

use super::RUBY;
use super::testing::{Function, Start, is_there, no_build};
use crate::runtime_api::Answer;

fn ruby<'a>(files: &'a [(&'a str, &'a str)], handler: &'a str) -> Start<'a> {
    Start {
        command: &["ruby", "-Eutf-8:utf-8"],
        client: ("bootstrap.rb", RUBY),
        arguments: &[],
        files,
        handler,
        environment: &[],
        build: no_build,
    }
}

const FUNCTION: &str = r#"
require 'logger'
$calls = 0
def handler(event:, context:)
  $calls += 1
  kind = event.is_a?(Hash) ? event['kind'] : nil
  case kind
  when 'raise' then raise "some error"
  when 'name' then absent_thing
  when 'exit' then exit 3
  when 'calls' then $calls
  when 'io' then StringIO.new('raw')
  when 'log'
    puts 'two', 'lines'
    logger = Logger.new($stdout)
    logger.info("first\nsecond")
    logger.error(ArgumentError.new('bad'))
    1
  when 'context'
    [context.function_name, context.memory_limit_in_mb, context.aws_request_id, context.log_group_name,
     context.log_stream_name, context.function_version, context.invoked_function_arn,
     context.identity['cognitoIdentityId'], context.client_context['custom']['a'],
     context.get_remaining_time_in_millis.between?(50000, 60000), context.deadline_ms.class.to_s, ENV['_X_AMZN_TRACE_ID']]
  else event
  end
end
module Inner
  class Deep
    def self.go(event:, context:) = ['deep', event]
  end
end
def positional(event, context) = 1
"#;

#[tokio::test]
async fn answers_errors_and_logs() {
    if !is_there("ruby") {
        return;
    }
    let files = [("index.rb", FUNCTION)];
    let mut function = ruby(&files, "index.handler").ready().await;
    let event = json!({"a": ["ü\u{1f600}", 2.5, null, true]});
    assert_eq!(function.json(&event.to_string()).await, event);
    assert_eq!(function.json(r#"{"kind":"calls"}"#).await, json!(2));
    assert_eq!(function.text(r#"{"kind":"io"}"#).await, "raw");
    let long = format!("\"{}\"", "x".repeat(3_000_000));
    assert_eq!(function.text(&long).await, long);
    let (error_type, document) = function.error(r#"{"kind":"raise"}"#).await;
    assert_eq!(error_type, "Function<UserException>");
    assert_eq!(
        (&document["errorMessage"], &document["errorType"]),
        (&json!("some error"), &json!("Function<RuntimeError>"))
    );
    let trace = document["stackTrace"].as_array().unwrap();
    assert_eq!(trace.len(), 1, "{document}");
    assert!(trace[0].as_str().unwrap().contains("/task/index.rb:8:in "), "{document}");
    let printed = function.printed();
    let head = "Error raised from handler method\n{\n  \"errorMessage\": \"some error\",\n  \"errorType\": \"Function<RuntimeError>\",";
    assert!(printed.len() == 1 && printed[0].starts_with(head), "{printed:?}");
    let invocation = function.invocation(r#"{"kind":"log"}"#);
    let id = invocation.request_id;
    assert_eq!(
        function.answer(invocation).await,
        Answer::Response(bytes::Bytes::from_static(b"1"))
    );
    let printed = function.printed();
    assert_eq!(
        (printed.len(), &printed[..2]),
        (4, &["two".to_owned(), "lines".to_owned()][..]),
        "{printed:?}"
    );
    assert!(
        printed[2].starts_with("I, [20")
            && printed[2].ends_with(&format!("]  INFO {id} -- : first\nsecond"))
    );
    assert!(printed[3].contains(&format!("] ERROR {id} -- : bad (ArgumentError)")));
    let (error_type, document) = function.error(r#"{"kind":"name"}"#).await;
    assert_eq!(
        (error_type.as_str(), &document["errorType"]),
        ("Function<NameError>", &json!("Function<NameError>"))
    );
    let message = document["errorMessage"].as_str().unwrap();
    assert!(
        message.starts_with("undefined local variable or method") && !message.contains('\n'),
        "{message}"
    );
    assert_eq!(function.exit_code().await, Some(255));
    let mut function = ruby(&files, "index.handler").ready().await;
    let (error_type, document) = function.error(r#"{"kind":"exit"}"#).await;
    assert_eq!(
        (error_type.as_str(), &document["errorMessage"]),
        ("Function<SystemExit>", &json!("exit"))
    );
    assert_eq!(function.exit_code().await, Some(255));
    let mut function = ruby(&files, "index.Inner::Deep.go").ready().await;
    assert_eq!(function.json("1").await, json!(["deep", 1]));
    let mut function = ruby(&files, "index.positional").ready().await;
    let (error_type, _) = function.error("1").await;
    assert_eq!(error_type, "Function<ArgumentError>");
}

#[tokio::test]
async fn the_context_and_structured_logs() {
    if !is_there("ruby") {
        return;
    }
    let files = [("index.rb", FUNCTION)];
    let mut start = ruby(&files, "index.handler");
    start.environment = &[
        ("AWS_LAMBDA_FUNCTION_NAME", "f"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/f"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "s"),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        ("AWS_LAMBDA_LOG_LEVEL", "ERROR"),
    ];
    let mut function = start.ready().await;
    let mut invocation = function.invocation(r#"{"kind":"context"}"#);
    invocation.trace_id = Some("Root=1-2-3".into());
    invocation.client_context = Some(r#"{"custom":{"a":"ü"}}"#.into());
    invocation.cognito_identity =
        Some(r#"{"cognitoIdentityId":"me","cognitoIdentityPoolId":"pool"}"#.into());
    let id = invocation.request_id.to_string();
    let Answer::Response(body) = function.answer(invocation).await else { panic!() };
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
    let expected = json!([
        "f",
        "128",
        id,
        "/aws/lambda/f",
        "s",
        "$LATEST",
        arn,
        "me",
        "ü",
        true,
        "Integer",
        "Root=1-2-3"
    ]);
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), expected);
    function.text(r#"{"kind":"log"}"#).await;
    let printed = function.printed();
    assert_eq!(printed.len(), 3, "{printed:?}");
    let event: Value = serde_json::from_str(&printed[2]).unwrap();
    assert_eq!(
        (&event["level"], &event["message"], &event["errorType"]),
        (&json!("ERROR"), &json!("bad"), &json!("ArgumentError"))
    );
}

#[tokio::test]
async fn errors_of_initialization() {
    if !is_there("ruby") {
        return;
    }
    for (source, handler, error_type, message) in [
        ("", "absent.handler", "Init<LoadError>", "cannot load such file -- absent"),
        ("raise 'no'", "index.handler", "Init<RuntimeError>", "no"),
        ("def x(", "index.handler", "Init<SyntaxError>", "index.rb"),
        (
            "",
            "index",
            "Init<ArgumentError>",
            "Invalid handler [\"index\"], must be of form FILENAME.METHOD or",
        ),
    ] {
        let files = [("index.rb", source)];
        let (_, document, printed) = ruby(&files, handler).init_error().await;
        assert_eq!(document["errorType"], error_type);
        assert!(document["errorMessage"].as_str().unwrap().contains(message), "{document}");
        assert!(
            printed[0].starts_with(&format!("Init error when loading handler {handler}\n")),
            "{printed:?}"
        );
    }
    // A method that is missing is found out when it is called.
    let files = [("index.rb", "")];
    let mut function: Function = ruby(&files, "index.absent").ready().await;
    let (error_type, _) = function.error("1").await;
    assert_eq!(error_type, "Function<NoMethodError>");
}
