//! `GetAccountSettings`: quotas, and what is used of them.

use crate::environments::concurrency::sum_committed;
use crate::tables::USAGE;
use crate::{Failure, Lambda, Result, limits};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn get_account_settings(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    _: w::GetAccountSettingsRequest,
) -> Result<w::GetAccountSettingsResponse> {
    let place = (cx.account, cx.region.clone());
    let read = lambda.deps.store.view(|view| {
        let usage = view.get(&USAGE, &place)?.unwrap_or_default();
        Ok::<_, Failure>((usage, sum_committed(view, &place, None)?))
    });
    let (usage, reserved) = read.await?;
    let long = |value: u64| i64::try_from(value).ok();
    let int = |value: u32| i32::try_from(value).ok();
    Ok(w::GetAccountSettingsResponse {
        account_limit: Some(w::AccountLimit {
            total_code_size: long(limits::CODE_STORAGE_BYTES_MAX),
            code_size_unzipped: long(limits::UNZIPPED_BYTES_MAX),
            code_size_zipped: long(limits::ZIPPED_BYTES_MAX),
            concurrent_executions: int(lambda.concurrency.limit()),
            unreserved_concurrent_executions: int(lambda
                .concurrency
                .limit()
                .saturating_sub(reserved)),
        }),
        account_usage: Some(w::AccountUsage {
            total_code_size: long(usage.code_bytes),
            function_count: long(usage.functions),
        }),
    })
}
