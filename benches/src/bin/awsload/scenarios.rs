//! What is asked, and what must be there before.

use super::*;

pub const SCENARIOS: &[(&str, &str)] = &[
    ("sts", "GetCallerIdentity (the smallest call: front-end floor)"),
    ("sqs-send", "SendMessage, 100-byte body"),
    ("sqs-receive", "ReceiveMessage, one message, from a filled queue"),
    ("sqs-cycle", "SendMessage + ReceiveMessage + DeleteMessage"),
    ("s3-put-4k", "PutObject 4 KiB, one key a request"),
    ("s3-get-4k", "GetObject 4 KiB"),
    ("s3-put-1m", "PutObject 1 MiB, 16 keys in turn"),
    ("s3-get-1m", "GetObject 1 MiB"),
    ("ddb-put", "PutItem, ~200-byte item, unique keys"),
    ("ddb-get", "GetItem out of 1000"),
    ("ddb-query", "Query one partition of 20 items"),
    ("lambda-create", "CreateFunction, zip, unique names"),
    ("lambda-list", "ListFunctions with 20 functions"),
    ("lambda-cold", "first Invoke of each of N new functions (create and wait untimed)"),
    ("lambda-warm", "Invoke of one warm function"),
    (
        "durable-checkpoint",
        "CheckpointDurableExecution of one step, one after the other (up to 2,900)",
    ),
    ("ec2-run", "RunInstances, one t2.micro"),
    ("ec2-describe", "DescribeInstances with 10 instances"),
    ("ecs-register", "RegisterTaskDefinition"),
    ("ecs-run", "RunTask, FARGATE, one task (accepted, not yet running)"),
    ("ecs-running", "RunTask polled until DescribeTasks says RUNNING, then StopTask"),
    (
        "ec2-running",
        "RunInstances polled until DescribeInstances says running, then TerminateInstances",
    ),
    ("cfn-create", "CreateStack of one SQS queue (accepted)"),
    ("cfn-complete", "CreateStack polled until CREATE_COMPLETE"),
    ("post", "POST --body to --path, unsigned headers kept (RIE, serverless-offline)"),
];

pub struct Opts {
    pub cfg: Cfg,
    pub addr: String,
    pub conns: usize,
    pub requests: usize,
    pub warmup: usize,
    pub prefix: String,
    pub runtime: String,
    pub ami: String,
    pub image: String,
    pub path: String,
    pub body: String,
    pub expect: String,
    pub gap_ms: u64,
    pub seconds: f64,
    pub server_pid: u32,
}

/// What one measured step sends, and what its answer must hold.
pub struct Step {
    pub op: &'static str,
    pub bytes: Arc<Vec<u8>>,
    pub expect: Option<String>,
}

impl Step {
    pub fn new(op: &'static str, r: Req, o: &Opts) -> Step {
        Step { op, bytes: Arc::new(r.sign(&o.cfg)), expect: None }
    }
    pub fn with(mut self, s: &str) -> Step {
        self.expect = Some(s.into());
        self
    }
}

pub struct Ctx<'a> {
    pub o: &'a Opts,
    pub conn: Conn,
}

