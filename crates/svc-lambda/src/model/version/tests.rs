use super::*;
use crate::model::configuration;
use base::{AccountId, Region, SeededEntropy};

fn change() -> Change {
    Change::new(Time::from_unix_ms(1_700_000_000_123), &SeededEntropy::new(1))
}

fn record() -> VersionRecord {
    let request = w::CreateFunctionRequest {
        function_name: "f".into(),
        runtime: Some("python3.12".into()),
        handler: Some("index.handler".into()),
        role: "arn:aws:iam::000000000000:role/r".into(),
        ..Default::default()
    };
    let (digest, sha256) = ("d".into(), "s".into());
    let code = CodeRecord { digest, sha256, size: 3, unpacked_bytes: 5, key: None };
    VersionRecord::pending(configuration::create("f", &request).unwrap(), code, change())
}

fn key() -> FunctionKey {
    (AccountId::DEFAULT, Region::default(), "f".into())
}

fn shown(record: &VersionRecord) -> w::FunctionConfiguration {
    to_wire(&key(), record, LATEST, None, Detail::Full)
}

#[test]
fn pending_to_active() {
    let mut record = record();
    let pending = shown(&record);
    assert_eq!(pending.state, Some(w::State::Pending));
    assert_eq!(pending.state_reason.as_deref(), Some("The function is being created."));
    assert_eq!(pending.last_update_status, None);
    assert_eq!(pending.last_modified.as_deref(), Some("2023-11-14T22:13:20.123+0000"));
    assert!(record.check_invocable().is_err());
    assert!(record.check_changeable(&key(), None).is_err());
    let before = record.revision_id.clone();
    record.finish(Ok(()), &Change::new(Time::default(), &SeededEntropy::new(2)));
    assert_ne!(record.revision_id, before);
    let active = shown(&record);
    assert_eq!(active.state, Some(w::State::Active));
    assert_eq!(active.state_reason, None);
    assert_eq!(active.last_update_status, Some(w::LastUpdateStatus::Successful));
    assert!(record.check_invocable().is_ok());
}

#[test]
fn update_and_failure() {
    let mut record = record();
    record.finish(Ok(()), &change());
    assert!(record.check_changeable(&key(), Some("another")).is_err());
    let revision = record.configuration_revision.clone();
    let next = Configuration { timeout_s: 9, ..record.configuration.clone() };
    let later = Change::new(Time::default(), &SeededEntropy::new(3));
    record.begin_update(Update::Configuration(Box::new(next)), later.clone());
    assert_ne!(record.configuration_revision, revision);
    assert!(record.check_invocable().is_ok(), "the state stays Active while an update runs");
    let reason = ReasonRecord { code: "InvalidRuntime".into(), text: "install it".into() };
    record.finish(Err(reason), &later);
    let failed = shown(&record);
    assert_eq!(failed.state, Some(w::State::Active));
    assert_eq!(failed.last_update_status, Some(w::LastUpdateStatus::Failed));
    assert_eq!(failed.last_update_status_reason.as_deref(), Some("install it"));
    // What was there before goes on running, also after another update that fails.
    let again = Configuration { timeout_s: 10, ..record.configuration.clone() };
    record.begin_update(Update::Configuration(Box::new(again)), later.clone());
    let reason = ReasonRecord { code: "InvalidRuntime".into(), text: "install it".into() };
    record.finish(Err(reason), &later);
    let in_force = record.clone().in_force();
    assert!(in_force.check_invocable().is_ok());
    assert_eq!((in_force.configuration.timeout_s, in_force.configuration_revision), (3, revision));
    record.begin_update(Update::Code(record.code.clone(), None), later.clone());
    record.finish(Ok(()), &later);
    assert_eq!(record.clone().in_force().configuration.timeout_s, 10);
    assert!(record.before_update.is_none());
}

#[test]
fn a_version_that_could_not_be_created_cannot_run() {
    let mut record = record();
    let reason = ReasonRecord { code: "InvalidRuntime".into(), text: "install it".into() };
    record.finish(Err(reason), &change());
    assert_eq!(shown(&record).state, Some(w::State::Failed));
    assert!(record.in_force().check_invocable().is_err());
}

#[test]
fn fingerprints_follow_code_and_configuration_only() {
    let first = record();
    let mut second = first.clone();
    second.revision_id = "other".into();
    second.state = StateRecord::Active;
    assert_eq!(first.fingerprint(), second.fingerprint());
    second.configuration.description = "other".into();
    assert_ne!(first.fingerprint(), second.fingerprint());
}

#[test]
fn lists_leave_states_out() {
    let listed = to_wire(&key(), &record(), "3", Some("3"), Detail::Listed);
    assert_eq!((listed.state, listed.runtime_version_config.is_none()), (None, true));
    assert!(listed.function_arn.unwrap().ends_with(":function:f:3"));
}
