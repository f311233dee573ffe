//! `CreateAccessKey`: make a long-term key of a user. Its secret is shown here only.

use crate::Iam;
use crate::errors;
use crate::limits;
use crate::model::id;
use crate::ops::users;
use crate::tables::{ACCESS_KEYS, AccessKeyRecord, Named, UserRecord, time};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use seams::CallCx;
use std::sync::Arc;
use wire_iam::{AccessKey, CreateAccessKeyResponse, StatusType};

/// See the module.
pub async fn create_access_key(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::CreateAccessKeyRequest,
) -> Result<CreateAccessKeyResponse, wire::Error> {
    let account = cx.account;
    let name = users::name_or_caller(&cx, input.user_name.as_deref())?.to_string();
    let id = id::access_key(&*iam.entropy, account);
    let secret = id::secret(&*iam.entropy);
    let sealed = iam.secrets.seal(&*iam.entropy, id.as_bytes(), secret.as_bytes());
    let record = AccessKeyRecord {
        account: account.to_string(),
        user: name.to_ascii_lowercase(),
        secret: None,
        sealed_secret: STANDARD.encode(sealed),
        active: true,
        created_ms: iam.now().unix_ms(),
    };
    let access_key = iam
        .write(move |tx| {
            let mut user = UserRecord::load(tx, account, &name)?;
            if user.access_keys.len() >= limits::ACCESS_KEYS_PER_USER {
                return Err(errors::quota("AccessKeysPerUser", limits::ACCESS_KEYS_PER_USER));
            }
            // 39 random bits: two equal ids in one account are not expected, but would mix up two users.
            if tx.contains(&ACCESS_KEYS, &id)? {
                return Err(errors::Error::Fault(wire::Error::throttling()));
            }
            user.access_keys.push(id.clone());
            user.save(tx, account)?;
            tx.put(&ACCESS_KEYS, &id, &record)?;
            Ok(AccessKey {
                user_name: user.name,
                access_key_id: id.clone(),
                status: StatusType::Active,
                secret_access_key: secret.clone(),
                create_date: Some(time(record.created_ms).into()),
            })
        })
        .await?;
    Ok(CreateAccessKeyResponse { access_key })
}
