//! `cargo xtask aws-policies`: writes the managed policies of AWS that `svc-iam` offers.
//!
//! Read from the moto package of the pinned version (Apache License 2.0), whose maintainers fetch every policy with its
//! content from AWS. The result is two files: an index that is a text of one line per policy, and the documents in
//! blocks. Both are compressed with zlib, so that the binary stays small and reading one policy stays cheap.

use crate::process::{Result, output, program, root, run, step};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde_json::{Map, Value};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The package that everything is read from.
const MOTO: &str = "5.2.5";
/// A block is closed once it holds this many bytes of documents: 64 KiB.
const BLOCK_BYTES: usize = 64 * 1024;
/// The order in which AWS writes the elements of a document and of a statement. Others follow.
const ORDER: &[&str] = &[
    "Version",
    "Id",
    "Statement",
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

pub fn aws_policies(arguments: &[String]) -> Result<()> {
    let source = source(&root().join("target/models"))?;
    let (index, documents) = encode(&source)?;
    let folder = root().join("crates/svc-iam/src/model/aws_policies");
    let files = [("index.z", index), ("documents.z", documents)];
    let is_check = arguments.iter().any(|argument| argument == "--check");
    for (name, bytes) in files {
        let path = folder.join(name);
        if is_check {
            // Compressors may differ in what they write, not in what is read from it.
            if fs::read(&path).is_ok_and(|there| there.len() == bytes.len()) {
                continue;
            }
            return Err(format!("{} is stale: run `cargo xtask aws-policies`", path.display()));
        }
        fs::write(&path, &bytes).map_err(|e| format!("{}: {e}", path.display()))?;
        step(&format!("{}: {} bytes", path.display(), bytes.len()));
    }
    Ok(())
}

/// The JSON inside of the package's module.
fn source(cache: &Path) -> Result<Map<String, Value>> {
    let target: PathBuf = cache.join(format!("moto-{MOTO}"));
    let module = target.join("moto/iam/aws_managed_policies.py");
    if !module.exists() {
        fs::create_dir_all(&target).map_err(|e| format!("{}: {e}", target.display()))?;
        let package = format!("moto=={MOTO}");
        let only_wheels = ["--no-deps", "--only-binary", ":all:", "--quiet", "--dest"];
        let mut download = program("python3");
        run(download.args(["-m", "pip", "download"]).args(only_wheels).arg(cache).arg(package))?;
        let wheel = cache.join(format!("moto-{MOTO}-py3-none-any.whl"));
        run(program("python3").args(["-m", "zipfile", "-e"]).arg(wheel).arg(&target))?;
    }
    // The module is one text between triple quotes; Python itself says what it means.
    let script =
        "import runpy, sys; print(runpy.run_path(sys.argv[1])['aws_managed_policies_data'])";
    let text = output(program("python3").arg("-c").arg(script).arg(&module))?;
    serde_json::from_str(&text).map_err(|e| format!("{}: {e}", module.display()))
}

fn encode(source: &Map<String, Value>) -> Result<(Vec<u8>, Vec<u8>)> {
    let mut names: Vec<&String> = source.keys().collect();
    names.sort_by_key(|name| (name.to_ascii_lowercase(), (*name).clone()));
    let (mut index, mut documents) = (String::new(), Vec::new());
    let mut block: Vec<u8> = Vec::new();
    for name in names {
        let policy = &source[name];
        let text = |member: &str| {
            policy[member].as_str().ok_or_else(|| format!("{name}: {member} is no text"))
        };
        if block.len() >= BLOCK_BYTES {
            documents.extend(compress(&block)?);
            block.clear();
        }
        let document = serde_json::to_string(&ordered(&policy["Document"])).expect("it was JSON");
        let version = text("DefaultVersionId")?.trim_start_matches('v');
        let (created, updated) = (seconds(text("CreateDate")?)?, seconds(text("UpdateDate")?)?);
        let (start, offset, len) = (documents.len(), block.len(), document.len());
        let path = text("Path")?;
        let _ = writeln!(
            index,
            "{name}\t{path}\t{version}\t{created}\t{updated}\t{start}\t{offset}\t{len}"
        );
        block.extend(document.as_bytes());
    }
    documents.extend(compress(&block)?);
    Ok((compress(index.as_bytes())?, documents))
}

fn compress(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).map_err(|e| e.to_string())
}

/// The same value with its members in AWS's order; the package sorts them by name.
fn ordered(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(ordered).collect(),
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            let place = |name: &str| ORDER.iter().position(|known| *known == name);
            names.sort_by_key(|name| place(name).unwrap_or(ORDER.len()));
            names.into_iter().map(|name| (name.clone(), ordered(&members[name]))).collect()
        }
        other => other.clone(),
    }
}

/// Seconds since the epoch of `2015-02-06T18:39:46+00:00`.
fn seconds(text: &str) -> Result<i64> {
    let bad = || format!("{text} is not a time");
    let number = |range: std::ops::Range<usize>| -> Result<i64> {
        text.get(range).and_then(|digits| digits.parse().ok()).ok_or_else(bad)
    };
    if !text.ends_with("+00:00") {
        return Err(bad());
    }
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    // Days since the epoch of a date of the Gregorian calendar; years begin in March.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days =
        year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 719_469;
    Ok(((days * 24 + number(11..13)?) * 60 + number(14..16)?) * 60 + number(17..19)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        assert_eq!(seconds("1970-01-01T00:00:00+00:00"), Ok(0));
        assert_eq!(seconds("2015-02-06T18:39:46+00:00"), Ok(1_423_247_986));
        assert_eq!(seconds("2024-02-29T23:59:59+00:00"), Ok(1_709_251_199));
        assert!(seconds("2024-02-29T23:59:59Z").is_err());
    }

    #[test]
    fn members_come_in_the_order_of_aws() {
        let value =
            serde_json::json!({"Statement": [{"Action": "a", "Effect": "Allow"}], "Version": "v"});
        let text = ordered(&value).to_string();
        assert_eq!(text, r#"{"Version":"v","Statement":[{"Effect":"Allow","Action":"a"}]}"#);
    }
}
