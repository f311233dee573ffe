//! What the front end asks.

use crate::CloudTrail;
use crate::model::{event, operations};
use seams::{Audit, AuditedCall, CallCx};

impl Audit for CloudTrail {
    fn is_data(&self, event_source: &str, event_name: &str) -> bool {
        operations::is_data(event_source, event_name)
    }

    fn record(&self, cx: &CallCx, call: AuditedCall) {
        let event_id = base::RequestId::new(&*self.entropy).to_string();
        self.queue.push(event::make(cx, call, event_id));
    }
}