impl Ctx<'_> {
    pub fn ask(&mut self, r: Req) -> R<Resp> {
        let b = r.sign(&self.o.cfg);
        self.conn.call(&b)
    }
    pub fn must(&mut self, what: &str, r: Req) -> R<String> {
        let x = self.ask(r)?;
        if x.status / 100 == 2 {
            Ok(x.text())
        } else {
            Err(format!("{what}: HTTP {} {}", x.status, clip(&x.text())))
        }
    }
    pub fn queue(&mut self) -> R<String> {
        let name = format!("{}-q", self.o.prefix);
        let t =
            self.must("CreateQueue", sqs("CreateQueue", format!(r#"{{"QueueName":"{name}"}}"#)))?;
        json_str(&t, "QueueUrl").ok_or(format!("no QueueUrl in {}", clip(&t)))
    }
    pub fn bucket(&mut self) -> R<String> {
        let b = format!("{}-b", self.o.prefix);
        self.must("CreateBucket", Req::rest("s3", "PUT", format!("/{b}"), vec![]))?;
        Ok(b)
    }
    pub fn table(&mut self) -> R<String> {
        let t = format!("{}-t", self.o.prefix);
        self.must("CreateTable", ddb("CreateTable", format!(
            r#"{{"TableName":"{t}","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{{"AttributeName":"pk","AttributeType":"S"}},{{"AttributeName":"sk","AttributeType":"S"}}],"KeySchema":[{{"AttributeName":"pk","KeyType":"HASH"}},{{"AttributeName":"sk","KeyType":"RANGE"}}]}}"#)))?;
        for _ in 0..1000 {
            let d = self
                .must("DescribeTable", ddb("DescribeTable", format!(r#"{{"TableName":"{t}"}}"#)))?;
            if json_str(&d, "TableStatus").as_deref() == Some("ACTIVE") {
                return Ok(t);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err("table never ACTIVE".into())
    }
    pub fn role(&mut self) -> String {
        let doc = form_escape(
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#,
        );
        let name = format!("{}-role", self.o.prefix);
        let form = format!(
            "Action=CreateRole&Version=2010-05-08&RoleName={name}&AssumeRolePolicyDocument={doc}"
        );
        self.ask(Req::query("iam", form))
            .ok()
            .and_then(|r| xml_tag(&r.text(), "Arn"))
            .unwrap_or("arn:aws:iam::000000000000:role/bench".into())
    }
    /// Makes the cluster and the task definition; answers RunTask's body.
    pub fn run_task(&mut self) -> R<String> {
        let p = self.o.prefix.clone();
        let mut id = |action: &str, tag: &str, fallback: &str| {
            let q = Req::query("ec2", format!("Action={action}&Version=2016-11-15"));
            self.ask(q).ok().and_then(|r| xml_tag(&r.text(), tag)).unwrap_or(fallback.into())
        };
        let subnet = id("DescribeSubnets", "subnetId", "subnet-12345678");
        let group = id("DescribeSecurityGroups", "groupId", "sg-12345678");
        self.must("CreateCluster", ecs("CreateCluster", format!(r#"{{"clusterName":"{p}-cl"}}"#)))?;
        self.must("RegisterTaskDefinition", task_def(&format!("{p}-td"), &self.o.image))?;
        Ok(format!(
            r#"{{"cluster":"{p}-cl","taskDefinition":"{p}-td","launchType":"FARGATE","count":1,"networkConfiguration":{{"awsvpcConfiguration":{{"subnets":["{subnet}"],"securityGroups":["{group}"],"assignPublicIp":"ENABLED"}}}}}}"#
        ))
    }
    /// An execution of a durable function that does nothing but wait: its path, and the token for its first checkpoint,
    /// which the function writes to its log.
    pub fn durable_execution(&mut self) -> R<(String, String)> {
        let (o, name) = (self.o, format!("{}-durable", self.o.prefix));
        let role = self.role();
        let policy = form_escape(
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:*","Resource":"*"}]}"#,
        );
        let role_name = format!("{}-role", o.prefix);
        let form = format!(
            "Action=PutRolePolicy&Version=2010-05-08&RoleName={role_name}&PolicyName=logs&PolicyDocument={policy}"
        );
        self.must("PutRolePolicy", Req::query("iam", form))?;
        let code = "import time\ndef handler(event, context):\n    print('TOKEN=' + event['CheckpointToken'])\n    time.sleep(100)\n";
        let zip = base64(&zip_one("app.py", code.as_bytes()));
        self.must("CreateFunction", Req::rest("lambda", "POST", "/2015-03-31/functions".into(), format!(
            r#"{{"FunctionName":"{name}","Runtime":"{}","Role":"{role}","Handler":"app.handler","Timeout":120,"DurableConfig":{{"ExecutionTimeout":600}},"Code":{{"ZipFile":"{zip}"}}}}"#,
            o.runtime).into_bytes()))?;
        self.wait_function(&name)?;
        let path = format!("/2015-03-31/functions/{name}/invocations?Qualifier=%24LATEST");
        let mut begin = Req::rest("lambda", "POST", path, b"{}".to_vec());
        begin.headers.push(("x-amz-invocation-type", "Event".into()));
        self.must("Invoke", begin)?;
        let listed = format!("/2025-12-01/functions/{name}/durable-executions");
        let listed = self.must("List", Req::rest("lambda", "GET", listed, vec![]))?;
        let arn = json_str(&listed, "DurableExecutionArn").ok_or("no execution")?;
        let arn = arn.replace(':', "%3A").replace('/', "%2F").replace('$', "%24");
        let group = format!(r#"{{"logGroupName":"/aws/lambda/{name}","filterPattern":"TOKEN"}}"#);
        for _ in 0..2000 {
            let read = Req::json("logs", "Logs_20140328.FilterLogEvents", "1.1", group.clone());
            let text = self.ask(read)?.text();
            if let Some((_, rest)) = text.split_once("TOKEN=") {
                let token = rest.split(['\\', '"']).next().unwrap_or_default().to_string();
                return Ok((format!("/2025-12-01/durable-executions/{arn}/checkpoint"), token));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Err("the function wrote no token".into())
    }
    pub fn wait_function(&mut self, name: &str) -> R<()> {
        for _ in 0..24000 {
            let t = self.must(
                "GetFunction",
                Req::rest("lambda", "GET", format!("/2015-03-31/functions/{name}"), vec![]),
            )?;
            match json_str(&t, "State").as_deref() {
                Some("Active") | None => return Ok(()),
                Some("Failed") => return Err(format!("function failed: {}", clip(&t))),
                _ => std::thread::sleep(Duration::from_millis(5)),
            }
        }
        Err("function never Active".into())
    }
}

pub fn sqs(op: &str, body: String) -> Req {
    Req::json("sqs", &format!("AmazonSQS.{op}"), "1.0", body)
}
pub fn ddb(op: &str, body: String) -> Req {
    Req::json("dynamodb", &format!("DynamoDB_20120810.{op}"), "1.0", body)
}
pub fn ecs(op: &str, body: String) -> Req {
    Req::json("ecs", &format!("AmazonEC2ContainerServiceV20141113.{op}"), "1.1", body)
}
pub fn put_item(table: &str, pk: &str, sk: &str) -> Req {
    ddb(
        "PutItem",
        format!(
            r#"{{"TableName":"{table}","Item":{{"pk":{{"S":"{pk}"}},"sk":{{"S":"{sk}"}},"n":{{"N":"12345"}},"text":{{"S":"{}"}}}}}}"#,
            "x".repeat(120)
        ),
    )
}
pub fn create_function(o: &Opts, name: &str, role: &str) -> Req {
    let (file, code) = if o.runtime.starts_with("node") {
        ("app.js", "exports.handler = async (e) => ({v: e.n * 2 + 1, pid: process.pid});\n")
    } else {
        (
            "app.py",
            "import os\ndef handler(event, context):\n    return {'v': event['n'] * 2 + 1, 'pid': os.getpid()}\n",
        )
    };
    let zip = base64(&zip_one(file, code.as_bytes()));
    Req::rest("lambda", "POST", "/2015-03-31/functions".into(), format!(
        r#"{{"FunctionName":"{name}","Runtime":"{}","Role":"{role}","Handler":"app.handler","MemorySize":256,"Timeout":30,"Code":{{"ZipFile":"{zip}"}}}}"#,
        o.runtime).into_bytes())
}
pub fn invoke(name: &str) -> Req {
    Req::rest(
        "lambda",
        "POST",
        format!("/2015-03-31/functions/{name}/invocations"),
        br#"{"n":20}"#.to_vec(),
    )
}
pub fn task_def(family: &str, image: &str) -> Req {
    ecs(
        "RegisterTaskDefinition",
        format!(
            r#"{{"family":"{family}","networkMode":"awsvpc","requiresCompatibilities":["FARGATE"],"cpu":"256","memory":"512","containerDefinitions":[{{"name":"app","image":"{image}","essential":true,"cpu":128,"memory":256,"command":["sleep","60"]}}]}}"#
        ),
    )
}
pub fn run_instance(ami: &str) -> Req {
    Req::query(
        "ec2",
        format!(
            "Action=RunInstances&Version=2016-11-15&ImageId={ami}&InstanceType=t2.micro&MinCount=1&MaxCount=1"
        ),
    )
}
pub fn stack(name: &str) -> Req {
    let t = form_escape(
        r#"{"AWSTemplateFormatVersion":"2010-09-09","Resources":{"Q":{"Type":"AWS::SQS::Queue","Properties":{"VisibilityTimeout":45}}},"Outputs":{"Url":{"Value":{"Ref":"Q"}}}}"#,
    );
    Req::query(
        "cloudformation",
        format!("Action=CreateStack&Version=2010-05-15&StackName={name}&TemplateBody={t}"),
    )
}

/// Sets up a scenario; answers the steps of every connection, signed.
pub fn plan(o: &Opts, scenario: &str) -> R<Vec<Vec<Step>>> {
    let mut c = Ctx { o, conn: Conn::new(&o.addr) };
    let per = o.requests.div_ceil(o.conns) + o.warmup.div_ceil(o.conns);
    let p = o.prefix.clone();
    let each = |f: &dyn Fn(usize, usize) -> Step| -> Vec<Vec<Step>> {
        (0..o.conns).map(|t| (0..per).map(|i| f(t, i)).collect()).collect()
    };
    Ok(match scenario {
        "sts" => each(&|_, _| {
            Step::new(
                "GetCallerIdentity",
                Req::query("sts", "Action=GetCallerIdentity&Version=2011-06-15".into()),
                o,
            )
            .with("Account")
        }),
        "sqs-send" => {
            let q = c.queue()?;
            each(&|_, _| {
                Step::new(
                    "SendMessage",
                    sqs(
                        "SendMessage",
                        format!(r#"{{"QueueUrl":"{q}","MessageBody":"{}"}}"#, "m".repeat(100)),
                    ),
                    o,
                )
                .with("MessageId")
            })
        }
        "sqs-receive" => {
            let q = c.queue()?;
            let n = per * o.conns;
            for i in 0..n.div_ceil(10) {
                let es = (0..10)
                    .map(|k| {
                        format!(r#"{{"Id":"e{k}","MessageBody":"{}-{i}-{k}"}}"#, "m".repeat(90))
                    })
                    .collect::<Vec<_>>()
                    .join(",");
                c.must(
                    "SendMessageBatch",
                    sqs("SendMessageBatch", format!(r#"{{"QueueUrl":"{q}","Entries":[{es}]}}"#)),
                )?;
            }
            each(&|_, _| {
                Step::new(
                    "ReceiveMessage",
                    sqs(
                        "ReceiveMessage",
                        format!(
                            r#"{{"QueueUrl":"{q}","MaxNumberOfMessages":1,"WaitTimeSeconds":0}}"#
                        ),
                    ),
                    o,
                )
                .with("ReceiptHandle")
            })
        }
        "s3-put-4k" | "s3-put-1m" => {
            let b = c.bucket()?;
            let big = scenario.ends_with("1m");
            let data = vec![0x61u8; if big { 1 << 20 } else { 4096 }];
            if big {
                // few distinct requests, or a long run would hold gigabytes
                let few: Vec<Arc<Vec<u8>>> = (0..16)
                    .map(|i| {
                        Arc::new(
                            Req::rest("s3", "PUT", format!("/{b}/o{i}"), data.clone()).sign(&o.cfg),
                        )
                    })
                    .collect();
                each(&|t, i| Step {
                    op: "PutObject",
                    bytes: few[(t * 7 + i) % 16].clone(),
                    expect: None,
                })
            } else {
                each(&|t, i| {
                    Step::new(
                        "PutObject",
                        Req::rest("s3", "PUT", format!("/{b}/o{t}-{i}"), data.clone()),
                        o,
                    )
                })
            }
        }
        "s3-get-4k" | "s3-get-1m" => {
            let b = c.bucket()?;
            let data = vec![0x61u8; if scenario.ends_with("1m") { 1 << 20 } else { 4096 }];
            c.must("PutObject", Req::rest("s3", "PUT", format!("/{b}/o"), data))?;
            each(&|_, _| {
                Step::new("GetObject", Req::rest("s3", "GET", format!("/{b}/o"), vec![]), o)
            })
        }
        "ddb-put" => {
            let t = c.table()?;
            each(&|n, i| Step::new("PutItem", put_item(&t, &format!("p{n}-{i}"), "s"), o))
        }
        "ddb-get" => {
            let t = c.table()?;
            for i in 0..1000 {
                c.must("PutItem", put_item(&t, &format!("p{i}"), "s"))?;
            }
            each(&|n, i| {
                let k = (n * 131 + i * 17) % 1000;
                Step::new("GetItem", ddb("GetItem", format!(r#"{{"TableName":"{t}","Key":{{"pk":{{"S":"p{k}"}},"sk":{{"S":"s"}}}}}}"#)), o).with("12345")
            })
        }
        "ddb-query" => {
            let t = c.table()?;
            for i in 0..1000 {
                c.must(
                    "PutItem",
                    put_item(&t, &format!("p{}", i / 20), &format!("s{:02}", i % 20)),
                )?;
            }
            each(&|n, i| {
                let k = (n * 13 + i * 7) % 50;
                Step::new("Query", ddb("Query", format!(r#"{{"TableName":"{t}","KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{{":p":{{"S":"p{k}"}}}}}}"#)), o).with("s19")
            })
        }
        "lambda-create" => {
            let role = c.role();
            each(&|n, i| {
                Step::new("CreateFunction", create_function(o, &format!("{p}-c{n}-{i}"), &role), o)
                    .with("FunctionArn")
            })
        }
        "lambda-list" => {
            let role = c.role();
            for i in 0..20 {
                c.must("CreateFunction", create_function(o, &format!("{p}-l{i}"), &role))?;
            }
            each(&|_, _| {
                Step::new(
                    "ListFunctions",
                    Req::rest("lambda", "GET", "/2015-03-31/functions".into(), vec![]),
                    o,
                )
                .with("FunctionArn")
            })
        }
        "lambda-warm" => {
            let role = c.role();
            let f = format!("{p}-w");
            c.must("CreateFunction", create_function(o, &f, &role))?;
            c.wait_function(&f)?;
            c.must("Invoke", invoke(&f))?;
            each(&|_, _| Step::new("Invoke", invoke(&f), o).with("\"v\":41"))
        }
        "ec2-run" => {
            each(&|_, _| Step::new("RunInstances", run_instance(&o.ami), o).with("instanceId"))
        }
        "ec2-describe" => {
            for _ in 0..10 {
                c.must("RunInstances", run_instance(&o.ami))?;
            }
            each(&|_, _| {
                Step::new(
                    "DescribeInstances",
                    Req::query("ec2", "Action=DescribeInstances&Version=2016-11-15".into()),
                    o,
                )
                .with("instanceId")
            })
        }
        "ecs-register" => each(&|_, _| {
            Step::new("RegisterTaskDefinition", task_def(&format!("{p}-td"), &o.image), o)
                .with("taskDefinitionArn")
        }),
        "ecs-run" => {
            let body = c.run_task()?;
            each(&|_, _| Step::new("RunTask", ecs("RunTask", body.clone()), o).with("taskArn"))
        }
        "cfn-create" => each(&|n, i| {
            Step::new("CreateStack", stack(&format!("{p}-s{n}-{i}")), o).with("StackId")
        }),
        "post" => each(&|_, _| {
            let s = Step::new(
                "POST",
                Req::rest("lambda", "POST", o.path.clone(), o.body.clone().into_bytes()),
                o,
            );
            if o.expect.is_empty() { s } else { s.with(&o.expect) }
        }),
        x => return Err(format!("no scenario {x:?}; --scenario list prints them")),
    })
}
