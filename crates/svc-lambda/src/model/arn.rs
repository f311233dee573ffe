//! ARNs of this service's resources.

use base::{AccountId, Arn, Region};

/// The account, the region and the name in `arn:aws:lambda:<region>:<account>:<kind><name>`; None for any other text.
/// `kind` ends with the colon. This cloud is in the partition `aws`, so the ARN of another partition names nothing here.
pub fn parse(text: &str, kind: &str) -> Option<(AccountId, Region, String)> {
    let arn =
        Arn::parse(text).filter(|arn| arn.partition() == "aws" && arn.service() == "lambda")?;
    let name = arn.resource().strip_prefix(kind)?;
    Some((arn.account_id()?, Region::parse(arn.region())?, name.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_of_this_cloud_and_service_and_kind() {
        let good = "arn:aws:lambda:eu-west-1:111111111111:layer:numbers";
        assert_eq!(parse(good, "layer:").unwrap().2, "numbers");
        for bad in [
            "numbers",
            "arn:aws-cn:lambda:eu-west-1:111111111111:layer:numbers",
            "arn:aws:sqs:eu-west-1:111111111111:layer:numbers",
            "arn:aws:lambda:eu-west-1:111111111111:function:numbers",
            "arn:aws:lambda:eu-west-1::layer:numbers",
            "arn:aws:lambda::111111111111:layer:numbers",
        ] {
            assert_eq!(parse(bad, "layer:"), None, "{bad}");
        }
    }
}
