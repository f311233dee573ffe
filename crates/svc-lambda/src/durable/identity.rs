//! The texts that name executions, checkpoints and callbacks.

use crate::durable::tables::ExecutionRecord;
use crate::model::arn;
use crate::model::name::{FunctionKey, FunctionName};
use crate::{Result, errors};
use base::{AccountId, Region, RequestId};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// An execution as its ARN names it:
/// `arn:aws:lambda:<region>:<account>:function:<function>:<version>/durable-execution/<name>/<id>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecutionName {
    /// The function's account.
    pub account: AccountId,
    /// The function's region.
    pub region: Region,
    /// The function's name.
    pub function: String,
    /// `$LATEST` or a number.
    pub version: String,
    /// The caller's name for it.
    pub name: String,
    /// The id under which its rows are.
    pub id: RequestId,
}

impl ExecutionName {
    /// None if `text` is of another form, as are the ARNs of executions that this cloud never made.
    pub fn parse(text: &str) -> Option<Self> {
        let (account, region, rest) = arn::parse(text, "function:")?;
        let (function, rest) = rest.split_once(':')?;
        let (version, rest) = rest.split_once("/durable-execution/")?;
        let (name, id) = rest.split_once('/')?;
        Some(ExecutionName {
            account,
            region,
            function: function.to_string(),
            version: version.to_string(),
            name: name.to_string(),
            id: RequestId::parse(id)?,
        })
    }

    /// The function of a stored execution.
    pub fn function_of(record: &ExecutionRecord) -> Result<FunctionKey> {
        let bad = || errors::internal("a durable execution has a malformed row");
        let account = AccountId::parse(&record.account).ok_or_else(bad)?;
        let region = Region::parse(&record.region).ok_or_else(bad)?;
        Ok((account, region, record.function.clone()))
    }

    /// The name of a stored execution.
    pub fn of(record: &ExecutionRecord, id: RequestId) -> Result<Self> {
        let (account, region, function) = Self::function_of(record)?;
        Ok(ExecutionName {
            account,
            region,
            function,
            version: record.version.clone(),
            name: record.name.clone(),
            id,
        })
    }

    /// Whether the row that its id found is of this execution.
    pub fn is(&self, record: &ExecutionRecord) -> bool {
        Self::of(record, self.id).is_ok_and(|stored| stored == *self)
    }

    /// The version that runs.
    pub fn target(&self) -> FunctionName {
        FunctionName {
            account: self.account,
            region: self.region.clone(),
            name: self.function.clone(),
            qualifier: Some(self.version.clone()),
        }
    }

    /// The version's ARN.
    pub fn function_arn(&self) -> String {
        self.target().arn()
    }

    /// The execution's ARN.
    pub fn arn(&self) -> String {
        format!("{}/durable-execution/{}/{}", self.function_arn(), self.name, self.id)
    }
}

/// Names one state of one invocation of an execution. Base64, as the API wants it.
pub fn checkpoint_token(id: RequestId, invocation: &str, sequence: u64) -> String {
    STANDARD.encode(format!("{id}/{invocation}/{sequence}"))
}

/// What a callback's id stands for.
#[derive(Debug, PartialEq, Eq)]
pub struct CallbackName {
    /// The execution.
    pub execution: ExecutionName,
    /// The operation's id.
    pub operation: String,
}

/// A callback's id: `nonce` keeps those who know the execution from guessing it.
pub fn callback_id(execution: &ExecutionName, operation: &str, nonce: &str) -> String {
    STANDARD.encode(format!("{} {operation} {nonce}", execution.arn()))
}

/// None if `text` is not such an id.
pub fn parse_callback_id(text: &str) -> Option<CallbackName> {
    let text = String::from_utf8(STANDARD.decode(text).ok()?).ok()?;
    let mut parts = text.split(' ');
    let (arn, operation, _nonce) = (parts.next()?, parts.next()?, parts.next()?);
    Some(CallbackName { execution: ExecutionName::parse(arn)?, operation: operation.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:lambda:us-east-1:111111111111:function:f:$LATEST/durable-execution/order-1/\
                       7f3c1b52-5b0e-4f0e-9d39-6a0f3f1f2a11";

    #[test]
    fn arns() {
        let name = ExecutionName::parse(ARN).unwrap();
        assert_eq!((name.function.as_str(), name.version.as_str()), ("f", "$LATEST"));
        assert_eq!(name.name, "order-1");
        assert_eq!(name.arn(), ARN);
        let function = "arn:aws:lambda:us-east-1:111111111111:function:f:$LATEST";
        assert_eq!(name.function_arn(), function);
        for bad in [
            function,
            "",
            "arn:aws:lambda:us-east-1:111111111111:function:f:1/durable-execution/a/b",
        ] {
            assert_eq!(ExecutionName::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn callback_ids_fit_the_api() {
        let execution = ExecutionName::parse(ARN).unwrap();
        let id = callback_id(&execution, &"o".repeat(64), &"n".repeat(32));
        assert!(id.len() <= 1_024);
        let name = parse_callback_id(&id).unwrap();
        assert_eq!((name.execution, name.operation), (execution, "o".repeat(64)));
        for bad in ["", "AAAA", "not base64!", &STANDARD.encode("a b c")] {
            assert_eq!(parse_callback_id(bad), None, "{bad}");
        }
    }
}
