//! URLs of functions.

use base::{AccountId, Region};
use serde::{Deserialize, Serialize};
use store::table;

table! {
    /// URLs by function and qualifier; the function's own has the empty one. Size: up to 250 KiB with CORS lists.
    pub FUNCTION_URLS: (AccountId, Region, String, String) => FunctionUrlRecord,
        name = "lambda.function_urls", version = 1;
    /// Where the URL with an id belongs. Size: 200 bytes.
    pub FUNCTION_URL_IDS: (String,) => FunctionUrlIdRecord, name = "lambda.function_url_ids", version = 1;
}

/// A URL of a function or an alias.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionUrlRecord {
    /// The first label of its host name. It never changes.
    pub id: String,
    /// `NONE` or `AWS_IAM`.
    pub auth_type: String,
    /// `BUFFERED` or `RESPONSE_STREAM`; None where nobody said.
    pub invoke_mode: Option<String>,
    /// Which pages may read answers.
    pub cors: Option<CorsRecord>,
    /// Milliseconds since the epoch.
    pub created_ms: u64,
    /// Milliseconds since the epoch.
    pub last_modified_ms: u64,
}

/// Which pages of other origins may read a URL's answers; as the caller configured it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorsRecord {
    /// Whether with cookies.
    pub allow_credentials: Option<bool>,
    /// Headers of requests.
    pub allow_headers: Option<Vec<String>>,
    /// Methods.
    pub allow_methods: Option<Vec<String>>,
    /// Origins.
    pub allow_origins: Option<Vec<String>>,
    /// Headers of answers.
    pub expose_headers: Option<Vec<String>>,
    /// 0 to 86,400.
    pub max_age_s: Option<i32>,
}

/// Where a URL belongs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FunctionUrlIdRecord {
    /// The account of the function.
    pub account: String,
    /// The region of the function.
    pub region: String,
    /// The function's name.
    pub function: String,
    /// The alias; empty for the function itself.
    pub qualifier: String,
}
