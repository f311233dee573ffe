//! Every operation that is built: what its caller needs, and its function.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html>,
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>

mod buckets;
pub(crate) mod objects;
mod settings;
mod tagging;
mod uploads;

use crate::S3;
use crate::access::Bucket;
use crate::model::tags::Tags;
use crate::versions::Which;
use rt::Routes;
use seams::{AccessRequest, CallCx, ContextKey};
use std::sync::Arc;

pub(crate) fn routes(s3: &Arc<S3>) -> Routes {
    let routes = buckets::buckets(Routes::new(&wire_s3::SERVICE), s3);
    let routes = tagging::tagging(settings::settings(routes, s3), s3);
    let routes = objects::listings(objects::objects(routes, s3), s3);
    uploads::uploads(routes, s3)
}

/// The question whether the caller may delete a key or one of its versions.
pub(crate) fn deleting(cx: &CallCx, bucket: &Bucket, key: &str, which: &Which) -> AccessRequest {
    match which {
        Which::Latest => bucket.on_key(cx, "s3:DeleteObject", key),
        Which::Null => {
            bucket.on_key(cx, "s3:DeleteObjectVersion", key).with("s3:versionid", "null")
        }
        Which::Id(id, _) => {
            bucket.on_key(cx, "s3:DeleteObjectVersion", key).with("s3:versionid", id)
        }
    }
}

/// Adds the condition keys that are headers, as far as they were sent.
fn with_headers<'h>(
    request: AccessRequest,
    headers: impl IntoIterator<Item = (&'static str, Option<&'h str>)>,
) -> AccessRequest {
    headers.into_iter().fold(request, |request, (name, value)| match value {
        Some(value) => request.with(name, value),
        None => request,
    })
}

/// Adds the tags that an object is to get.
fn with_object_tags(mut request: AccessRequest, tags: &Tags) -> AccessRequest {
    for (key, value) in tags {
        request = request.with(format!("s3:RequestObjectTag/{key}"), value);
    }
    if !tags.is_empty() {
        let values = tags.keys().cloned().collect();
        request.context.push(ContextKey { name: "s3:RequestObjectTagKeys".into(), values });
    }
    request
}
