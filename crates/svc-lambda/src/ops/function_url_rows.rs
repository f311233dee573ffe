//! Rows of URLs, as several operations read and change them.

use crate::model::name::{FunctionKey, FunctionName, LATEST, Qualifier};
use crate::ops::rows::{self, TxResult};
use crate::tables::{
    CorsRecord, FUNCTION_URL_IDS, FUNCTION_URLS, FUNCTIONS, FunctionUrlIdRecord, FunctionUrlRecord,
};
use crate::{Lambda, Result, errors};
use base::{AccountId, Region, Time};
use seams::CallCx;
use store::limits::SCAN_ROWS_MAX;
use store::{Prefix, Tx, View};
use wire_lambda as w;

/// The key of a URL's row.
pub type UrlKey = (AccountId, Region, String, String);

/// The function or alias that a request names. Error: versions have no URLs.
pub fn parse_name(cx: &CallCx, function: &str, qualifier: Option<&str>) -> Result<FunctionName> {
    let name = FunctionName::parse(cx, function, qualifier)?;
    match name.qualifier.as_deref().map(|text| (text, Qualifier::of(text))) {
        Some((text, Qualifier::Latest | Qualifier::Version(_))) => {
            Err(errors::url_qualifier_invalid(text))
        }
        _ => Ok(name),
    }
}

/// The row's key.
pub fn key(name: &FunctionName) -> UrlKey {
    let (account, region, function) = name.key();
    (account, region, function, name.qualifier.clone().unwrap_or_default())
}

/// Ok if there is such a function and such an alias. Error: 404 (recorded for functions).
pub fn check_exists(view: &View<'_>, name: &FunctionName) -> TxResult<()> {
    let exists = match name.qualifier.as_deref() {
        Some(alias) if alias != LATEST => rows::alias(view, &name.key(), alias)?.is_some(),
        _ => view.contains(&FUNCTIONS, &name.key())?,
    };
    if exists { Ok(()) } else { Err(errors::url_function_missing().into()) }
}

/// The URL. Error: 404, whether or not there is such a function (recorded).
pub fn load(view: &View<'_>, name: &FunctionName) -> TxResult<FunctionUrlRecord> {
    let record = view.get(&FUNCTION_URLS, &key(name))?;
    Ok(record.ok_or_else(errors::url_not_found)?)
}

/// Stores a new or a changed URL.
pub fn put(tx: &mut Tx<'_>, name: &FunctionName, record: &FunctionUrlRecord) -> TxResult<()> {
    let (account, region, function, qualifier) = key(name);
    let place = FunctionUrlIdRecord {
        account: account.to_string(),
        region: region.to_string(),
        function: function.clone(),
        qualifier: qualifier.clone(),
    };
    tx.put(&FUNCTION_URL_IDS, &(record.id.clone(),), &place)?;
    Ok(tx.put(&FUNCTION_URLS, &(account, region, function, qualifier), record)?)
}

/// Deletes a URL, if there is one; whether there was.
pub fn delete(tx: &mut Tx<'_>, key: &UrlKey) -> TxResult<bool> {
    let Some(record) = tx.get(&FUNCTION_URLS, key)? else { return Ok(false) };
    tx.delete(&FUNCTION_URL_IDS, &(record.id,))?;
    tx.delete(&FUNCTION_URLS, key)?;
    Ok(true)
}

/// Deletes the URLs of a function and of its aliases.
pub fn delete_all(tx: &mut Tx<'_>, function: &FunctionKey) -> TxResult<()> {
    loop {
        let keys = tx.scan_keys(&FUNCTION_URLS, Prefix::of(function.clone()), SCAN_ROWS_MAX)?;
        for key in &keys {
            delete(tx, key)?;
        }
        if keys.len() < SCAN_ROWS_MAX {
            return Ok(());
        }
    }
}

/// What a request says of CORS, as it is kept.
pub fn cors_record(cors: w::Cors) -> CorsRecord {
    CorsRecord {
        allow_credentials: cors.allow_credentials,
        allow_headers: cors.allow_headers,
        allow_methods: cors.allow_methods,
        allow_origins: cors.allow_origins,
        expose_headers: cors.expose_headers,
        max_age_s: cors.max_age,
    }
}

/// A URL as the API shows it.
pub struct Shown {
    /// `http://<id>.lambda-url.<region>.localhost:<port>/`.
    pub url: String,
    /// Of the function, with the alias.
    pub arn: String,
    /// How requests are let in.
    pub auth_type: w::FunctionUrlAuthType,
    /// Which pages may read answers.
    pub cors: Option<w::Cors>,
    /// ISO 8601.
    pub created: String,
    /// ISO 8601.
    pub modified: String,
    /// How it was set; None where nobody said (recorded: such answers then lack it).
    pub invoke_mode: Option<w::InvokeMode>,
}

impl Shown {
    /// How answers come, where the answer must say.
    pub fn invoke_mode_or_default(&self) -> Option<w::InvokeMode> {
        Some(self.invoke_mode.unwrap_or(w::InvokeMode::Buffered))
    }
}

/// Shows a row.
pub fn shown(lambda: &Lambda, name: &FunctionName, record: FunctionUrlRecord) -> Shown {
    let time = |ms: u64| Time::from_unix_ms(ms).to_string();
    let invoke_mode = record.invoke_mode.map(|mode| match mode.as_str() {
        "RESPONSE_STREAM" => w::InvokeMode::ResponseStream,
        _ => w::InvokeMode::Buffered,
    });
    Shown {
        url: lambda.function_url(&record.id, &name.region),
        arn: name.arn(),
        auth_type: match record.auth_type.as_str() {
            "AWS_IAM" => w::FunctionUrlAuthType::AwsIam,
            _ => w::FunctionUrlAuthType::None,
        },
        cors: record.cors.map(|cors| w::Cors {
            allow_credentials: cors.allow_credentials,
            allow_headers: cors.allow_headers,
            allow_methods: cors.allow_methods,
            allow_origins: cors.allow_origins,
            expose_headers: cors.expose_headers,
            max_age: cors.max_age_s,
        }),
        created: time(record.created_ms),
        modified: time(record.last_modified_ms),
        invoke_mode,
    }
}
