//! `KeyMetadata`: a key as the API shows it.

use crate::access::origin;
use crate::keys::Key;
use crate::model::key_ref::key_arn;
use crate::model::spec::{Spec, Usage};
use base::{Region, Time};
use wire_kms::{
    CustomerMasterKeySpec, ExpirationModelType, KeyManagerType, KeyMetadata, KeyState,
    MultiRegionConfiguration, MultiRegionKey, MultiRegionKeyType,
};

/// A stored time as the API shows it: whole milliseconds.
pub fn time(ms: u64) -> wire::Timestamp {
    Time::from_unix_ms(ms).into()
}

impl Key {
    /// `KeyState`.
    pub fn state(&self) -> KeyState {
        let record = &self.record;
        if record.replica_deletion_days.is_some() {
            KeyState::PendingReplicaDeletion
        } else if record.deletion_ms.is_some() {
            KeyState::PendingDeletion
        } else if !record.has_material() {
            KeyState::PendingImport
        } else if record.enabled {
            KeyState::Enabled
        } else {
            KeyState::Disabled
        }
    }

    /// As `DescribeKey` shows it.
    pub fn metadata(&self) -> KeyMetadata {
        let record = &self.record;
        let material = record.materials.get(record.current);
        let imported = material.filter(|material| record.external && material.sealed.is_some());
        let expires = imported.and_then(|material| material.valid_to_ms);
        let state = self.state();
        let is_symmetric = record.spec == Spec::Symmetric;
        let usage = |usage: Usage| record.usage == usage;
        KeyMetadata {
            aws_account_id: Some(self.account.to_string()),
            key_id: self.id.clone(),
            arn: Some(self.arn()),
            creation_date: Some(time(record.created_ms)),
            enabled: Some(state == KeyState::Enabled),
            description: Some(record.description.clone()),
            key_usage: Some(record.usage.wire()),
            key_state: Some(state),
            deletion_date: record.deletion_ms.map(time),
            valid_to: expires.map(time),
            origin: Some(origin(record.external)),
            expiration_model: imported.map(|_| match expires {
                Some(_) => ExpirationModelType::KeyMaterialExpires,
                None => ExpirationModelType::KeyMaterialDoesNotExpire,
            }),
            key_manager: Some(match record.service {
                Some(_) => KeyManagerType::Aws,
                None => KeyManagerType::Customer,
            }),
            customer_master_key_spec: CustomerMasterKeySpec::parse(record.spec.wire().as_str()),
            key_spec: Some(record.spec.wire()),
            encryption_algorithms: usage(Usage::EncryptDecrypt)
                .then(|| record.spec.encryption_algorithms().to_vec()),
            signing_algorithms: usage(Usage::SignVerify)
                .then(|| record.spec.signing_algorithms().to_vec()),
            key_agreement_algorithms: usage(Usage::KeyAgreement)
                .then(|| record.spec.key_agreement_algorithms().to_vec()),
            mac_algorithms: usage(Usage::GenerateVerifyMac)
                .then(|| record.spec.mac_algorithms().to_vec()),
            multi_region: Some(record.multi_region),
            multi_region_configuration: self.multi_region_configuration(),
            pending_deletion_window_in_days: record.replica_deletion_days.map(|days| days as i32),
            current_key_material_id: material
                .filter(|_| is_symmetric)
                .map(|material| material.id.clone()),
            ..KeyMetadata::default()
        }
    }

    fn multi_region_configuration(&self) -> Option<MultiRegionConfiguration> {
        let regions = self.regions.as_ref()?;
        let key = |region: &str| MultiRegionKey {
            arn: Region::parse(region).map(|region| key_arn(self.account, &region, &self.id)),
            region: Some(region.to_string()),
        };
        Some(MultiRegionConfiguration {
            multi_region_key_type: Some(match self.is_primary() {
                true => MultiRegionKeyType::Primary,
                false => MultiRegionKeyType::Replica,
            }),
            primary_key: Some(key(&regions.primary)),
            replica_keys: Some(regions.replicas.iter().map(|region| key(region)).collect()),
        })
    }
}
