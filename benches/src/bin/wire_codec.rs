//! How long requests take to be understood and answers to be written: finding the operation, decoding and validating its
//! input, encoding its output. Beside it, for JSON, the same bytes read and written as a `serde_json::Value`, which
//! knows no types and checks nothing.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use benches::{median, readable};
use std::hint::black_box;
use std::time::{Duration, Instant};
use wire::{Op, Request, Service};

const JSON: &[(&str, &str)] = &[("content-type", "application/x-amz-json-1.0")];
const FORM: &[(&str, &str)] = &[("content-type", "application/x-www-form-urlencoded")];

/// A request that is sent again and again.
struct Sample {
    service: &'static Service,
    method: &'static str,
    path: &'static str,
    target: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: String,
}

impl Sample {
    fn request(&self) -> Request {
        let mut headers = http::HeaderMap::new();
        for (name, value) in self.headers {
            headers.insert(*name, value.parse().expect("a header"));
        }
        if !self.target.is_empty() {
            headers.insert("x-amz-target", self.target.parse().expect("a header"));
        }
        let (path, query) = self.path.split_once('?').unwrap_or((self.path, ""));
        Request {
            method: self.method.parse().expect("a method"),
            path: path.into(),
            query: query.into(),
            headers,
            body: self.body.clone().into(),
        }
    }

    fn decode<O: Op>(&self, request: &mut Request) -> O::Input {
        let (protocol, operation) = self.service.find(request);
        assert_eq!(operation.expect("an operation").name, O::OPERATION.name);
        self.service.decode_as::<O>(protocol, request).expect("a valid request")
    }

    /// Prints how long one request takes; with `encode`, also an answer.
    fn measure<O: Op>(&self, what: &str, mut output: O::Output) {
        let mut request = self.request();
        let decode = time(|| {
            black_box(self.decode::<O>(&mut request));
        });
        let (protocol, _) = self.service.find(&request);
        let encode = time(|| {
            black_box(self.service.encode(protocol, O::OPERATION, &mut output, "id"));
        });
        let peer = serde_json::from_str::<serde_json::Value>(&self.body).ok().map(|_| {
            let read = time(|| {
                black_box(serde_json::from_str::<serde_json::Value>(&self.body).is_ok());
            });
            format!("serde_json::Value reads it in {}", readable(read))
        });
        println!(
            "{what:<44} {:>6} bytes  decode {:>9}  encode {:>9}  {}",
            self.body.len(),
            readable(decode),
            readable(encode),
            peer.unwrap_or_default()
        );
    }
}

/// The median of rounds of about 20 ms.
fn time(mut once: impl FnMut()) -> Duration {
    let begin = Instant::now();
    let mut count = 0_u32;
    while begin.elapsed() < Duration::from_millis(20) {
        once();
        count += 1;
    }
    let rounds = (0..15).map(|_| {
        let begin = Instant::now();
        (0..count).for_each(|_| once());
        begin.elapsed().as_secs_f64() / f64::from(count)
    });
    Duration::from_secs_f64(median(rounds.collect()))
}

fn main() {
    lambda();
    sqs();
    logs();
    s3();
}

fn lambda() {
    let service = &wire_lambda::SERVICE;
    let configuration = wire_lambda::FunctionConfiguration {
        function_name: Some("hello".into()),
        function_arn: Some("arn:aws:lambda:us-east-1:000000000000:function:hello".into()),
        handler: Some("index.handler".into()),
        memory_size: Some(128),
        timeout: Some(3),
        ..Default::default()
    };
    let body = r#"{"FunctionName":"hello","Runtime":"python3.12","Role":"arn:aws:iam::000000000000:role/r",
        "Handler":"index.handler","Code":{"S3Bucket":"bucket","S3Key":"key"},"MemorySize":256,"Timeout":10,
        "Environment":{"Variables":{"STAGE":"test","LEVEL":"debug"}},"Tags":{"team":"a"}}"#;
    let create = Sample {
        service,
        method: "POST",
        path: "/2015-03-31/functions",
        target: "",
        headers: &[],
        body: body.into(),
    };
    create.measure::<wire_lambda::ops::CreateFunction>(
        "Lambda CreateFunction (restJson)",
        configuration,
    );
    let invoke = Sample {
        path: "/2015-03-31/functions/hello/invocations?Qualifier=1",
        body: r#"{"key":"value"}"#.into(),
        ..create
    };
    let answer = wire_lambda::InvocationResponse {
        status_code: Some(200),
        payload: Some("{}".into()),
        ..Default::default()
    };
    invoke.measure::<wire_lambda::ops::Invoke>("Lambda Invoke (restJson)", answer);
}

fn sqs() {
    let result = || wire_sqs::SendMessageResult {
        message_id: Some("00000000-0000-4000-8000-000000000000".into()),
        md5_of_message_body: Some("5d41402abc4b2a76b9719d911017c592".into()),
        ..Default::default()
    };
    let body = r#"{"QueueUrl":"http://localhost/000000000000/q","MessageBody":"hello","MessageAttributes":
        {"a":{"DataType":"String","StringValue":"b"}}}"#;
    let json = Sample {
        service: &wire_sqs::SERVICE,
        method: "POST",
        path: "/",
        target: "AmazonSQS.SendMessage",
        headers: JSON,
        body: body.into(),
    };
    json.measure::<wire_sqs::ops::SendMessage>("SQS SendMessage (awsJson)", result());
    let body = "Action=SendMessage&QueueUrl=http%3A%2F%2Flocalhost%2F000000000000%2Fq&MessageBody=hello\
                &MessageAttribute.1.Name=a&MessageAttribute.1.Value.DataType=String\
                &MessageAttribute.1.Value.StringValue=b";
    let query = Sample { target: "", headers: FORM, body: body.into(), ..json };
    query.measure::<wire_sqs::ops::SendMessage>("SQS SendMessage (awsQuery)", result());
}

fn logs() {
    let events: Vec<String> = (0..100)
        .map(|n| format!(r#"{{"timestamp":17000000000{n:02},"message":"line {n} of the log"}}"#))
        .collect();
    let put = Sample {
        service: &wire_logs::SERVICE,
        method: "POST",
        path: "/",
        target: "Logs_20140328.PutLogEvents",
        headers: JSON,
        body: format!(
            r#"{{"logGroupName":"g","logStreamName":"s","logEvents":[{}]}}"#,
            events.join(",")
        ),
    };
    put.measure::<wire_logs::ops::PutLogEvents>(
        "Logs PutLogEvents, 100 events (awsJson)",
        wire_logs::PutLogEventsResponse::default(),
    );
}

fn s3() {
    let objects: String = (0..10).map(|n| format!("<Object><Key>key/{n}</Key></Object>")).collect();
    let delete = Sample {
        service: &wire_s3::SERVICE,
        method: "POST",
        path: "/bucket?delete",
        target: "",
        headers: &[],
        body: format!("<Delete>{objects}</Delete>"),
    };
    delete.measure::<wire_s3::ops::DeleteObjects>(
        "S3 DeleteObjects, 10 keys (restXml)",
        wire_s3::DeleteObjectsOutput::default(),
    );
}
