//! Every operation that is built: its access rule and its function.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html>

mod administration;
mod cryptography;
mod grants;
mod importing;
mod rotation;

use crate::Kms;
use rt::Routes;
use std::sync::Arc;
use wire_kms::{EncryptionAlgorithmSpec, MessageType};

pub(crate) fn routes(kms: &Arc<Kms>) -> Routes {
    let routes = administration::administration(Routes::new(&wire_kms::SERVICE), kms);
    let routes = rotation::rotation_and_regions(routes, kms);
    let routes = importing::imported_material(routes, kms);
    let routes = cryptography::encryption(routes, kms);
    grants::grants(cryptography::signing(routes, kms), kms)
}

fn flag(flag: Option<bool>) -> String {
    flag.unwrap_or(false).to_string()
}

fn algorithm(algorithm: Option<EncryptionAlgorithmSpec>) -> String {
    algorithm.unwrap_or(EncryptionAlgorithmSpec::SymmetricDefault).to_string()
}

fn message_type(message_type: Option<MessageType>) -> String {
    message_type.unwrap_or(MessageType::Raw).to_string()
}

/// The rules of operations that make keys.
mod creating {
    use super::flag;
    use crate::Kms;
    use crate::access::{Wish, origin};
    use crate::ops::create_key;
    use rt::Access;
    use seams::{AccessRequest, CallCx};
    use wire_kms::{CreateKeyRequest, OriginType, ReplicateKeyRequest, Tag};

    pub fn create_key(input: &CreateKeyRequest) -> Result<Access, wire::Error> {
        let spec = create_key::spec(input)?;
        let usage = create_key::usage(input, spec)?;
        let origin = input.origin.unwrap_or(origin(false));
        let bypass = flag(input.bypass_policy_lockout_safety_check);
        let multi_region = input.multi_region.unwrap_or(false);
        let request = AccessRequest::new("kms:CreateKey", "*")
            .with("kms:KeySpec", spec.wire().to_string())
            .with("kms:CustomerMasterKeySpec", spec.wire().to_string())
            .with("kms:KeyUsage", usage.wire().to_string())
            .with("kms:KeyOrigin", OriginType::to_string(&origin))
            .with("kms:MultiRegion", multi_region.to_string())
            .with("kms:BypassPolicyLockoutSafetyCheck", bypass);
        Ok(with_tags(request, input.tags.as_deref()))
    }

    pub fn replicate_key(
        kms: &Kms,
        cx: &CallCx,
        input: &ReplicateKeyRequest,
    ) -> Result<Access, wire::Error> {
        let wish = Wish::administer("kms:ReplicateKey")
            .with("kms:ReplicaRegion", input.replica_region.as_str());
        let access = kms.on_id(cx, &input.key_id, wish)?;
        let create = AccessRequest::new("kms:CreateKey", "*")
            .with("kms:MultiRegion", "true")
            .with("kms:MultiRegionKeyType", "REPLICA");
        let create = with_tags(create, input.tags.as_deref());
        Ok(create.requests.into_iter().fold(access, Access::and))
    }

    /// Tags at birth need the permission to tag too.
    fn with_tags(request: AccessRequest, tags: Option<&[Tag]>) -> Access {
        let Some(tags) = tags.filter(|tags| !tags.is_empty()) else { return request.into() };
        let add = |request: AccessRequest| {
            request.with_request_tags(tags.iter().map(|tag| (&tag.tag_key, &tag.tag_value)))
        };
        Access::from(add(request)).and(add(AccessRequest::new("kms:TagResource", "*")))
    }
}

/// The rules of aliases: on the alias by the caller's own policies, and on each key.
mod aliases {
    use crate::Kms;
    use crate::access::Wish;
    use crate::errors::Error;
    use crate::model::key_ref::{KeyName, KeyRef, alias_arn};
    use crate::ops::create_alias::check_name;
    use crate::tables::ALIASES;
    use rt::Access;
    use seams::{AccessRequest, CallCx};
    use wire_kms::{CreateAliasRequest, DeleteAliasRequest, UpdateAliasRequest};

