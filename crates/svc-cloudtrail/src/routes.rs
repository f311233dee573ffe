//! Which permission every operation needs.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudtrail.html>

use crate::{CloudTrail, ops};
use rt::{Access, Routes};
use std::sync::Arc;
use wire_cloudtrail::ops as wire_ops;

/// Every operation that is built.
pub fn routes(cloudtrail: &Arc<CloudTrail>) -> Routes {
    Routes::new(&wire_cloudtrail::SERVICE).on(
        wire_ops::LookupEvents,
        cloudtrail,
        |_, _, _| Ok(Access::to_any("cloudtrail:LookupEvents")),
        ops::lookup_events,
    )
}
