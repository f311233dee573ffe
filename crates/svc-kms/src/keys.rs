//! A key as operations work with it: found, in a state, with its material.

use crate::crypto::{self, Secret};
use crate::errors::{self, Error};
use crate::model::ciphertext::{self, Ciphertext, MATERIAL_ID_BYTES};
use crate::model::key_ref::{KeyName, KeyRef, key_arn};
use crate::model::spec::Usage;
use crate::tables::{
    ALIASES, KEYS, KeyKey, KeyRecord, MULTI_REGION, MaterialRecord, MultiRegionRecord,
};
use crate::{Kms, model};
use base::{AccountId, Region};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealing::SealingKey;
use seams::CallCx;
use std::collections::BTreeMap;
use store::View;
use zeroize::Zeroizing;

/// A key.
#[derive(Clone)]
pub struct Key {
    /// Whose it is.
    pub account: AccountId,
    /// Where it is.
    pub region: Region,
    /// Its id.
    pub id: String,
    /// The alias by which the request names it.
    pub request_alias: Option<String>,
    /// Its row.
    pub record: KeyRecord,
    /// Where it is besides, if it is a multi-Region key.
    pub regions: Option<MultiRegionRecord>,
}

impl Key {
    /// The key that `key_ref` names.
    pub fn load(view: &View<'_>, key_ref: &KeyRef) -> Result<Self, Error> {
        let (account, region) = (key_ref.account, &key_ref.region);
        let (id, request_alias) = match &key_ref.name {
            KeyName::Id(id) => (id.clone(), None),
            KeyName::Alias(name) => {
                let row = view.get(&ALIASES, &(account, region.clone(), name.clone()))?;
                let arn = || model::key_ref::alias_arn(account, region, name);
                let row = row.ok_or_else(|| errors::no_such_alias(&arn()))?;
                (row.key_id, Some(name.clone()))
            }
        };
        let record = view.get(&KEYS, &(account, region.clone(), id.clone()))?;
        let record = record.ok_or_else(|| errors::no_such_key(&key_arn(account, region, &id)))?;
        let regions = match record.multi_region {
            true => view.get(&MULTI_REGION, &(account, id.clone()))?,
            false => None,
        };
        Ok(Key { account, region: region.clone(), id, request_alias, record, regions })
    }

    /// The key of its row.
    pub fn row(&self) -> KeyKey {
        (self.account, self.region.clone(), self.id.clone())
    }

    /// Names it.
    pub fn key_ref(&self) -> KeyRef {
        let name = KeyName::Id(self.id.clone());
        KeyRef { account: self.account, region: self.region.clone(), name }
    }

    /// Its ARN.
    pub fn arn(&self) -> String {
        key_arn(self.account, &self.region, &self.id)
    }

    /// Whether it is the primary one of a multi-Region key.
    pub fn is_primary(&self) -> bool {
        self.regions.as_ref().is_some_and(|regions| regions.primary == self.region.as_str())
    }

    /// Refuses keys that are to be deleted.
    pub fn check_not_pending_deletion(&self) -> Result<(), Error> {
        match self.record.deletion_ms.is_some() || self.record.replica_deletion_days.is_some() {
            true => Err(errors::pending_deletion(&self.arn())),
            false => Ok(()),
        }
    }

    /// Refuses keys that cannot encrypt, sign and so on.
    pub fn check_usable(&self) -> Result<(), Error> {
        self.check_not_pending_deletion()?;
        if !self.record.has_material() {
            return Err(errors::pending_import(&self.arn()));
        }
        if !self.record.enabled {
            return Err(errors::disabled(&self.arn()));
        }
        Ok(())
    }

    /// Refuses keys that were made for something else.
    pub fn check_usage(&self, usage: Usage, operation: &str) -> Result<(), Error> {
        if self.record.usage == usage {
            return Ok(());
        }
        let own = self.record.usage.wire();
        Err(errors::usage_not_valid(&self.arn(), own.as_str(), operation))
    }

    /// The material that the key uses now.
    pub fn current(&self) -> Result<&MaterialRecord, Error> {
        let current = self.record.materials.get(self.record.current);
        current.ok_or_else(|| errors::pending_import(&self.arn()))
    }

    /// The public half as SubjectPublicKeyInfo.
    pub fn public_key(&self) -> Result<Vec<u8>, Error> {
        let public = self.current()?.public.as_ref();
        let public = public.and_then(|public| STANDARD.decode(public).ok());
        public.ok_or_else(|| errors::broken("an asymmetric key without its public half"))
    }
}

impl KeyRecord {
    /// Whether the key has all that it encrypts and has encrypted with: imported material may be absent. One that waits for
    /// its rotation may be so too.
    pub fn has_material(&self) -> bool {
        let used = self.materials.get(..=self.current);
        used.is_some_and(|used| used.iter().all(|material| material.sealed.is_some()))
    }
}

impl Kms {
    /// The key that a request of `cx` names.
    pub fn find(&self, cx: &CallCx, text: &str) -> Result<Key, Error> {
        let key_ref = KeyRef::parse(text, cx.account, &cx.region)?;
        self.store.read(|view| Key::load(view, &key_ref))
    }

    /// As [`Kms::find`], for the operations that take no alias.
    pub fn find_by_id(&self, cx: &CallCx, text: &str) -> Result<Key, Error> {
        let key_ref = self.id_ref(cx, text)?;
        self.store.read(|view| Key::load(view, &key_ref))
    }

