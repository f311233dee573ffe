//! What the operations on multipart uploads have in common.

use crate::access::Bucket;
use crate::model::checksum::Algorithm;
use crate::model::ids::{Id, Use};
use crate::ops::listing;
use crate::tables::{BodyId, UPLOADS, UploadRecord};
use crate::{S3, errors};
use store::View;
use wire::{Error, Internal};
use wire_s3::{Initiator, Owner};

/// An upload that is going on.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Its id.
    pub id: String,
    /// When it began.
    pub initiated_ms: u64,
    /// The body that its parts are to be.
    pub body: BodyId,
    /// Its row.
    pub record: UploadRecord,
}

impl S3 {
    /// The id of an upload.
    pub(crate) fn upload_id(&self, body: BodyId, initiated_ms: u64) -> String {
        self.ids.text(Use::Upload, Id { nonce: body, number: initiated_ms })
    }

    /// The upload with this id, if it is one of this key and goes on.
    pub(crate) fn upload(&self, bucket: &Bucket, key: &str, id: &str) -> Result<Upload, Error> {
        let found = self.store.read(|view| self.find_upload(view, bucket, key, id));
        found.internal("reading an upload")?.ok_or_else(|| errors::no_such_upload(id))
    }

    fn find_upload(
        &self,
        view: &View<'_>,
        bucket: &Bucket,
        key: &str,
        id: &str,
    ) -> Result<Option<Upload>, store::Error> {
        let Some(Id { nonce: body, number: initiated_ms }) = self.ids.read(Use::Upload, id) else {
            return Ok(None);
        };
        let row = view.get(&UPLOADS, &(bucket.row.id, key.to_string(), initiated_ms, body))?;
        Ok(row.map(|record| Upload { id: id.to_string(), initiated_ms, body, record }))
    }
}

impl Upload {
    /// Its row's key.
    pub(crate) fn row(&self, bucket: &Bucket, key: &str) -> (u64, String, u64, BodyId) {
        (bucket.row.id, key.to_string(), self.initiated_ms, self.body)
    }

    /// The checksum that its parts have.
    pub(crate) fn algorithm(&self) -> Result<Algorithm, Error> {
        match &self.record.checksum_algorithm {
            Some(name) => Algorithm::parse(name),
            None => Ok(Algorithm::DEFAULT),
        }
    }

    /// `FULL_OBJECT` or `COMPOSITE`, if a checksum was asked for.
    pub(crate) fn checksum_type(&self) -> Option<String> {
        checksum_type(&self.record)
    }
}

/// `FULL_OBJECT` or `COMPOSITE`, if a checksum was asked for.
pub(crate) fn checksum_type(record: &UploadRecord) -> Option<String> {
    record.checksum_algorithm.as_ref()?;
    Some(if record.composite { "COMPOSITE" } else { "FULL_OBJECT" }.to_string())
}

/// Who began an upload. Root users are known by their account.
pub(crate) fn initiator(record: &UploadRecord, bucket: &Bucket) -> Initiator {
    let name = record.initiator.rsplit(['/', ':']).next().unwrap_or_default();
    let id = match name {
        "root" => listing::owner(bucket.row.owner()).id,
        _ => Some(record.initiator.clone()),
    };
    Initiator { id, display_name: Some(name.to_string()) }
}

/// Whose the object will be.
pub(crate) fn owner(bucket: &Bucket) -> Owner {
    listing::owner(bucket.row.owner())
}
