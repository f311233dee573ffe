use super::*;
use std::collections::BTreeMap;

fn request() -> w::CreateFunctionRequest {
    w::CreateFunctionRequest {
        function_name: "f".into(),
        runtime: Some("python3.12".into()),
        handler: Some("index.handler".into()),
        role: "arn:aws:iam::000000000000:role/r".into(),
        ..Default::default()
    }
}

#[test]
fn defaults() {
    let made = create("f", &request()).unwrap();
    assert_eq!((made.memory_mib, made.timeout_s, made.ephemeral_storage_mib), (128, 3, 512));
    assert_eq!((made.architecture.as_str(), made.tracing_mode.as_str()), ("x86_64", "PassThrough"));
    assert_eq!((made.logging.json, made.logging.group.as_str()), (false, "/aws/lambda/f"));
    assert_eq!(made.environment, None);
}

#[test]
fn limits() {
    let fits = |change: fn(&mut w::CreateFunctionRequest)| {
        let mut request = request();
        change(&mut request);
        create("f", &request).is_ok()
    };
    assert!(fits(|r| r.memory_size = Some(10_240)));
    assert!(!fits(|r| r.memory_size = Some(10_241)));
    assert!(!fits(|r| r.memory_size = Some(127)));
    assert!(fits(|r| r.timeout = Some(900)));
    assert!(!fits(|r| r.timeout = Some(901)));
    assert!(!fits(|r| r.timeout = Some(-1)));
    assert!(!fits(|r| r.ephemeral_storage = Some(w::EphemeralStorage { size: 511 })));
    assert!(!fits(|r| r.handler = None));
    assert!(!fits(|r| r.runtime = None));
}

#[test]
fn what_is_not_built_is_refused_unless_it_asks_for_nothing() {
    let made = |change: fn(&mut w::CreateFunctionRequest)| {
        let mut request = request();
        change(&mut request);
        create("f", &request)
    };
    assert!(made(|r| r.vpc_config = Some(w::VpcConfig::default())).is_ok());
    assert!(made(|r| r.dead_letter_config = Some(w::DeadLetterConfig::default())).is_ok());
    let mut request = request();
    let subnets = Some(vec!["subnet-1".to_string()]);
    request.vpc_config = Some(w::VpcConfig { subnet_ids: subnets, ..Default::default() });
    assert_eq!(create("f", &request).unwrap_err().as_common(), Some(&wire::Common::NotImplemented));
}

#[test]
fn updates_keep_what_they_do_not_name() {
    let mut first = request();
    let variables = BTreeMap::from([("AB".to_string(), "1".to_string())]);
    first.environment = Some(w::Environment { variables: Some(variables.clone()) });
    let first = create("f", &first).unwrap();
    let mut change = w::UpdateFunctionConfigurationRequest {
        function_name: "f".into(),
        timeout: Some(10),
        ..Default::default()
    };
    let second = update(&first, &change).unwrap();
    assert_eq!((second.timeout_s, second.memory_mib), (10, 128));
    assert_eq!(second.environment.as_ref(), Some(&variables));
    change.environment = Some(w::Environment { variables: None });
    assert_eq!(update(&second, &change).unwrap().environment, Some(BTreeMap::new()));
}

/// The recorded cases of partial updates.
#[test]
fn logging_levels() {
    let text = default_logging("f", false);
    let config = |format, application, system| w::LoggingConfig {
        log_format: Some(format),
        application_log_level: application,
        system_log_level: system,
        log_group: None,
    };
    let levels = |config: &w::LoggingConfig| {
        let made = logging(&text, Some(config)).unwrap();
        (made.application_level.unwrap(), made.system_level.unwrap())
    };
    let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
    assert_eq!(levels(&config(w::LogFormat::Json, None, None)), pair("INFO", "INFO"));
    let debug = Some(w::ApplicationLogLevel::Debug);
    assert_eq!(levels(&config(w::LogFormat::Json, debug, None)), pair("DEBUG", "INFO"));
    let debug = Some(w::SystemLogLevel::Debug);
    assert_eq!(levels(&config(w::LogFormat::Json, None, debug)), pair("INFO", "DEBUG"));
    let json = logging(&text, Some(&config(w::LogFormat::Json, None, None))).unwrap();
    assert_eq!(logging(&json, Some(&config(w::LogFormat::Text, None, None))).unwrap(), text);
    assert!(logging(&text, Some(&config(w::LogFormat::Text, None, debug))).is_err());
}