    /// What `text` names, if it is no alias.
    pub fn id_ref(&self, cx: &CallCx, text: &str) -> Result<KeyRef, Error> {
        let key_ref = KeyRef::parse(text, cx.account, &cx.region)?;
        match key_ref.name {
            KeyName::Id(_) => Ok(key_ref),
            KeyName::Alias(_) => Err(errors::invalid_key_id(text)),
        }
    }

    /// The key with which a ciphertext was encrypted. Keys of another region are not known here.
    pub fn find_of(&self, cx: &CallCx, ciphertext: &Ciphertext<'_>) -> Result<Key, Error> {
        let name = KeyName::Id(ciphertext.key_id.to_string());
        let key_ref = KeyRef { account: ciphertext.account, region: cx.region.clone(), name };
        self.store.read(|view| Key::load(view, &key_ref))
    }

    /// A material, sealed for its row.
    pub fn new_material(&self, key: MaterialOf<'_>, secret: &[u8], now_ms: u64) -> MaterialRecord {
        self.material_with_id(key, self.material_id(), secret, now_ms)
    }

    /// The same, with an id of the caller's choice: that of imported material follows from it.
    pub fn material_with_id(
        &self,
        key: MaterialOf<'_>,
        id: String,
        secret: &[u8],
        now_ms: u64,
    ) -> MaterialRecord {
        let public = (key.spec.is_asymmetric())
            .then(|| crypto::public_key(key.spec, secret).ok())
            .flatten()
            .map(|public| STANDARD.encode(public));
        let sealed = self.seal_material(key.account, key.id, &id, secret);
        MaterialRecord {
            sealed: Some(sealed),
            id,
            public,
            since_ms: now_ms,
            rotation: None,
            valid_to_ms: None,
            description: None,
        }
    }

    /// The bytes of a material in the form in which rows have them.
    pub fn seal_material(
        &self,
        account: AccountId,
        key_id: &str,
        material_id: &str,
        secret: &[u8],
    ) -> String {
        let place = place(account, key_id, material_id);
        STANDARD.encode(self.material_key.seal(&*self.entropy, place.as_bytes(), secret))
    }

    /// The bytes of a material.
    pub fn open_material(&self, key: &Key, material: &MaterialRecord) -> Result<Secret, Error> {
        let sealed = material.sealed.as_ref();
        let sealed = sealed.ok_or_else(|| errors::pending_import(&key.arn()))?;
        let place = place(key.account, &key.id, &material.id);
        let secret = STANDARD
            .decode(sealed)
            .ok()
            .and_then(|sealed| self.material_key.open(place.as_bytes(), &sealed));
        let secret = secret
            .ok_or_else(|| errors::broken("key material that was sealed under another root key"))?;
        Ok(Zeroizing::new(secret))
    }

    /// The bytes of the material that the key uses now.
    pub fn secret(&self, key: &Key) -> Result<Secret, Error> {
        self.open_material(key, key.current()?)
    }

    fn symmetric(&self, key: &Key, material: &MaterialRecord) -> Result<SealingKey, Error> {
        let secret = self.open_material(key, material)?;
        let bytes = secret.as_slice().try_into();
        let bytes = bytes.map_err(|_| errors::broken("a symmetric key without 32 bytes"))?;
        Ok(SealingKey::new(bytes))
    }

    /// `plaintext` under the key, which is symmetric.
    pub fn encrypt_symmetric(
        &self,
        key: &Key,
        context: &BTreeMap<String, String>,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, Error> {
        let material = key.current()?;
        let header = ciphertext::header(key.account, &key.id, &material_id_bytes(&material.id)?);
        let data = ciphertext::associated_data(&header, context);
        let sealed = self.symmetric(key, material)?.seal(&*self.entropy, &data, plaintext);
        Ok([header, sealed].concat())
    }

    /// The plaintext of a ciphertext of the key, and the id of its material.
    pub fn decrypt_symmetric(
        &self,
        key: &Key,
        context: &BTreeMap<String, String>,
        ciphertext: &Ciphertext<'_>,
    ) -> Result<(Secret, String), Error> {
        let id = hex(&ciphertext.material_id);
        let material = key.record.materials.iter().find(|material| material.id == id);
        let material = material.ok_or_else(errors::invalid_ciphertext)?;
        let opener = self.symmetric(key, material)?;
        let plaintext = opener.open(&ciphertext.associated_data(context), ciphertext.sealed);
        let plaintext = plaintext.ok_or_else(errors::invalid_ciphertext)?;
        Ok((Zeroizing::new(plaintext), id))
    }

    fn material_id(&self) -> String {
        let mut bytes = [0; MATERIAL_ID_BYTES];
        self.entropy.fill(&mut bytes);
        hex(&bytes)
    }
}

/// What a new material is for.
#[derive(Clone, Copy)]
pub struct MaterialOf<'a> {
    /// Whose key.
    pub account: AccountId,
    /// Which.
    pub id: &'a str,
    /// What kind.
    pub spec: model::spec::Spec,
}

/// Where a sealed material belongs. Not the region: replicas share their material.
fn place(account: AccountId, key_id: &str, material_id: &str) -> String {
    format!("{account}/{key_id}/{material_id}")
}

/// In lower case.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn material_id_bytes(id: &str) -> Result<[u8; MATERIAL_ID_BYTES], Error> {
    let digits = id.as_bytes().chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok()
    });
    let bytes: Option<Vec<u8>> = digits.collect();
    let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| errors::broken("a material's id that is not hexadecimal"))
}
