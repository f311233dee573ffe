//! What the operations that make keys share.

use crate::keys::{Key, MaterialOf};
use crate::model::spec::Spec;
use crate::tables::{KEYS, KeyRecord, MaterialRecord, TIMERS, TimerRecord};
use crate::{Kms, crypto, errors::Error};
use base::{AccountId, Entropy, RequestId};
use std::sync::Arc;
use store::Tx;

/// A UUID or, for multi-Region keys, `mrk-` and 32 hexadecimal digits.
pub fn new_key_id(entropy: &dyn Entropy, multi_region: bool) -> String {
    let id = RequestId::new(entropy).to_string();
    if multi_region { format!("mrk-{}", id.replace('-', "")) } else { id }
}

impl Kms {
    /// New material, made where long computations do not keep requests waiting.
    pub async fn generate(
        self: &Arc<Self>,
        account: AccountId,
        key_id: &str,
        spec: Spec,
        now_ms: u64,
    ) -> Result<MaterialRecord, wire::Error> {
        let (kms, id) = (self.clone(), key_id.to_string());
        let work = move || {
            let secret = crypto::generate(spec, &*kms.entropy);
            kms.new_material(MaterialOf { account, id: &id, spec }, &secret, now_ms)
        };
        if spec.rsa_bits().is_none() {
            return Ok(work());
        }
        tokio::task::spawn_blocking(work).await.map_err(wire::Error::internal)
    }
}

/// A row without anything special.
pub fn record(
    spec: Spec,
    usage: crate::model::spec::Usage,
    policy: String,
    now_ms: u64,
) -> KeyRecord {
    KeyRecord {
        created_ms: now_ms,
        description: String::new(),
        spec,
        usage,
        external: false,
        service: None,
        enabled: true,
        deletion_ms: None,
        replica_deletion_days: None,
        policy,
        tags: Default::default(),
        aliases: Default::default(),
        multi_region: false,
        rotation: None,
        on_demand_rotations: 0,
        materials: Vec::new(),
        current: 0,
    }
}

/// Writes the row of a key.
pub fn put(tx: &mut Tx<'_>, key: &Key) -> Result<(), Error> {
    Ok(tx.put(&KEYS, &key.row(), &key.record)?)
}

/// Sees to it that something happens to a key at a time.
pub fn set_timer(tx: &mut Tx<'_>, key: &Key, at_ms: u64, event: &str) -> Result<(), Error> {
    let (account, region, id) = key.row();
    Ok(tx.put(&TIMERS, &(at_ms, account, region, id, event.to_string()), &TimerRecord {})?)
}

/// Takes that back.
pub fn clear_timer(tx: &mut Tx<'_>, key: &Key, at_ms: u64, event: &str) -> Result<(), Error> {
    let (account, region, id) = key.row();
    Ok(tx.delete(&TIMERS, &(at_ms, account, region, id, event.to_string()))?)
}

/// The events of timers.
pub mod events {
    /// The waiting period is over.
    pub const DELETION: &str = "deletion";
    /// Automatic rotation.
    pub const ROTATION: &str = "rotation";
    /// Imported material expires.
    pub const EXPIRATION: &str = "expiration";
}
