//! `PublishLayerVersion`: unpack the archive and store it under the layer's next number.

use crate::model::layer::{self, LayerVersion};
use crate::model::runtime;
use crate::ops::create_function::{Source, archive};
use crate::ops::rows;
use crate::tables::{CodeRecord, LAYER_VERSIONS, LAYERS, LayerRecord, LayerVersionRecord};
use crate::{Failure, Lambda, Result, errors};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn publish_layer_version(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::PublishLayerVersionRequest,
) -> Result<w::PublishLayerVersionResponse> {
    let runtimes = input.compatible_runtimes.unwrap_or_default();
    if runtimes.iter().any(|name| !runtime::is_known(name)) {
        return Err(errors::layers::runtimes_unknown(&runtimes));
    }
    let s3 = input.content.s3_bucket.is_some() || input.content.s3_key.is_some();
    if !s3 && input.content.zip_file.is_none() {
        return Err(errors::layers::content_missing());
    }
    let content = &input.content;
    let source = Source {
        operation: "PublishLayerVersion",
        zip_file: content.zip_file.clone(),
        s3: [&content.s3_bucket, &content.s3_key, &content.s3_object_version].map(Option::as_deref),
        image: false,
    };
    let archive = archive(&lambda, &cx, source).await?;
    let record = LayerVersionRecord {
        code: CodeRecord::from(lambda.packages.add(archive.bytes.clone(), None).await?),
        description: input.description.unwrap_or_default(),
        license_info: input.license_info,
        compatible_runtimes: runtimes,
        compatible_architectures: input
            .compatible_architectures
            .into_iter()
            .flatten()
            .map(|architecture| architecture.as_str().to_string())
            .collect(),
        created_ms: lambda.deps.clock.now().unix_ms(),
    };
    let location = lambda.code_location(&record.code, "")?;
    let (layer, stored) = (layer::key(&cx, &input.layer_name)?, record.clone());
    let publish = move |tx: &mut store::Tx<'_>| {
        let last = tx.get(&LAYERS, &layer)?;
        let number = last.map_or(1, |layer| layer.next_version);
        let version = LayerVersion { layer: layer.clone(), number };
        tx.put(&LAYERS, &layer, &LayerRecord { next_version: number + 1 })?;
        tx.put(&LAYER_VERSIONS, &version.row(), &stored)?;
        rows::count_usage(tx, &layer, 0, rows::signed(stored.code.size))?;
        Ok::<_, Failure>(version)
    };
    let version = lambda.deps.store.transact(publish).await?;
    let shown = layer::to_wire(&version, &record, location);
    Ok(w::PublishLayerVersionResponse {
        content: shown.content,
        layer_arn: shown.layer_arn,
        layer_version_arn: shown.layer_version_arn,
        description: shown.description,
        created_date: shown.created_date,
        version: shown.version,
        compatible_runtimes: shown.compatible_runtimes,
        license_info: shown.license_info,
        compatible_architectures: shown.compatible_architectures,
    })
}
