//! An object that is to be read: found, its conditions checked, its range cut out.

use crate::access::Bucket;
use crate::bodies::{Held, Segment};
use crate::model::precondition::Reading;
use crate::model::range::Range;
use crate::tables::{ChecksumRecord, ObjectRecord, PARTS, VersionRecord, VersioningRecord};
use crate::versions::{self, Which};
use crate::{S3, errors, limits};
use seams::CallCx;
use store::Prefix;
use wire::{Error, Internal};

/// What a request wants of an object.
pub struct Wish<'a> {
    /// The object's key.
    pub key: &'a str,
    /// Which version.
    pub version_id: Option<&'a str>,
    /// Under which conditions.
    pub conditions: Reading<'a>,
    /// `Range`.
    pub range: Option<&'a str>,
    /// `partNumber`.
    pub part_number: Option<i32>,
    /// Whether the answer is to have the checksum.
    pub checksum: bool,
    /// `GET` or `HEAD`.
    pub method: &'static str,
}

/// An object that was found. Its body stays as long as this lives.
pub struct Found {
    /// The object.
    pub object: ObjectRecord,
    /// As answers show it: None in a bucket that never had versions.
    pub version_id: Option<String>,
    /// When it was made.
    pub modified_ms: u64,
    /// What of it is wanted.
    pub range: Range,
    /// Whether that was asked for as a part of the whole.
    pub partial: bool,
    /// Where its bytes are.
    pub segments: Vec<Segment>,
    /// How many parts it has, if a part was asked for.
    pub parts_count: Option<u32>,
    /// Keeps its body.
    pub held: Held,
    checksum: bool,
}

impl Found {
    /// The checksum that the answer shows. Recorded: none for less than the whole.
    pub fn checksum(&self) -> Option<&ChecksumRecord> {
        let is_whole = self.range == Range::whole(self.object.size);
        self.object.checksum.as_ref().filter(|_| self.checksum && is_whole)
    }
}

impl S3 {
    /// The object that `wish` names, if its conditions hold.
    pub async fn found(
        &self,
        cx: &CallCx,
        bucket: &Bucket,
        wish: &Wish<'_>,
    ) -> Result<Found, Error> {
        let which = self.which(wish.version_id)?;
        let (record, object, held) = self.held_object(cx, bucket, wish, &which).await?;
        let (modified_s, now_s) = (record.modified_ms / 1_000, self.now_ms() / 1_000);
        wish.conditions.check(&object.etag, modified_s, now_s)?;
        let segments = self.segments(&object).await?;
        let (mut range, mut partial) = (Range::whole(object.size), false);
        let mut parts_count = None;
        match (wish.range, wish.part_number) {
            (Some(_), Some(_)) => return Err(errors::range_with_part_number()),
            (Some(header), None) => {
                if let Some(asked) = Range::parse(header, object.size)? {
                    (range, partial) = (asked, true);
                }
            }
            (None, Some(number)) => {
                range = part(&segments, number)?;
                partial = range.bytes > 0;
                parts_count = object.body.parts;
            }
            (None, None) => {}
        }
        Ok(Found {
            version_id: shown_version(bucket.row.versioning, &record),
            modified_ms: record.modified_ms,
            range,
            partial,
            segments,
            parts_count,
            held,
            checksum: wish.checksum,
            object,
        })
    }

    async fn held_object(
        &self,
        cx: &CallCx,
        bucket: &Bucket,
        wish: &Wish<'_>,
        which: &Which,
    ) -> Result<(VersionRecord, ObjectRecord, Held), Error> {
        let find = || {
            let found =
                self.store.read(|view| versions::find(view, bucket.row.id, wish.key, which));
            found.internal("reading an object")
        };
        let mut found = find()?;
        loop {
            let Some((_, record)) = found else {
                let error = match wish.version_id {
                    None => errors::no_such_key(wish.key),
                    Some(id) => errors::no_such_version(wish.key, id),
                };
                return Err(self.missing(cx, bucket, error).await);
            };
            let Some(object) = record.object.clone() else {
                return Err(self.of_delete_marker(cx, bucket, wish, &record).await);
            };
            // It may have been removed before it was held.
            let held = self.reading.hold(object.body.id);
            found = find()?;
            let again = found.as_ref().and_then(|(_, record)| record.object.as_ref());
            if again.is_some_and(|again| again.body.id == object.body.id) {
                return Ok((record, object, held));
            }
        }
    }

    async fn of_delete_marker(
        &self,
        cx: &CallCx,
        bucket: &Bucket,
        wish: &Wish<'_>,
        record: &VersionRecord,
    ) -> Error {
        if wish.version_id.is_some() {
            return errors::delete_marker(wish.method);
        }
        let version_id = shown_version(bucket.row.versioning, record).unwrap_or_default();
        let error = errors::no_such_key(wish.key)
            .with_header("x-amz-delete-marker", "true")
            .with_header("x-amz-version-id", version_id);
        self.missing(cx, bucket, error).await
    }

    /// Where the bytes of an object are, in order.
    pub async fn segments(&self, object: &ObjectRecord) -> Result<Vec<Segment>, Error> {
        let id = object.body.id;
        if let Some(digest) = object.body.digest {
            return Ok(vec![Segment { digest, id, size: object.size }]);
        }
        let parts = self.store.view(|view| {
            view.scan(&PARTS, Prefix::of((id,)), limits::PART_NUMBER_MAX.unsigned_abs() as usize)
        });
        let parts: Vec<_> = parts.await.internal("reading the parts of an object")?;
        let parts = parts.into_iter().map(|(_, part)| part);
        Ok(parts.map(|p| Segment { digest: p.digest, id: p.id, size: p.size }).collect())
    }
}

/// The bytes of the part `number`, counted from 1.
fn part(segments: &[Segment], number: i32) -> Result<Range, Error> {
    if !(1..=limits::PART_NUMBER_MAX).contains(&number) {
        return Err(errors::invalid_part_number_argument(number));
    }
    let index = usize::try_from(number - 1).unwrap_or(usize::MAX);
    let Some(segment) = segments.get(index) else {
        return Err(errors::invalid_part_number(number, segments.len() as u32));
    };
    let start = segments[..index].iter().map(|segment| segment.size).sum();
    Ok(Range { start, bytes: segment.size })
}

/// The id that answers show; buckets that never had versions show none.
pub fn shown_version(versioning: VersioningRecord, record: &VersionRecord) -> Option<String> {
    match (&record.id, versioning) {
        (None, VersioningRecord::Never) => None,
        (None, _) => Some("null".to_string()),
        (Some(id), _) => Some(id.clone()),
    }
}
