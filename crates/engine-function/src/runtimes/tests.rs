use super::*;
use std::sync::Arc as Shared;
use std::time::Duration;

use engine::{EnvironmentSpec, LogFormat, OutputLine, OutputSink};

struct Nowhere;

impl OutputSink for Nowhere {
    fn line(&self, _line: OutputLine) {}
}

fn spec(runtime: &str, code: &Path) -> EnvironmentSpec {
    EnvironmentSpec {
        runtime_version: String::new(),
        runtime_version_arn: String::new(),
        account_id: "123456789012".into(),
        runtime: runtime.into(),
        handler: "index.handler".into(),
        code: code.into(),
        layers: Vec::new(),
        memory_mib: 128,
        vcpus: None,
        max_concurrency: None,
        ephemeral_storage_mib: 512,
        init_timeout: Duration::from_secs(10),
        environment: Vec::new(),
        log_format: LogFormat::Text,
        output: Shared::new(Nowhere),
        reservation: None,
    }
}

fn python() -> Runtime {
    let command = ["/usr/bin/python3.12", "/var/runtime/bootstrap.py"].map(str::to_owned).to_vec();
    let language = Language::Python { minor: 12 };
    Runtime {
        name: "python3.12",
        language,
        found: String::new(),
        root: RootSpec::host(),
        command,
        jvm: None,
    }
}

#[test]
fn every_runtime_has_a_state() {
    let folder = tempfile::tempdir().unwrap();
    let places = Places {
        data_dir: folder.path().join("data"),
        clients_dir: folder.path().join("clients"),
        path: OsString::new(),
        home: None,
        mapped: BTreeMap::new(),
    };
    places.write_clients().unwrap();
    places.write_clients().unwrap();
    let boto3 = |client: &str| places.clients_dir.join(client).join("boto3").exists();
    assert_eq!((boto3(PYTHON_ALONE), boto3(PYTHON_WITH_SDK)), (false, true));
    let runtimes = Runtimes::new(places);
    let list = runtimes.list();
    assert_eq!(list.len(), NAMES.len());
    let reason = |name: &str| runtimes.get(name).unwrap_err().reason;
    assert!(reason("python3.6").contains("python3.6"), "{}", reason("python3.6"));
    assert_eq!(reason("cobol85"), "There is no runtime named cobol85.");
    assert!(runtimes.get("provided.al2023").is_ok());
    for status in list {
        if let Err(unavailable) = status.state {
            assert!(unavailable.reason.contains(&status.name), "{unavailable:?}");
        }
    }
}

/// The recorded environment of AWS's `python3.12` and `provided.al2`, without what its services add.
#[test]
fn variables_are_those_of_aws() {
    let variables = python().variables();
    let expected = [
        ("AWS_EXECUTION_ENV", "AWS_Lambda_python3.12"),
        ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"),
        ("LAMBDA_RUNTIME_DIR", "/var/runtime"),
        ("LAMBDA_TASK_ROOT", "/var/task"),
        ("LANG", "en_US.UTF-8"),
        (
            "LD_LIBRARY_PATH",
            "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib",
        ),
        ("PATH", "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin"),
        ("PWD", "/var/task"),
        ("PYTHONPATH", "/var/runtime"),
        ("SHLVL", "0"),
        ("TZ", ":UTC"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(variables.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn reserved_variables_stay_and_others_are_the_function_s() {
    let folder = tempfile::tempdir().unwrap();
    let mut spec = spec("python3.12", folder.path());
    let set = [("LAMBDA_TASK_ROOT", "/evil"), ("PYTHONPATH", "/var/task/vendor"), ("MINE", "1")];
    spec.environment = set.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let plan = python().plan(&spec).unwrap();
    assert_eq!(plan.form, Form::Booted);
    let environment = plan.assignment.environment;
    assert_eq!(environment["LAMBDA_TASK_ROOT"], "/var/task");
    assert_eq!(environment["PYTHONPATH"], "/var/task/vendor");
    assert_eq!(
        (environment["MINE"].as_str(), environment["_HANDLER"].as_str()),
        ("1", "index.handler")
    );
}

#[test]
fn early_settings_need_a_fresh_process() {
    let folder = tempfile::tempdir().unwrap();
    let plan = |name: &str, value: &str| {
        let mut spec = spec("python3.12", folder.path());
        spec.environment = vec![(name.to_owned(), value.to_owned())];
        python().plan(&spec).unwrap()
    };
    for (name, value, form) in [
        ("TZ", ":UTC", Form::Booted),
        ("TZ", "Europe/Berlin", Form::Waiting),
        ("PYTHONHASHSEED", "0", Form::Waiting),
        ("LD_PRELOAD", "/var/task/x.so", Form::Waiting),
        ("NODE_OPTIONS", "--inspect", Form::Booted),
    ] {
        assert_eq!(plan(name, value).form, form, "{name}");
    }
    let wrapped = plan("AWS_LAMBDA_EXEC_WRAPPER", "/var/task/wrapper").assignment.argv;
    assert_eq!(wrapped[..2], ["/bin/sh", "-c"]);
    let expected = ["bootstrap", "/usr/bin/python3.12", "/var/runtime/bootstrap.py"];
    assert_eq!(wrapped[3..], expected);
    let unset = plan("AWS_LAMBDA_EXEC_WRAPPER", "");
    assert_eq!((unset.form, unset.assignment.argv.len()), (Form::Booted, 0));
    std::fs::create_dir(folder.path().join("lib")).unwrap();
    assert_eq!(plan("MINE", "1").form, Form::Waiting);
}

#[test]
fn a_bootstrap_must_be_there() {
    let folder = tempfile::tempdir().unwrap();
    let (code, layer) = (folder.path().join("code"), folder.path().join("layer"));
    for place in [&code, &layer] {
        std::fs::create_dir(place).unwrap();
    }
    let (name, found) = ("provided.al2023", String::new());
    let language = Language::Provided;
    let runtime =
        Runtime { name, language, found, root: RootSpec::host(), command: Vec::new(), jvm: None };
    let mut spec = spec(name, &code);
    spec.layers = vec![layer.clone()];
    assert_eq!(runtime.plan(&spec).unwrap_err(), Program::NoBootstrap);
    let mut before = None;
    for (place, path) in [(&layer, "/opt/bootstrap"), (&code, "/var/task/bootstrap")] {
        std::fs::create_dir(place.join("bootstrap")).unwrap();
        assert_eq!(runtime.plan(&spec).map(|plan| plan.assignment.argv).ok(), before);
        std::fs::remove_dir(place.join("bootstrap")).unwrap();
        // Whether it can be executed is seen in the sandbox.
        std::fs::write(place.join("bootstrap"), "").unwrap();
        let argv = vec![path.to_owned()];
        assert_eq!(runtime.plan(&spec).unwrap().assignment.argv, argv);
        before = Some(argv);
    }
}
