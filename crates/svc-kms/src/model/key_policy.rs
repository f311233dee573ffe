//! Key policies: their form, and whether they lock their maker out.

use crate::errors::{self, Error};
use crate::limits;
use base::AccountId;
use policy::{
    Context, Identity, Kind, Policies, Policy, PolicyType, Request, ResourceSide, evaluate,
};
use seams::{Caller, Principal};

/// Checks a policy for a key of `account` that `caller` wants to set.
pub fn check(
    text: &str,
    arn: &str,
    account: AccountId,
    caller: &Caller,
    bypass_lock_out_check: bool,
) -> Result<(), Error> {
    if text.len() > limits::POLICY_BYTES_MAX {
        return Err(errors::policy_too_long(limits::POLICY_BYTES_MAX));
    }
    let parsed = Policy::parse(text, Kind::Resource).map_err(errors::malformed_policy_document)?;
    if bypass_lock_out_check || may_put(&parsed, arn, account, caller) {
        return Ok(());
    }
    Err(errors::lock_out())
}

/// Whether the policy lets the caller change it later, directly or by way of the account's own policies.
fn may_put(policy: &Policy, arn: &str, account: AccountId, caller: &Caller) -> bool {
    let mut context = Context::new();
    context.put("kms:CallerAccount", caller.account.to_string());
    context.put("aws:PrincipalArn", &*caller.arn);
    context.put("aws:PrincipalAccount", caller.account.to_string());
    let request = Request::new(principal(caller), "kms:PutKeyPolicy", arn, &context);
    let mut policies = Policies::of(Identity::Everything);
    policies.resource = Some(ResourceSide {
        account,
        policy: Some(policy),
        policy_type: PolicyType::ResourceBased,
        required: true,
        granted: false,
    });
    evaluate(&request, &policies).is_allowed()
}

fn principal(caller: &Caller) -> policy::Principal<'_> {
    let (arn, account) = (&*caller.arn, caller.account);
    match &caller.principal {
        Principal::Root => policy::Principal::Root { account },
        Principal::User { .. } => policy::Principal::User { arn, account },
        Principal::AssumedRole { role_arn, .. } => {
            policy::Principal::RoleSession { session_arn: arn, role_arn, account }
        }
        Principal::FederatedUser { user_arn, .. } => {
            policy::Principal::FederatedUser { arn, user_arn: user_arn.as_deref(), account }
        }
        Principal::Service { name } => policy::Principal::Service { name },
        Principal::Federated { provider_arn, .. } => {
            policy::Principal::Federated { provider: provider_arn }
        }
        Principal::Anonymous => policy::Principal::Anonymous,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lock_outs() {
        let account = AccountId::DEFAULT;
        let root = Caller::root(account, None);
        let policy = |principal: &str, action: &str| {
            format!(
                r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{principal},"Action":"{action}","Resource":"*"}}}}"#
            )
        };
        let check = |text: &str, bypass| {
            let checked = check(text, "arn:aws:kms:r:000000000000:key/k", account, &root, bypass);
            checked.map_err(|error| wire::Error::from(error).message().to_string())
        };
        let own = r#"{"AWS":"000000000000"}"#;
        assert_eq!(check(&policy(own, "kms:*"), false), Ok(()));
        assert!(check(&policy(own, "kms:Encrypt"), false).unwrap_err().contains("in the future"));
        let other = policy(r#"{"AWS":"123456789012"}"#, "kms:*");
        assert!(check(&other, false).is_err());
        assert_eq!(check(&other, true), Ok(()));
        assert!(check("{}", true).is_err());
    }
}
