//! `PublishVersion`: freeze `$LATEST`, unless the last version is the same already.

use crate::model::name::{FunctionName, LATEST_PUBLISHED_NUMBER};
use crate::model::version::{self, Change, Detail};
use crate::ops::rows;
use crate::tables::{FUNCTIONS, StateRecord, UpdateRecord, VersionRecord};
use crate::{Failure, Lambda, Result, errors, variables};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn publish_version(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::PublishVersionRequest,
) -> Result<w::FunctionConfiguration> {
    let name = FunctionName::unqualified(&cx, &input.function_name)?;
    let (now, entropy) = (lambda.deps.clock.now(), &*lambda.deps.entropy);
    let (change, latest_change) = (Change::new(now, entropy), Change::new(now, entropy));
    let key = name.key();
    let publish = move |tx: &mut store::Tx<'_>| {
        let mut function = rows::function(tx, &name)?;
        check_publishable(&function.latest, &name, &input)?;
        if input.publish_to.is_some() {
            let (key, description) = (name.key(), input.description.clone());
            let record = rows::publish_latest(tx, &key, &function, description, &change)?;
            return Ok((LATEST_PUBLISHED_NUMBER, record));
        }
        let before = function.next_version;
        let description = input.description.clone();
        let published = rows::publish(tx, &name.key(), &mut function, description, &change)?;
        if function.next_version != before {
            function.latest.revision_id.clone_from(&latest_change.revision_id);
            tx.put(&FUNCTIONS, &name.key(), &function)?;
        }
        Ok::<_, Failure>(published)
    };
    let (number, record) = lambda.deps.store.transact(publish).await?;
    let number = version::number_name(number);
    let mut shown = version::to_wire(&key, &record, &number, Some(&number), Detail::Full);
    variables::show(&lambda, &cx, &mut shown).await;
    Ok(shown)
}

fn check_publishable(
    latest: &VersionRecord,
    name: &FunctionName,
    input: &w::PublishVersionRequest,
) -> Result<()> {
    match &latest.state {
        StateRecord::Pending => return Err(errors::function_in_state("Pending")),
        StateRecord::Failed(_) => return Err(errors::function_in_state("Failed")),
        _ => {}
    }
    match &latest.last_update {
        Some(UpdateRecord::InProgress) => {
            return Err(errors::update_in_progress(&name.function_arn()));
        }
        Some(UpdateRecord::Failed(_)) => return Err(errors::last_update_failed()),
        _ => {}
    }
    if input.revision_id.as_ref().is_some_and(|id| *id != latest.revision_id) {
        return Err(errors::revision_mismatch());
    }
    match &input.code_sha256 {
        Some(wanted) if *wanted != latest.code.sha256 => {
            Err(errors::code_sha256_mismatch(wanted, &latest.code.sha256))
        }
        _ => Ok(()),
    }
}
