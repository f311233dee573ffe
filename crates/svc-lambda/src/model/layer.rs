//! Layers: how requests name them, and how the API shows a version.
//! <https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html>

use crate::model::arn;
use crate::model::version::last_modified;
use crate::tables::LayerVersionRecord;
use crate::{Result, errors};
use base::{AccountId, Region};
use seams::CallCx;
use wire_lambda as w;

/// A layer in the place where it is looked for. The key of its row.
pub type LayerKey = (AccountId, Region, String);

/// A version of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerVersion {
    /// Its layer.
    pub layer: LayerKey,
    /// Its number, from 1.
    pub number: u64,
}

impl LayerVersion {
    /// The version `number` of the layer that a request names. Errors: there are no numbers below 1 (400), or the ARN is
    /// of another region (404).
    pub fn of(cx: &CallCx, layer: &str, number: i64) -> Result<Self> {
        let number = u64::try_from(number).ok().filter(|number| *number > 0);
        let number = number.ok_or_else(errors::layers::version_below_one)?;
        Ok(LayerVersion { layer: key(cx, layer)?, number })
    }

    /// Reads `arn:aws:lambda:<region>:<account>:layer:<name>:<number>`; None for AWS's own layers, which name none.
    pub fn parse(arn: &str) -> Option<Self> {
        let (account, region, version) = arn::parse(arn, "layer:")?;
        let (name, number) = version.split_once(':')?;
        let layer = (account, region, name.to_string());
        Some(LayerVersion { layer, number: number.parse().ok()? })
    }

    /// The version whose ARN a request names. Error: there is none of that ARN in the region.
    pub fn named(cx: &CallCx, arn: &str) -> Result<Self> {
        let here = |version: &Self| version.layer.1 == cx.region;
        Self::parse(arn).filter(here).ok_or_else(errors::layers::missing)
    }

    /// The key of its row.
    pub fn row(&self) -> (AccountId, Region, String, u64) {
        let (account, region, name) = self.layer.clone();
        (account, region, name, self.number)
    }

    /// Its ARN.
    pub fn arn(&self) -> String {
        format!("{}:{}", layer_arn(&self.layer), self.number)
    }
}

/// The layer that a request names by its name or its ARN. Error: the ARN is of another region.
pub fn key(cx: &CallCx, text: &str) -> Result<LayerKey> {
    if !text.starts_with("arn:") {
        return Ok((cx.account, cx.region.clone(), text.to_string()));
    }
    let here = |key: &LayerKey| key.1 == cx.region;
    arn::parse(text, "layer:").filter(here).ok_or_else(errors::layers::missing)
}

/// The ARN of a layer.
pub fn layer_arn((account, region, name): &LayerKey) -> String {
    format!("arn:aws:lambda:{region}:{account}:layer:{name}")
}

impl LayerVersionRecord {
    /// Whether its owner says that it works with these, where they are given.
    pub fn is_compatible(&self, runtime: Option<&str>, architecture: Option<&str>) -> bool {
        let names = |list: &[String], wanted: Option<&str>| {
            wanted.is_none_or(|wanted| list.iter().any(|one| one == wanted))
        };
        names(&self.compatible_runtimes, runtime)
            && names(&self.compatible_architectures, architecture)
    }

    fn architectures(&self) -> Vec<w::Architecture> {
        self.compatible_architectures
            .iter()
            .filter_map(|name| w::Architecture::parse(name))
            .collect()
    }
}

/// As lists show a version.
pub fn to_list_item(
    version: &LayerVersion,
    record: &LayerVersionRecord,
) -> w::LayerVersionsListItem {
    w::LayerVersionsListItem {
        layer_version_arn: Some(version.arn()),
        version: i64::try_from(version.number).ok(),
        description: Some(record.description.clone()),
        created_date: Some(last_modified(record.created_ms)),
        compatible_runtimes: Some(record.compatible_runtimes.clone()),
        license_info: record.license_info.clone(),
        compatible_architectures: Some(record.architectures()),
    }
}

/// As the API shows a version, with the place where its archive can be downloaded.
pub fn to_wire(
    version: &LayerVersion,
    record: &LayerVersionRecord,
    location: String,
) -> w::GetLayerVersionResponse {
    let listed = to_list_item(version, record);
    w::GetLayerVersionResponse {
        content: Some(w::LayerVersionContentOutput {
            location: Some(location),
            code_sha256: Some(record.code.sha256.clone()),
            code_size: i64::try_from(record.code.size).ok(),
            ..Default::default()
        }),
        layer_arn: Some(layer_arn(&version.layer)),
        layer_version_arn: listed.layer_version_arn,
        description: listed.description,
        created_date: listed.created_date,
        version: listed.version,
        compatible_runtimes: listed.compatible_runtimes,
        license_info: listed.license_info,
        compatible_architectures: listed.compatible_architectures,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_of_versions() {
        let arn = "arn:aws:lambda:us-east-1:111111111111:layer:numbers:7";
        let version = LayerVersion::parse(arn).unwrap();
        assert_eq!((version.layer.2.as_str(), version.number), ("numbers", 7));
        assert_eq!(version.arn(), arn);
        assert_eq!(
            LayerVersion::parse("arn:aws:lambda:us-east-1:111111111111:layer:numbers"),
            None
        );
        assert_eq!(LayerVersion::parse("arn:aws:lambda:::awslayer:AmazonLinux1703"), None);
    }

    #[test]
    fn a_layer_without_runtimes_is_compatible_with_none_that_is_asked_for() {
        let record = |runtimes: &[&str]| LayerVersionRecord {
            code: crate::tables::CodeRecord {
                digest: String::new(),
                sha256: String::new(),
                size: 0,
                unpacked_bytes: 0,
                key: None,
            },
            description: String::new(),
            license_info: None,
            compatible_runtimes: runtimes.iter().map(ToString::to_string).collect(),
            compatible_architectures: vec!["x86_64".into()],
            created_ms: 0,
        };
        assert!(record(&[]).is_compatible(None, None));
        assert!(!record(&[]).is_compatible(Some("python3.12"), None));
        assert!(record(&["python3.12"]).is_compatible(Some("python3.12"), Some("x86_64")));
        assert!(!record(&["python3.12"]).is_compatible(Some("python3.12"), Some("arm64")));
    }
}
