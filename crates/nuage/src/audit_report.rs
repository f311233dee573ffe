//! `GET /_nuage/audit?request_id=…`: the event of a request of the caller's account and why it was denied, for whoever
//! may call `cloudtrail:LookupEvents`.

use front::Report;
use seams::CallCx;
use serde_json::Value;
use std::sync::Arc;
use svc_cloudtrail::CloudTrail;

/// Where it is.
pub const PATH: &str = "/_nuage/audit";

/// For the front end.
pub fn report(cloudtrail: &Arc<CloudTrail>) -> Report {
    let cloudtrail = Arc::downgrade(cloudtrail);
    Report {
        path: PATH,
        action: "cloudtrail:LookupEvents",
        words: &wire_lambda::SERVICE,
        get: Arc::new(move |cx: Arc<CallCx>, query: String| {
            let cloudtrail = cloudtrail.upgrade();
            Box::pin(async move {
                let request_id = request_id(&query)?;
                let cloudtrail = cloudtrail.ok_or("the cloud is stopping")?;
                let found = cloudtrail.why(cx.account, &request_id).await;
                Ok(found.map_err(|error| error.to_string())?.unwrap_or(Value::Null))
            })
        }),
    }
}

fn request_id(query: &str) -> Result<String, String> {
    let mut found = None;
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        match name {
            "request_id" => found = Some(value.to_string()),
            // Signatures may stand in the query.
            _ if name.starts_with("X-Amz-") => {}
            _ => return Err(format!("There is no parameter '{name}'.")),
        }
    }
    found.filter(|id| base::RequestId::parse(id).is_some()).ok_or_else(|| {
        "The parameter request_id must be the id of a request, as its answer's header x-amzn-requestid shows it.".to_string()
    })
}
