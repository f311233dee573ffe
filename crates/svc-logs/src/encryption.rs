//! Log events of groups with a key of KMS: sealed under data keys that only that key opens.
//!
//! A group has a data key for each time that it was given a key; its ciphertext stands in the group's row. Events that
//! came in under an earlier one go on to need it. The service asks KMS as itself, so the key's policy must let it.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html>

use crate::model::chunk::Chunk;
use crate::model::log_group::Scope;
use crate::tables::{ChunkRecord, GroupId, GroupRecord, MessagePartRecord, SealedEventsRecord};
use crate::{Logs, errors, limits};
use base::{Entropy, RequestId, Time};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use sealing::SealingKey;
use seams::{CallCx, Caller, KeyUse};
use std::collections::HashMap;
use std::sync::Arc;
use wire::Error;

/// Data keys that were opened lately, so that KMS is not asked for every batch: by group and number, and when.
#[derive(Default)]
pub struct DataKeys(Mutex<HashMap<(GroupId, usize), (Time, SealingKey)>>);

impl DataKeys {
    /// Forgets all.
    pub fn clear(&self) {
        self.0.lock().clear();
    }
}

/// Seals and opens the events of one group.
#[derive(Clone, Default)]
pub struct Cipher {
    group: GroupId,
    /// The first one has the number 1.
    keys: Vec<SealingKey>,
    /// Whether new events are sealed, under the last of the keys.
    seals: bool,
}

impl Cipher {
    /// Events, and parts of messages, belong to their group.
    fn place(&self) -> [u8; 8] {
        self.group.to_be_bytes()
    }

    /// Seals what is about to be stored, if the group has a key.
    pub fn seal(&self, entropy: &dyn Entropy, chunks: &mut [Chunk]) {
        let Some(key) = self.keys.last().filter(|_| self.seals) else { return };
        let seal = |text: &[u8]| STANDARD.encode(key.seal(entropy, &self.place(), text));
        for chunk in chunks {
            let events = std::mem::take(&mut chunk.record.events);
            let text = serde_json::to_vec(&events).expect("events are texts and numbers");
            let number = self.keys.len();
            chunk.record.sealed = Some(SealedEventsRecord { key: number, text: seal(&text) });
            chunk.parts.iter_mut().for_each(|part| *part = seal(part.as_bytes()));
            chunk.parts_key = number;
        }
    }

    /// A chunk as it was before it was sealed.
    pub fn open(&self, mut record: ChunkRecord) -> Result<ChunkRecord, store::Error> {
        if let Some(sealed) = record.sealed.take() {
            let text = self.open_text(sealed.key, &sealed.text)?;
            record.events = serde_json::from_slice(&text).map_err(row_form)?;
        }
        Ok(record)
    }

    /// A part of a message as it was before it was sealed.
    pub fn open_part(&self, part: MessagePartRecord) -> Result<String, store::Error> {
        if part.key == 0 {
            return Ok(part.text);
        }
        let text = self.open_text(part.key, &part.text)?;
        String::from_utf8(text).map_err(|error| row_form(custom(&error.to_string())))
    }

    fn open_text(&self, number: usize, text: &str) -> Result<Vec<u8>, store::Error> {
        let key = number.checked_sub(1).and_then(|index| self.keys.get(index));
        let sealed = STANDARD.decode(text).ok();
        let opened = key.zip(sealed).and_then(|(key, sealed)| key.open(&self.place(), &sealed));
        opened.ok_or_else(|| row_form(custom("sealed under another key")))
    }
}

fn custom(message: &str) -> serde_json::Error {
    <serde_json::Error as serde::de::Error>::custom(message)
}

fn row_form(source: serde_json::Error) -> store::Error {
    store::Error::RowForm { table: "logs.chunks", key: String::new(), source: Arc::new(source) }
}

/// The group's key, bound to the group.
fn key_use<'a>(group_arn: &str, key_arn: Option<&'a str>) -> KeyUse<'a> {
    let context = [("aws:logs:arn".to_string(), group_arn.to_string())];
    KeyUse { service: "logs", key_id: key_arn, context: context.into() }
}

impl Logs {
    /// A new data key for a group, as its row keeps it. Error: the key is not there, or its policy does not let Logs.
    pub async fn new_data_key(
        &self,
        scope: &Scope,
        group_name: &str,
        key_arn: &str,
    ) -> Result<String, Error> {
        let arn = scope.group_arn(group_name);
        let key = key_use(&arn, Some(key_arn));
        let made = self.keys.generate_data_key(&self.as_service(scope, &arn), &key).await;
        let made = made.map_err(|error| errors::key_not_usable(&error, &arn))?;
        Ok(STANDARD.encode(made.ciphertext))
    }

    /// What seals and opens the events of a group.
    pub async fn cipher(
        &self,
        scope: &Scope,
        group_name: &str,
        group: &GroupRecord,
    ) -> Result<Cipher, Error> {
        let seals = group.kms_key_id.is_some();
        let mut cipher = Cipher { group: group.id, keys: Vec::new(), seals };
        for (number, ciphertext) in group.data_keys.iter().enumerate() {
            let known = self.data_keys.0.lock().get(&(group.id, number)).cloned();
            let now = self.clock.now();
            let known = known.filter(|(at, _)| now.since(*at) < limits::DATA_KEY_LIFETIME);
            let key = match known {
                Some((_, key)) => key,
                None => {
                    let key = self.open_data_key(scope, group_name, ciphertext).await?;
                    let mut kept = self.data_keys.0.lock();
                    if kept.len() >= limits::DATA_KEYS_MAX {
                        kept.clear();
                    }
                    kept.insert((group.id, number), (now, key.clone()));
                    key
                }
            };
            cipher.keys.push(key);
        }
        Ok(cipher)
    }

    async fn open_data_key(
        &self,
        scope: &Scope,
        group_name: &str,
        ciphertext: &str,
    ) -> Result<SealingKey, Error> {
        let arn = scope.group_arn(group_name);
        let (cx, key) = (self.as_service(scope, &arn), key_use(&arn, None));
        let ciphertext = STANDARD.decode(ciphertext).unwrap_or_default();
        let opened = self.keys.decrypt(&cx, &key, &ciphertext).await;
        let opened = opened.map_err(|error| errors::key_not_usable(&error, &arn))?;
        let bytes = opened.as_slice().try_into();
        Ok(SealingKey::new(bytes.map_err(|_| Error::internal("a data key without 32 bytes"))?))
    }

    /// Logs itself, on behalf of a group.
    fn as_service(&self, scope: &Scope, group_arn: &str) -> CallCx {
        let name = format!("logs.{}.amazonaws.com", scope.region);
        let caller = Arc::new(Caller::service(scope.account, &name));
        let (id, now) = (RequestId::new(&*self.entropy), self.clock.now());
        CallCx::internal(caller, scope.region.clone(), id, now, base::Arn::parse(group_arn))
    }
}