    pub fn create(
        kms: &Kms,
        cx: &CallCx,
        input: &CreateAliasRequest,
    ) -> Result<Access, wire::Error> {
        check_name(&input.alias_name)?;
        let action = "kms:CreateAlias";
        let key = kms.on_id(cx, &input.target_key_id, Wish::administer(action))?;
        Ok(both(cx, action, &input.alias_name, key))
    }

    pub fn update(
        kms: &Kms,
        cx: &CallCx,
        input: &UpdateAliasRequest,
    ) -> Result<Access, wire::Error> {
        check_name(&input.alias_name)?;
        let action = "kms:UpdateAlias";
        let new = kms.on_id(cx, &input.target_key_id, Wish::administer(action))?;
        let old = present(kms, cx, action, &input.alias_name)?;
        let access = both(cx, action, &input.alias_name, new);
        Ok(old.requests.into_iter().fold(access, Access::and))
    }

    pub fn delete(
        kms: &Kms,
        cx: &CallCx,
        input: &DeleteAliasRequest,
    ) -> Result<Access, wire::Error> {
        check_name(&input.alias_name)?;
        let action = "kms:DeleteAlias";
        let key = present(kms, cx, action, &input.alias_name)?;
        Ok(both(cx, action, &input.alias_name, key))
    }

    /// On the key that the alias is one of.
    fn present(
        kms: &Kms,
        cx: &CallCx,
        action: &'static str,
        name: &str,
    ) -> Result<Access, wire::Error> {
        let row_key = (cx.account, cx.region.clone(), name.to_string());
        let row = kms.store.get(&ALIASES, &row_key).map_err(Error::from)?;
        let Some(row) = row else { return Ok(Access::open()) };
        let name = KeyName::Id(row.key_id);
        let key_ref = KeyRef { account: cx.account, region: cx.region.clone(), name };
        kms.on_ref(cx, &key_ref, Wish::administer(action))
    }

    fn both(cx: &CallCx, action: &'static str, name: &str, key: Access) -> Access {
        let alias = AccessRequest::new(action, alias_arn(cx.account, &cx.region, name));
        key.requests.into_iter().fold(Access::from(alias), Access::and)
    }
}

/// The rules of tags.
mod tagging {
    use crate::Kms;
    use crate::access::Wish;
    use rt::Access;
    use seams::{CallCx, ContextKey};
    use wire_kms::{TagResourceRequest, UntagResourceRequest};

    pub fn tag(kms: &Kms, cx: &CallCx, input: &TagResourceRequest) -> Result<Access, wire::Error> {
        let mut wish = Wish::administer("kms:TagResource");
        for tag in &input.tags {
            let name = format!("aws:RequestTag/{}", tag.tag_key).into();
            wish.keys.push(ContextKey { name, values: vec![tag.tag_value.clone()] });
        }
        let keys = input.tags.iter().map(|tag| tag.tag_key.clone());
        kms.on_id(cx, &input.key_id, wish.with_all("aws:TagKeys", keys))
    }

    pub fn untag(
        kms: &Kms,
        cx: &CallCx,
        input: &UntagResourceRequest,
    ) -> Result<Access, wire::Error> {
        let wish = Wish::administer("kms:UntagResource");
        let keys = input.tag_keys.iter().cloned();
        kms.on_id(cx, &input.key_id, wish.with_all("aws:TagKeys", keys))
    }
}

/// The rules of operations that open ciphertexts, whose key the ciphertext may name.
mod decrypting {
    use super::algorithm;
    use crate::Kms;
    use crate::access::Wish;
    use crate::errors;
    use crate::keys::Key;
    use crate::ops::decrypt::source;
    use rt::Access;
    use seams::{AccessRequest, CallCx};
    use wire_kms::{DecryptRequest, EncryptionAlgorithmSpec, GrantOperation, ReEncryptRequest};

