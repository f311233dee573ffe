//! Grants: whom they permit what.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/grants.html>

use crate::model::spec::{Spec, Usage};
use crate::tables::GrantRecord;
use seams::{Caller, Principal};
use std::collections::BTreeMap;
use wire_kms::GrantOperation;

/// Whether `arn` names the caller: itself or, for a session of a role, the role.
pub fn names(arn: &str, caller: &Caller) -> bool {
    match &caller.principal {
        Principal::AssumedRole { role_arn, .. } => arn == caller.arn || arn == role_arn,
        Principal::Service { name } => arn == name,
        Principal::Federated { .. } | Principal::Anonymous => false,
        _ => arn == caller.arn,
    }
}

/// Whether the caller is the grantee: of that name, and still the same one.
pub fn is_grantee(grant: &GrantRecord, caller: &Caller) -> bool {
    let unique_id = caller.user_id.split(':').next();
    names(&grant.grantee, caller)
        && grant.grantee_id.as_deref().is_none_or(|id| Some(id) == unique_id)
}

/// Whether the grant permits `operation` with this encryption context.
pub fn permits(
    grant: &GrantRecord,
    operation: GrantOperation,
    context: Option<&BTreeMap<String, String>>,
) -> bool {
    let none = BTreeMap::new();
    let context = context.unwrap_or(&none);
    let has = |(key, value): (&String, &String)| context.get(key) == Some(value);
    // Operations without an encryption context, such as DescribeKey, are not constrained by one.
    let constrained = has_context(operation);
    grant.operations.contains(operation.as_str())
        && (!constrained
            || (grant.context_subset.as_ref().is_none_or(|pairs| pairs.iter().all(has))
                && grant.context_equals.as_ref().is_none_or(|pairs| pairs == context)))
}

fn has_context(operation: GrantOperation) -> bool {
    use GrantOperation as G;
    matches!(
        operation,
        G::Decrypt
            | G::Encrypt
            | G::GenerateDataKey
            | G::GenerateDataKeyWithoutPlaintext
            | G::GenerateDataKeyPair
            | G::GenerateDataKeyPairWithoutPlaintext
            | G::ReEncryptFrom
            | G::ReEncryptTo
    )
}

/// Whether a key of this kind has the operation.
pub fn is_valid_for(operation: GrantOperation, spec: Spec, usage: Usage) -> bool {
    use GrantOperation as G;
    match operation {
        G::CreateGrant | G::RetireGrant | G::DescribeKey => true,
        G::GetPublicKey => spec.is_asymmetric(),
        G::Encrypt | G::Decrypt | G::ReEncryptFrom | G::ReEncryptTo => {
            usage == Usage::EncryptDecrypt
        }
        G::GenerateDataKey
        | G::GenerateDataKeyWithoutPlaintext
        | G::GenerateDataKeyPair
        | G::GenerateDataKeyPairWithoutPlaintext => spec == Spec::Symmetric,
        G::Sign | G::Verify => usage == Usage::SignVerify,
        G::GenerateMac | G::VerifyMac => usage == Usage::GenerateVerifyMac,
        G::DeriveSharedSecret => usage == Usage::KeyAgreement,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::AccountId;

    fn grant() -> GrantRecord {
        GrantRecord {
            created_ms: 0,
            grantee: "arn:aws:iam::000000000000:root".into(),
            grantee_id: None,
            retiring: None,
            issuing_account: "000000000000".into(),
            operations: ["Decrypt".to_string(), "DescribeKey".to_string()].into(),
            context_subset: None,
            context_equals: None,
            name: None,
        }
    }

    fn pairs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
    }

    #[test]
    fn constraints() {
        let decrypts = |grant: &GrantRecord, context: &[(&str, &str)]| {
            permits(grant, GrantOperation::Decrypt, Some(&pairs(context)))
        };
        assert!(decrypts(&grant(), &[("a", "1")]));
        assert!(!permits(&grant(), GrantOperation::Encrypt, None));
        let subset = GrantRecord { context_subset: Some(pairs(&[("a", "1")])), ..grant() };
        assert!(decrypts(&subset, &[("a", "1"), ("b", "2")]));
        assert!(!decrypts(&subset, &[("a", "2")]) && !decrypts(&subset, &[]));
        let equals = GrantRecord { context_equals: Some(pairs(&[("a", "1")])), ..grant() };
        assert!(decrypts(&equals, &[("a", "1")]));
        assert!(!decrypts(&equals, &[("a", "1"), ("b", "2")]));
        assert!(permits(&equals, GrantOperation::DescribeKey, None));
    }

    #[test]
    fn grantees_stay_the_same() {
        let root = Caller::root(AccountId::DEFAULT, None);
        assert!(is_grantee(&grant(), &root));
        let other = GrantRecord { grantee_id: Some("AROA".into()), ..grant() };
        assert!(!is_grantee(&other, &root));
        assert!(!is_grantee(&grant(), &Caller::anonymous(AccountId::DEFAULT)));
    }
}
