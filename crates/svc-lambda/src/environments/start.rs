//! How an environment begins: its role session, its variables, its log stream.

use crate::code::customer_key;
use crate::environments::log::{FunctionLog, Output};
use crate::limits;
use crate::model::application_log::ApplicationLog;
use crate::model::managed_instances::vcpus;
use crate::model::name::{self, FunctionKey};
use crate::model::report::PlatformLog;
use crate::model::runtime;
use crate::resolve::Target;
use crate::{Lambda, errors, variables};
use base::{RequestId, Time};
use engine::{EnvironmentSpec, Ground, LogFormat, Snapshot};
use seams::{CallCx, ServiceSession, TemporaryCredentials};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The principal as which Lambda takes on execution roles.
pub const SERVICE_PRINCIPAL: &str = "lambda.amazonaws.com";

/// Everything about an environment that is about to be started.
pub struct Preparation {
    /// For the engine.
    pub spec: EnvironmentSpec,
    /// Its log.
    pub log: Arc<FunctionLog>,
    /// When its role session ends.
    pub credentials_end_at: Time,
}

/// Why an environment is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Initialization {
    /// An event waits for it.
    OnDemand,
    /// Provisioned concurrency wants it.
    Provisioned,
    /// A snapshot is made of it, or it is restored from one.
    SnapStart,
    /// It serves several invocations at once, for as long as it is wanted.
    ManagedInstances,
}

impl Initialization {
    /// `AWS_LAMBDA_INITIALIZATION_TYPE`.
    pub fn as_str(self) -> &'static str {
        match self {
            Initialization::OnDemand => "on-demand",
            Initialization::Provisioned => "provisioned-concurrency",
            Initialization::SnapStart => "snap-start",
            Initialization::ManagedInstances => "lambda-managed-instances",
        }
    }
}

/// Takes on the role, opens the log stream and collects the variables. `snapshot` is what the environment will be restored
/// from, if it will.
pub async fn prepare(
    lambda: &Lambda,
    target: &Target,
    initialization: Initialization,
    snapshot: Option<&dyn Snapshot>,
) -> Result<Preparation, wire::Error> {
    let configuration = &target.record.configuration;
    let (account, region, function) = &target.function;
    let digest = crate::parse_digest(&target.record.code.digest)?;
    let key = customer_key::open(lambda, &target.function, &target.record.code).await;
    let key = key.map_err(|error| errors::package_not_opened(&error))?;
    let code = lambda.packages.tree(&digest, key).await?;
    let mut layers = Vec::new();
    for layer in &configuration.layers {
        let digest = crate::parse_digest(&layer.code.digest)?;
        layers.push(lambda.packages.tree(&digest, None).await?);
    }
    let ground = Ground {
        runtime: configuration.runtime.clone(),
        code,
        layers,
        memory_mib: configuration.memory_mib,
        vcpus: configuration.managed.as_ref().map(|managed| vcpus(configuration, managed)),
        ephemeral_storage_mib: configuration.ephemeral_storage_mib,
    };
    // Somebody waits, so the sandbox is made ready beside what follows.
    let reservation = match (snapshot, initialization) {
        (Some(snapshot), _) => snapshot.reserve(ground.clone()).await,
        (None, Initialization::OnDemand) => lambda.deps.engine.reserve(ground.clone()).await,
        _ => None,
    };
    let Ground { runtime, code, layers, memory_mib, vcpus, ephemeral_storage_mib } = ground;
    // <https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html>
    let function_arn = name::function_arn(&target.function);
    let session = ServiceSession {
        name: function,
        duration: limits::CREDENTIALS_LIFETIME,
        source_function_arn: Some(&function_arn),
    };
    let credentials = assume_role(lambda, &target.function, &configuration.role, session).await?;
    let now = lambda.deps.clock.now();
    let stream = stream_name(lambda, target, now);
    let cx = CallCx::internal(
        credentials.caller.clone(),
        region.clone(),
        RequestId::new(&*lambda.deps.entropy),
        now,
        name::parsed_arn(&target.function),
    );
    let own = variables::for_environment(lambda, &cx, &target.function, configuration).await?;
    let runtime_version = runtime::version_name(&configuration.runtime);
    let runtime_version_arn = runtime::version_arn(region, &configuration.runtime);
    let platform = PlatformLog::new(
        &configuration.logging,
        function,
        &target.version,
        runtime_version.clone(),
        runtime_version_arn.clone(),
    )
    .initialized_as(initialization.as_str());
    let group = configuration.logging.group.clone();
    let log = FunctionLog::new(&lambda.log_writer, cx, group, stream.clone(), platform);
    let json = configuration.logging.json;
    let spec = EnvironmentSpec {
        runtime,
        runtime_version,
        runtime_version_arn,
        handler: configuration.handler.clone(),
        code,
        layers,
        memory_mib,
        vcpus,
        max_concurrency: configuration.managed.as_ref().map(|managed| managed.max_concurrency),
        ephemeral_storage_mib,
        init_timeout: limits::INIT_TIMEOUT,
        environment: all_variables(lambda, target, initialization, own, &credentials, stream),
        account_id: account.to_string(),
        log_format: if json { LogFormat::Json } else { LogFormat::Text },
        output: Arc::new(Output(log.clone(), ApplicationLog::new(&configuration.logging))),
        reservation,
    };
    Ok(Preparation { spec, log, credentials_end_at: credentials.expires_at })
}

