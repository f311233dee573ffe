//! Keys themselves, their aliases, tags and policies.

use super::{aliases, creating, flag, tagging};
use crate::access::Wish;
use crate::limits;
use crate::{Kms, ops};
use rt::{Access, Routes};
use std::sync::Arc;
use wire_kms::GrantOperation as G;
use wire_kms::ops as w;

pub fn administration(routes: Routes, kms: &Arc<Kms>) -> Routes {
    routes
        .on(
            w::CreateKey,
            kms,
            |_, _, input| creating::create_key(input),
            ops::create_key::create_key,
        )
        .on(
            w::DescribeKey,
            kms,
            |kms, cx, input| {
                kms.on_key(
                    cx,
                    &input.key_id,
                    Wish::of("kms:DescribeKey", G::DescribeKey).tokens(&input.grant_tokens),
                )
            },
            ops::describe_key::describe_key,
        )
        .on(
            w::ListKeys,
            kms,
            |_, _, _| Ok(Access::to_any("kms:ListKeys")),
            ops::list_keys::list_keys,
        )
        .on(
            w::EnableKey,
            kms,
            |kms, cx, input| kms.on_id(cx, &input.key_id, Wish::administer("kms:EnableKey")),
            ops::enable_key::enable_key,
        )
        .on(
            w::DisableKey,
            kms,
            |kms, cx, input| kms.on_id(cx, &input.key_id, Wish::administer("kms:DisableKey")),
            ops::disable_key::disable_key,
        )
        .on(
            w::UpdateKeyDescription,
            kms,
            |kms, cx, input| {
                kms.on_id(cx, &input.key_id, Wish::administer("kms:UpdateKeyDescription"))
            },
            ops::update_key_description::update_key_description,
        )
        .on(w::TagResource, kms, tagging::tag, ops::tag_resource::tag_resource)
        .on(w::UntagResource, kms, tagging::untag, ops::untag_resource::untag_resource)
        .on(
            w::ListResourceTags,
            kms,
            |kms, cx, input| kms.on_id(cx, &input.key_id, Wish::administer("kms:ListResourceTags")),
            ops::list_resource_tags::list_resource_tags,
        )
        .on(w::CreateAlias, kms, aliases::create, ops::create_alias::create_alias)
        .on(w::UpdateAlias, kms, aliases::update, ops::update_alias::update_alias)
        .on(w::DeleteAlias, kms, aliases::delete, ops::delete_alias::delete_alias)
        .on(
            w::ListAliases,
            kms,
            |_, _, _| Ok(Access::to_any("kms:ListAliases")),
            ops::list_aliases::list_aliases,
        )
        .on(
            w::GetKeyPolicy,
            kms,
            |kms, cx, input| kms.on_id(cx, &input.key_id, Wish::administer("kms:GetKeyPolicy")),
            ops::get_key_policy::get_key_policy,
        )
        .on(
            w::PutKeyPolicy,
            kms,
            |kms, cx, input| {
                kms.on_id(
                    cx,
                    &input.key_id,
                    Wish::administer("kms:PutKeyPolicy").with(
                        "kms:BypassPolicyLockoutSafetyCheck",
                        flag(input.bypass_policy_lockout_safety_check),
                    ),
                )
            },
            ops::put_key_policy::put_key_policy,
        )
        .on(
            w::ListKeyPolicies,
            kms,
            |kms, cx, input| kms.on_id(cx, &input.key_id, Wish::administer("kms:ListKeyPolicies")),
            ops::list_key_policies::list_key_policies,
        )
        .on(
            w::ScheduleKeyDeletion,
            kms,
            |kms, cx, input| {
                let days = input.pending_window_in_days.unwrap_or(limits::DELETION_DAYS_DEFAULT);
                let wish = Wish::administer("kms:ScheduleKeyDeletion");
                let key = "kms:ScheduleKeyDeletionPendingWindowInDays";
                kms.on_id(cx, &input.key_id, wish.with(key, days.to_string()))
            },
            ops::schedule_key_deletion::schedule_key_deletion,
        )
        .on(
            w::CancelKeyDeletion,
            kms,
            |kms, cx, input| {
                kms.on_id(cx, &input.key_id, Wish::administer("kms:CancelKeyDeletion"))
            },
            ops::cancel_key_deletion::cancel_key_deletion,
        )
}