    pub fn decrypt(kms: &Kms, cx: &CallCx, input: &DecryptRequest) -> Result<Access, wire::Error> {
        let blob = input.ciphertext_blob.as_ref().ok_or_else(errors::ciphertext_required)?;
        let symmetric = EncryptionAlgorithmSpec::SymmetricDefault;
        let used = input.encryption_algorithm.unwrap_or(symmetric);
        let key = source(kms, cx, used, blob, input.key_id.as_deref())?;
        let wish = Wish::of("kms:Decrypt", GrantOperation::Decrypt)
            .tokens(&input.grant_tokens)
            .context(&input.encryption_context)
            .with("kms:EncryptionAlgorithm", algorithm(input.encryption_algorithm));
        Ok(kms.request(cx, &key, wish)?.into())
    }

    pub fn re_encrypt(
        kms: &Kms,
        cx: &CallCx,
        input: &ReEncryptRequest,
    ) -> Result<Access, wire::Error> {
        let blob = input.ciphertext_blob.as_ref().ok_or_else(errors::ciphertext_required)?;
        let symmetric = EncryptionAlgorithmSpec::SymmetricDefault;
        let used = input.source_encryption_algorithm.unwrap_or(symmetric);
        let source = source(kms, cx, used, blob, input.source_key_id.as_deref())?;
        let destination = kms.find(cx, &input.destination_key_id)?;
        let same = (source.row() == destination.row()).to_string();
        let ask = |key: &Key, wish: Wish<'_>| -> Result<AccessRequest, wire::Error> {
            let wish = wish.tokens(&input.grant_tokens);
            Ok(kms.request(cx, key, wish.with("kms:ReEncryptOnSameKey", same.clone()))?)
        };
        let from = Wish::of("kms:ReEncryptFrom", GrantOperation::ReEncryptFrom)
            .context(&input.source_encryption_context)
            .with("kms:EncryptionAlgorithm", algorithm(input.source_encryption_algorithm));
        let to = Wish::of("kms:ReEncryptTo", GrantOperation::ReEncryptTo)
            .context(&input.destination_encryption_context)
            .with("kms:EncryptionAlgorithm", algorithm(input.destination_encryption_algorithm));
        Ok(Access::from(ask(&source, from)?).and(ask(&destination, to)?))
    }
}

/// The rule of `CreateGrant`.
mod granting {
    use crate::Kms;
    use crate::access::Wish;
    use rt::Access;
    use seams::CallCx;
    use wire_kms::{CreateGrantRequest, GrantOperation};

    pub fn create_grant(
        kms: &Kms,
        cx: &CallCx,
        input: &CreateGrantRequest,
    ) -> Result<Access, wire::Error> {
        let operations = input.operations.iter().map(|operation| operation.to_string());
        let mut wish = Wish::of("kms:CreateGrant", GrantOperation::CreateGrant)
            .tokens(&input.grant_tokens)
            .with_all("kms:GrantOperations", operations)
            .with("kms:GranteePrincipal", input.grantee_principal.as_str())
            .with("kms:GrantIsForAWSResource", "false");
        if let Some(retiring) = &input.retiring_principal {
            wish = wish.with("kms:RetiringPrincipal", retiring.as_str());
        }
        let constraints = input.constraints.as_ref();
        let equals = constraints.is_some_and(|c| c.encryption_context_equals.is_some());
        if constraints.is_some_and(|c| c.encryption_context_subset.is_some()) {
            wish = wish.with("kms:GrantConstraintType", "EncryptionContextSubset");
        } else if equals {
            wish = wish.with("kms:GrantConstraintType", "EncryptionContextEquals");
        }
        kms.on_id(cx, &input.key_id, wish)
    }
}
