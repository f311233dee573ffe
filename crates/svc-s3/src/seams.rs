//! What the service offers to others. It enters the same access rules and operations as the same call over HTTP.

use crate::access::Bucket;
use crate::ops::{get_object, put_object};
use crate::routes::objects as rules;
use crate::{S3, errors};
use ::seams::{
    AccessRequest, CallCx, Delivery, Error, EventTarget, NewObject, ObjectPieces, ObjectReader,
    ObjectRef, ObjectWriter, OpenObject,
};
use base::{Arn, BoxFut};
use futures_util::StreamExt;
use rt::Access;
use std::sync::Arc;
use wire::Pieces;
use wire_s3::{GetObjectRequest, PutObjectRequest};

/// The objects of all buckets, for other services.
#[derive(Clone)]
pub struct Objects(Arc<S3>);

impl Objects {
    /// Those of `s3`.
    pub fn new(s3: Arc<S3>) -> Self {
        Objects(s3)
    }

    /// Reported: what AWS's services say of a bucket that is elsewhere, in the words of their SDK.
    fn check_region(&self, cx: &CallCx, bucket: &str) -> Result<(), Error> {
        let region = match self.0.bucket_anywhere(bucket) {
            Ok(bucket) if bucket.row.region != cx.region.as_str() => bucket.row.region,
            _ => return Ok(()),
        };
        let text = format!(
            "The bucket is in this region: {region}. Please use this region to retry the request"
        );
        Err(Error::new(301, "PermanentRedirect", text))
    }

    async fn allow(&self, cx: &CallCx, access: Access) -> Result<(), Error> {
        for request in &access.requests {
            self.0.authorizer.authorize(cx, request).await?;
        }
        Ok(())
    }

    async fn put(&self, cx: &CallCx, object: NewObject<'_>) -> Result<Option<String>, Error> {
        let input = PutObjectRequest {
            bucket: object.bucket.to_string(),
            key: object.key.to_string(),
            content_type: Some(object.content_type.to_string()),
            body: Some(object.body.into()),
            ..Default::default()
        };
        let access = rules::putting(&self.0, cx, &input).map_err(|error| errors::seam(&error))?;
        self.allow(cx, access).await?;
        let put = put_object::put_object(self.0.clone(), Arc::new(cx.clone()), input);
        Ok(put.await.map_err(|error| errors::seam(&error))?.version_id)
    }
}

impl ObjectReader for Objects {
    fn open<'a>(
        &'a self,
        cx: &'a CallCx,
        object: ObjectRef<'a>,
    ) -> BoxFut<'a, Result<OpenObject, Error>> {
        Box::pin(async move {
            let ObjectRef { bucket, key, version_id } = object;
            self.check_region(cx, bucket)?;
            let access = rules::reading(&self.0, cx, (bucket, None), key, version_id);
            self.allow(cx, access.map_err(|error| errors::seam(&error))?).await?;
            let input = GetObjectRequest {
                bucket: bucket.to_string(),
                key: key.to_string(),
                version_id: version_id.map(String::from),
                ..Default::default()
            };
            let got = get_object::get_object(self.0.clone(), Arc::new(cx.clone()), input);
            let got = got.await.map_err(|error| errors::seam(&error))?;
            let pieces = got.body.unwrap_or_default().into_stream();
            Ok(OpenObject {
                size: got.content_length.and_then(|n| u64::try_from(n).ok()).unwrap_or(0),
                version_id: got.version_id,
                pieces: Box::new(Opened(pieces)),
            })
        })
    }
}

struct Opened(Pieces);

impl ObjectPieces for Opened {
    fn next(&mut self) -> BoxFut<'_, Result<Option<Vec<u8>>, Error>> {
        Box::pin(async {
            let piece = self.0.next().await.transpose().map_err(|error| errors::seam(&error))?;
            Ok(piece.map(Vec::from))
        })
    }
}

impl ObjectWriter for Objects {
    fn write<'a>(
        &'a self,
        cx: &'a CallCx,
        object: NewObject<'a>,
    ) -> BoxFut<'a, Result<Option<String>, Error>> {
        Box::pin(self.put(cx, object))
    }
}

/// Buckets as destinations of functions' asynchronous invocations that failed.
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>
impl EventTarget for Objects {
    fn service(&self) -> &'static str {
        "s3"
    }

    fn check<'a>(&'a self, cx: &'a CallCx, target: &'a Arn) -> BoxFut<'a, Result<(), Error>> {
        Box::pin(async move {
            let bucket = self.bucket(cx, target)?;
            let key = format!("{}check", folder(cx));
            let needed: [AccessRequest; 2] =
                [bucket.on_key(cx, "s3:PutObject", &key), bucket.on_bucket(cx, "s3:ListBucket")];
            for request in &needed {
                self.0.authorizer.authorize(cx, request).await?;
            }
            Ok(())
        })
    }

    fn deliver<'a>(
        &'a self,
        cx: &'a CallCx,
        target: &'a Arn,
        delivery: &'a Delivery,
    ) -> BoxFut<'a, Result<(), Error>> {
        Box::pin(async move {
            let bucket = self.bucket(cx, target)?;
            let now = self.0.clock.now().civil();
            let day = format!("{:04}/{:02}/{:02}", now.year, now.month, now.day);
            let second = format!(
                "{}T{:02}.{:02}.{:02}",
                day.replace('/', "-"),
                now.hour,
                now.minute,
                now.second
            );
            let key = format!("{}{day}/{second}-{}", folder(cx), delivery.id);
            let (body, content_type) = (delivery.body.clone().into_bytes(), "application/json");
            let object = NewObject { bucket: &bucket.name, key: &key, content_type, body };
            self.put(cx, object).await.map(drop)
        })
    }
}

impl Objects {
    /// The bucket that an ARN names.
    fn bucket(&self, cx: &CallCx, target: &Arn) -> Result<Bucket, Error> {
        let found = self.0.bucket(cx, target.resource(), None);
        found.map_err(|error| errors::seam(&error))
    }
}

/// Where what is told of a function is put: below its name.
fn folder(cx: &CallCx) -> String {
    let source = cx.source_arn.as_ref().map(Arn::resource).unwrap_or_default();
    let function = source.strip_prefix("function:").unwrap_or(source);
    format!("aws/lambda/async/{}/", function.split(':').next().unwrap_or_default())
}
