//! Who may call a URL.
//! <https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html>

use super::{Refused, Url, error};
use crate::Lambda;
use rt::Visit;
use seams::{CallCx, Caller};
use serde_json::json;
use std::sync::Arc;
use wire::Protocol;
use wire_lambda::SERVICE;

/// seen: what clients report
const FORBIDDEN: &str = "Forbidden. For troubleshooting Function URL authorization issues, see: \
                         https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html";

/// The context of the call, if it may be made. Since October 2025 a caller needs two permissions: for the URL, and for the
/// function as far as it is invoked through its URL.
pub(super) async fn check(lambda: &Lambda, url: &Url, visit: &Visit) -> Result<CallCx, Refused> {
    let mut cx = visit.cx.clone();
    if url.record.auth_type == "AWS_IAM" {
        match &visit.signed {
            Ok(true) if cx.region == url.name.region => {}
            Ok(true) => {
                let region = &url.name.region;
                let text = format!(
                    "Credential should be scoped to a valid region, not '{}'. Expected '{region}'. ",
                    cx.region
                );
                return Err(error(403, "InvalidSignatureException", &json!({ "message": text })));
            }
            Ok(false) => return Err(forbidden()),
            Err(error) => {
                let id = cx.request_id.to_string();
                return Err(Box::new(SERVICE.error(Protocol::RestJson, error, &id)));
            }
        }
    } else {
        // Whoever signed is as unknown as everybody else.
        cx.caller = Arc::new(Caller::anonymous(url.name.account));
        cx.account = url.name.account;
        cx.region = url.name.region.clone();
    }
    let arn = url.name.arn();
    let guard =
        lambda.resolver.guard(&url.name).map_err(|error| super::failed(&error, cx.request_id))?;
    let to = |action| guard.request(action, arn.clone());
    let requests = [
        to("lambda:InvokeFunctionUrl")
            .with("lambda:FunctionUrlAuthType", url.record.auth_type.clone())
            .with("lambda:FunctionArn", arn.clone()),
        to("lambda:InvokeFunction").with("lambda:InvokedViaFunctionUrl", "true"),
    ];
    for request in requests {
        if let Err(denial) = lambda.deps.authorizer.authorize(&cx, &request).await {
            tracing::debug!(%denial, arn, "a request to a URL was refused");
            return Err(forbidden());
        }
    }
    Ok(cx)
}

fn forbidden() -> Refused {
    error(403, "AccessDeniedException", &json!({ "Message": FORBIDDEN }))
}
