//! `CreateUser`: make a user without any permission.

use crate::Iam;
use crate::limits;
use crate::model::{id, shapes, tags};
use crate::ops::holders;
use crate::tables::{Grants, Named, UserRecord};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn create_user(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::CreateUserRequest,
) -> Result<wire_iam::CreateUserResponse, wire::Error> {
    let account = cx.account;
    let user = UserRecord {
        path: input.path.unwrap_or_else(|| "/".to_string()),
        id: id::unique(&*iam.entropy, id::USER),
        created_ms: iam.now().unix_ms(),
        grants: Grants::default(),
        tags: tags::new(input.tags.as_deref())?,
        groups: Vec::new(),
        access_keys: Vec::new(),
        name: input.user_name,
    };
    let boundary = input.permissions_boundary;
    let user = iam
        .write(move |tx| {
            let quota = ("UsersPerAccount", limits::USERS_PER_ACCOUNT);
            holders::check_new::<UserRecord>(tx, account, &user.name, quota)?;
            user.save(tx, account)?;
            if let Some(arn) = &boundary {
                holders::set_boundary::<UserRecord>(tx, account, &user.name, Some(arn))?;
            }
            UserRecord::load(tx, account, &user.name)
        })
        .await?;
    Ok(wire_iam::CreateUserResponse { user: Some(shapes::user(account, &user)) })
}
