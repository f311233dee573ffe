//! The versions of a key: found, added, removed.
//!
//! What has the id `null` is the only version of a key in a bucket that never had versions; in others it is the oldest one,
//! or the one that [`NULL_VERSIONS`] points to.

use crate::model::ids::{Id, IdKey, Use};
use crate::tables::{
    BodyRecord, BucketId, GARBAGE, GarbageRecord, NULL_VERSIONS, NullVersionRecord, VERSIONS,
    VersionRecord, VersioningRecord,
};
use crate::{S3, errors};
use store::{Prefix, Tx, View};
use wire::Error;

/// A version and the last part of its row's key.
pub type Placed = (u64, VersionRecord);

/// Which version of a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Which {
    /// The newest.
    Latest,
    /// The one with the id `null`.
    Null,
    /// The one with this id, whose row is at this place.
    Id(String, u64),
}

impl S3 {
    /// What the parameter `versionId` names.
    pub fn which(&self, version_id: Option<&str>) -> Result<Which, Error> {
        Ok(match version_id {
            None => Which::Latest,
            Some("null") => Which::Null,
            Some(text) => {
                let id = self.ids.read(Use::Version, text);
                let id = id.ok_or_else(|| errors::invalid_version_id(text))?;
                Which::Id(text.to_string(), u64::MAX - id.number)
            }
        })
    }
}

/// The newest version of a key, which may be a delete marker.
pub fn latest(
    view: &View<'_>,
    bucket: BucketId,
    key: &str,
) -> Result<Option<Placed>, store::Error> {
    let rows = view.scan(&VERSIONS, Prefix::of((bucket, key.to_string())), 1)?;
    Ok(rows.into_iter().next().map(|((_, _, place), record)| (place, record)))
}

/// The version that `which` names.
pub fn find(
    view: &View<'_>,
    bucket: BucketId,
    key: &str,
    which: &Which,
) -> Result<Option<Placed>, store::Error> {
    match which {
        Which::Latest => latest(view, bucket, key),
        Which::Null => null_version(view, bucket, key),
        Which::Id(id, place) => {
            let record = view.get(&VERSIONS, &(bucket, key.to_string(), *place))?;
            // A number is given out again after the newest version was removed.
            let record = record.filter(|record| record.id.as_deref() == Some(id));
            Ok(record.map(|record| (*place, record)))
        }
    }
}

fn null_version(
    view: &View<'_>,
    bucket: BucketId,
    key: &str,
) -> Result<Option<Placed>, store::Error> {
    let name = (bucket, key.to_string());
    let found = match view.get(&NULL_VERSIONS, &name)? {
        Some(NullVersionRecord { place }) => {
            let record = view.get(&VERSIONS, &(name.0, name.1, place))?;
            record.map(|record| (place, record))
        }
        None => {
            let rows = view.scan(&VERSIONS, Prefix::of(name).reverse(), 1)?;
            rows.into_iter().next().map(|((_, _, place), record)| (place, record))
        }
    };
    Ok(found.filter(|(_, record)| record.id.is_none()))
}

/// What a new version gets its id from.
#[derive(Clone)]
pub struct Fresh {
    /// Makes ids.
    pub ids: IdKey,
    /// Chance.
    pub nonce: u64,
}

impl S3 {
    /// For one new version.
    pub fn fresh(&self) -> Fresh {
        Fresh { ids: self.ids.clone(), nonce: self.entropy.next_u64() }
    }
}

/// Adds a version as the newest; without versions it takes the place of what is there. Answers with its id, None for
/// `null`.
pub fn insert(
    tx: &mut Tx<'_>,
    bucket: BucketId,
    versioning: VersioningRecord,
    key: &str,
    mut record: VersionRecord,
    fresh: &Fresh,
) -> Result<Option<String>, store::Error> {
    let newest = latest(tx, bucket, key)?;
    let number = newest.map_or(0, |(place, _)| u64::MAX - place) + 1;
    let place = u64::MAX - number;
    record.id = None;
    if versioning == VersioningRecord::Enabled {
        let id = Id { nonce: fresh.nonce, number };
        record.id = Some(fresh.ids.text(Use::Version, id));
    } else {
        if let Some((old, replaced)) = null_version(tx, bucket, key)? {
            remove(tx, bucket, key, old, &replaced)?;
        }
        if versioning == VersioningRecord::Suspended {
            tx.put(&NULL_VERSIONS, &(bucket, key.to_string()), &NullVersionRecord { place })?;
        }
    }
    tx.put(&VERSIONS, &(bucket, key.to_string(), place), &record)?;
    Ok(record.id)
}

/// Removes a version for good.
pub fn remove(
    tx: &mut Tx<'_>,
    bucket: BucketId,
    key: &str,
    place: u64,
    record: &VersionRecord,
) -> Result<(), store::Error> {
    tx.delete(&VERSIONS, &(bucket, key.to_string(), place))?;
    let name = (bucket, key.to_string());
    if record.id.is_none() && tx.contains(&NULL_VERSIONS, &name)? {
        tx.delete(&NULL_VERSIONS, &name)?;
    }
    match &record.object {
        Some(object) => discard(tx, &object.body),
        None => Ok(()),
    }
}

/// Leaves a body to the loop that removes them.
pub fn discard(tx: &mut Tx<'_>, body: &BodyRecord) -> Result<(), store::Error> {
    tx.put(&GARBAGE, &body.id, &GarbageRecord { digest: body.digest })
}
