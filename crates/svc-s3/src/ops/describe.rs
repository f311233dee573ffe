//! What answers say of an object, whichever operation they are of.

/// The checksum of an object in the members of an answer.
macro_rules! set_checksum {
    ($output:expr, $checksum:expr) => {{
        let (output, checksum): (&mut _, &crate::tables::ChecksumRecord) = ($output, $checksum);
        let value = Some(checksum.value.clone());
        match checksum.algorithm.as_str() {
            "CRC32" => output.checksum_crc32 = value,
            "CRC32C" => output.checksum_crc32_c = value,
            "CRC64NVME" => output.checksum_crc64_nvme = value,
            "SHA1" => output.checksum_sha1 = value,
            _ => output.checksum_sha256 = value,
        }
        output.checksum_type = Some(crate::ops::describe::checksum_type(checksum).to_string());
    }};
}

/// As [`set_checksum`], for answers that do not say what kind it is.
macro_rules! set_checksum_value {
    ($output:expr, $checksum:expr) => {{
        let (output, checksum): (&mut _, &crate::tables::ChecksumRecord) = ($output, $checksum);
        let value = Some(checksum.value.clone());
        match checksum.algorithm.as_str() {
            "CRC32" => output.checksum_crc32 = value,
            "CRC32C" => output.checksum_crc32_c = value,
            "CRC64NVME" => output.checksum_crc64_nvme = value,
            "SHA1" => output.checksum_sha1 = value,
            _ => output.checksum_sha256 = value,
        }
    }};
}

/// The encryption of an object in the members of an answer.
macro_rules! set_encryption {
    ($output:expr, $key:expr) => {{
        let (output, key): (&mut _, &crate::tables::DataKeyRecord) = ($output, $key);
        output.server_side_encryption = Some(crate::encryption::shown(key).to_string());
        if let Some(kms) = &key.kms {
            output.ssekms_key_id = Some(kms.key_arn.clone());
            output.bucket_key_enabled = kms.bucket_key.then_some(true);
        }
    }};
}

/// What GetObject and HeadObject have in common.
macro_rules! describe {
    ($output:ident, $found:expr) => {{
        let found: &crate::ops::head::Found = $found;
        let (object, headers) = (&found.object, &found.object.headers);
        let mut output = wire_s3::$output {
            accept_ranges: Some("bytes".to_string()),
            last_modified: crate::timestamp(found.modified_ms),
            content_length: i64::try_from(found.range.bytes).ok(),
            content_range: found.partial.then(|| found.range.content_range(object.size)),
            e_tag: Some(format!("\"{}\"", object.etag)),
            version_id: found.version_id.clone(),
            cache_control: headers.cache_control.clone(),
            content_disposition: headers.content_disposition.clone(),
            content_encoding: headers.content_encoding.clone(),
            content_language: headers.content_language.clone(),
            content_type: headers.content_type.clone(),
            expires: headers.expires.clone(),
            website_redirect_location: headers.website_redirect_location.clone(),
            metadata: (!headers.metadata.is_empty()).then(|| headers.metadata.clone()),
            storage_class: object.storage_class.clone(),
            parts_count: found.parts_count.and_then(|count| i32::try_from(count).ok()),
            tag_count: match object.tags.len() {
                0 => None,
                count => i32::try_from(count).ok(),
            },
            ..Default::default()
        };
        set_encryption!(&mut output, &object.body.key);
        if let Some(checksum) = found.checksum() {
            set_checksum!(&mut output, checksum);
        }
        output
    }};
}

pub(crate) use {describe, set_checksum, set_checksum_value, set_encryption};

/// `FULL_OBJECT` or `COMPOSITE`.
pub(crate) fn checksum_type(checksum: &crate::tables::ChecksumRecord) -> &'static str {
    if checksum.composite { "COMPOSITE" } else { "FULL_OBJECT" }
}
