//! Environment variables at rest: sealed by KMS under the account's key `aws/lambda` or the function's own key.
//!
//! Who configures the function encrypts them with its own permissions and, for a key of the customer, gives the
//! execution role a grant. Answers show them if the caller may decrypt. A new environment decrypts them as the execution
//! role; a warm one never asks.
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html>

use crate::model::environment_variables::SEALED;
use crate::model::name::{self, FunctionKey};
use crate::tables::Configuration;
use crate::{Lambda, Result, errors};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use seams::{CallCx, KeyUse};
use std::collections::BTreeMap;
use std::sync::Arc;
use wire_lambda as w;

type Variables = BTreeMap<String, String>;

fn sealed(variables: &Variables) -> Option<&String> {
    variables.get(SEALED)
}

/// Which key, bound to the function.
fn key_use<'a>(function_arn: &str, key_arn: Option<&'a str>) -> KeyUse<'a> {
    let context = [("aws:lambda:FunctionArn".to_string(), function_arn.to_string())];
    KeyUse { service: "lambda", key_id: key_arn, context: context.into() }
}

/// The context of a call that Lambda makes for its caller.
fn through_lambda(cx: &CallCx) -> CallCx {
    CallCx { hops: cx.hops.saturating_add(1), ..cx.clone() }
}

/// Seals the variables of a new configuration.
pub async fn seal(
    lambda: &Lambda,
    cx: &CallCx,
    function: &FunctionKey,
    configuration: &mut Configuration,
) -> Result<()> {
    let (keys, cx) = (&lambda.deps.keys, through_lambda(cx));
    let key = key_use(&name::function_arn(function), configuration.kms_key_arn.as_deref());
    if key.key_id.is_some() {
        keys.key_arn(&cx, &key).await.map_err(|e| errors::variables_not_sealed(&e, "Encrypt"))?;
    }
    let variables = configuration.environment.as_mut().filter(|variables| !variables.is_empty());
    let Some(variables) = variables else { return Ok(()) };
    let text = serde_json::to_vec(variables).expect("a map of texts is JSON");
    let ciphertext = keys.encrypt(&cx, &key, &text).await;
    let ciphertext = ciphertext.map_err(|error| errors::variables_not_sealed(&error, "Encrypt"))?;
    *variables = [(SEALED.to_string(), STANDARD.encode(ciphertext))].into();
    grant(lambda, &cx, &key, &configuration.role).await
}

/// Lets the execution role decrypt. The policy of `aws/lambda` lets every role of the account do that through Lambda.
async fn grant(lambda: &Lambda, cx: &CallCx, key: &KeyUse<'_>, role: &str) -> Result<()> {
    if key.key_id.is_none() {
        return Ok(());
    }
    let granted = lambda.deps.keys.grant_decrypt(cx, key, role).await;
    granted.map_err(|error| errors::variables_not_sealed(&error, "CreateGrant"))
}

/// Seals what an update brought, or what there was if the key is another one.
pub async fn seal_update(
    lambda: &Lambda,
    cx: &CallCx,
    function: &FunctionKey,
    before: &Configuration,
    next: &mut Configuration,
) -> Result<()> {
    let arn = name::function_arn(function);
    let kept = next.environment.as_ref().and_then(sealed).cloned();
    let same_key = next.kms_key_arn == before.kms_key_arn;
    match kept {
        None if next.environment == before.environment && same_key => Ok(()),
        None => {
            // Sealed anew they would be another text, and so the function one that has changed since its last version.
            let current = before.environment.as_ref().and_then(sealed);
            if let Some(ciphertext) = current.filter(|_| same_key && next.role == before.role)
                && let Ok(opened) = open(lambda, &through_lambda(cx), &arn, ciphertext).await
                && next.environment.as_ref() == Some(&opened)
            {
                next.environment.clone_from(&before.environment);
                return Ok(());
            }
            seal(lambda, cx, function, next).await
        }
        Some(_) if same_key && next.role == before.role => Ok(()),
        Some(_) if same_key => {
            let key = key_use(&arn, next.kms_key_arn.as_deref());
            grant(lambda, &through_lambda(cx), &key, &next.role).await
        }
        Some(ciphertext) => {
            let opened = open(lambda, &through_lambda(cx), &arn, &ciphertext).await;
            let opened = opened.map_err(|error| errors::variables_not_sealed(&error, "Decrypt"))?;
            next.environment = Some(opened);
            seal(lambda, cx, function, next).await
        }
    }
}

/// The variables in an answer, if the caller may decrypt them, instead of their ciphertext.
pub async fn show(lambda: &Lambda, cx: &CallCx, shown: &mut w::FunctionConfiguration) {
    let Some(environment) = &mut shown.environment else { return };
    let ciphertext = environment.variables.as_ref().and_then(sealed).cloned();
    let Some(ciphertext) = ciphertext else { return };
    // The ARN of the function, without a version or alias.
    let arn: Vec<&str> = shown.function_arn.as_deref().unwrap_or_default().split(':').collect();
    let arn = arn[..arn.len().min(7)].join(":");
    *environment = match open(lambda, &through_lambda(cx), &arn, &ciphertext).await {
        Ok(variables) => w::EnvironmentResponse { variables: Some(variables), error: None },
        Err(error) => {
            let error = errors::variables_not_shown(&error);
            w::EnvironmentResponse { variables: None, error: Some(error) }
        }
    };
}

/// The variables for a new environment, whose execution role is the caller of `cx`.
pub async fn for_environment(
    lambda: &Lambda,
    cx: &CallCx,
    function: &FunctionKey,
    configuration: &Configuration,
) -> Result<Variables> {
    let variables = configuration.environment.clone().unwrap_or_default();
    let Some(ciphertext) = sealed(&variables) else { return Ok(variables) };
    // Lambda's own call, outside the environment: other than those to the log it does not name the function.
    let mut caller = (*cx.caller).clone();
    caller.session.iter_mut().for_each(|session| session.source_function_arn = None);
    let cx = CallCx { caller: Arc::new(caller), ..cx.clone() };
    let opened = open(lambda, &cx, &name::function_arn(function), ciphertext).await;
    opened.map_err(|error| errors::variables_not_opened(&error))
}

async fn open(
    lambda: &Lambda,
    cx: &CallCx,
    function_arn: &str,
    ciphertext: &str,
) -> std::result::Result<Variables, seams::Error> {
    let ciphertext = STANDARD.decode(ciphertext).unwrap_or_default();
    // The ciphertext names its key.
    let key = key_use(function_arn, None);
    let text = lambda.deps.keys.decrypt(cx, &key, &ciphertext).await?;
    serde_json::from_slice(&text).map_err(|error| seams::Error::internal(error.to_string()))
}