/// A session of the function's execution role. Error: `AccessDeniedException` where there is no such role any more, or it
/// trusts Lambda no more.
pub async fn assume_role(
    lambda: &Lambda,
    (account, region, _): &FunctionKey,
    role: &str,
    session: ServiceSession<'_>,
) -> Result<TemporaryCredentials, wire::Error> {
    let roles = &lambda.deps.roles;
    let session = roles.assume_for_service(*account, region, role, SERVICE_PRINCIPAL, session);
    session.await.map_err(|error| match error.is_internal() {
        true => errors::internal(error),
        false => errors::role_not_assumed(),
    })
}

/// `2026/11/22/[7]0123456789abcdef0123456789abcdef`; in a group that functions share, with the function's name.
/// <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html>
fn stream_name(lambda: &Lambda, target: &Target, now: Time) -> String {
    let function = &target.function.2;
    let own_group = target.record.configuration.logging.group == format!("/aws/lambda/{function}");
    let function = if own_group { "" } else { function };
    let (date, version) = (now.civil(), &target.version);
    let random = lambda.deps.entropy.text(32, b"0123456789abcdef");
    format!("{:04}/{:02}/{:02}/{function}[{version}]{random}", date.year, date.month, date.day)
}

/// What Lambda sets, over what the function's configuration sets where that is reserved.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>
fn all_variables(
    lambda: &Lambda,
    target: &Target,
    initialization: Initialization,
    own: BTreeMap<String, String>,
    credentials: &TemporaryCredentials,
    stream: String,
) -> Vec<(String, String)> {
    let configuration = &target.record.configuration;
    let (_, region, function) = &target.function;
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    let mut set = |name: &str, value: &str| drop(all.insert(name.to_string(), value.to_string()));
    set("TZ", ":UTC");
    set("LANG", "en_US.UTF-8");
    set("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR");
    // Nothing listens there: what an SDK sends is lost, as where nobody reads traces.
    set("AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:2000");
    set("_AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1");
    set("_AWS_XRAY_DAEMON_PORT", "2000");
    set("AWS_ENDPOINT_URL", &lambda.deps.endpoint_url);
    for (name, value) in &own {
        set(name, value);
    }
    set("_HANDLER", &configuration.handler);
    set("AWS_REGION", region.as_str());
    set("AWS_DEFAULT_REGION", region.as_str());
    set("AWS_ACCESS_KEY_ID", &credentials.access_key_id);
    set("AWS_SECRET_ACCESS_KEY", &credentials.secret_access_key);
    set("AWS_SESSION_TOKEN", &credentials.session_token);
    if matches!(configuration.runtime.as_str(), "java8" | "java8.al2" | "java11") {
        // Recorded: the names that AWS's first SDK for Java knew.
        set("AWS_ACCESS_KEY", &credentials.access_key_id);
        set("AWS_SECRET_KEY", &credentials.secret_access_key);
    }
    set("AWS_LAMBDA_FUNCTION_NAME", function);
    set("AWS_LAMBDA_FUNCTION_VERSION", &target.version);
    set("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &configuration.memory_mib.to_string());
    set("AWS_LAMBDA_LOG_GROUP_NAME", &configuration.logging.group);
    set("AWS_LAMBDA_LOG_STREAM_NAME", &stream);
    set("AWS_LAMBDA_INITIALIZATION_TYPE", initialization.as_str());
    if !runtime::is_custom(&configuration.runtime) {
        set("AWS_EXECUTION_ENV", &format!("AWS_Lambda_{}", configuration.runtime));
    }
    if configuration.logging.json {
        set("AWS_LAMBDA_LOG_FORMAT", "JSON");
        if let Some(level) = &configuration.logging.application_level {
            set("AWS_LAMBDA_LOG_LEVEL", level);
        }
    }
    all.into_iter().collect()
}
