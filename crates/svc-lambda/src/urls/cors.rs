//! What a URL's CORS configuration adds to answers.
//! <https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html#urls-cors>

use crate::tables::CorsRecord;
use http::{HeaderMap, HeaderValue, Method, header};
use wire::{Body, Request, Response};

/// The answer to a preflight request, which never reaches the function.
pub(super) fn preflight(cors: &CorsRecord, request: &Request) -> Option<Response> {
    let is_preflight = request.method == Method::OPTIONS
        && request.headers.contains_key(header::ORIGIN)
        && request.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if !is_preflight {
        return None;
    }
    let mut headers = HeaderMap::new();
    let asked = |name| request.headers.get(name).and_then(|value| value.to_str().ok());
    let method = asked(header::ACCESS_CONTROL_REQUEST_METHOD).unwrap_or_default();
    let allowed = method_is_allowed(cors, method)
        && headers_are_allowed(cors, asked(header::ACCESS_CONTROL_REQUEST_HEADERS));
    if allowed && allow(cors, &request.headers, &mut headers) {
        headers.remove(header::ACCESS_CONTROL_EXPOSE_HEADERS);
        list(&mut headers, header::ACCESS_CONTROL_ALLOW_METHODS, cors.allow_methods.as_deref());
        list(&mut headers, header::ACCESS_CONTROL_ALLOW_HEADERS, cors.allow_headers.as_deref());
        if let Some(max_age_s) = cors.max_age_s {
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, max_age_s.into());
        }
    }
    let vary = "Origin,Access-Control-Request-Method,Access-Control-Request-Headers";
    headers.insert(header::VARY, HeaderValue::from_static(vary));
    Some(Response { status: 200, headers, body: Body::default() })
}

/// Adds what lets the request's page read the answer, beside what the function itself says of it; whether it may.
pub(super) fn allow(cors: &CorsRecord, request: &HeaderMap, answer: &mut HeaderMap) -> bool {
    let Some(origin) = request.get(header::ORIGIN) else { return false };
    let origins = cors.allow_origins.as_deref().unwrap_or_default();
    let is_allowed =
        origins.iter().any(|allowed| allowed == "*" || allowed.as_bytes() == origin.as_bytes());
    if !is_allowed {
        return false;
    }
    // The origin itself also where all are allowed, so that credentials may be.
    answer.append(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    answer.append(header::VARY, HeaderValue::from_static("Origin"));
    if cors.allow_credentials == Some(true) {
        answer.append(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
    list(answer, header::ACCESS_CONTROL_EXPOSE_HEADERS, cors.expose_headers.as_deref());
    true
}

fn list(answer: &mut HeaderMap, name: header::HeaderName, values: Option<&[String]>) {
    let values = values.unwrap_or_default().join(",");
    if let Some(value) = HeaderValue::from_str(&values).ok().filter(|value| !value.is_empty()) {
        answer.append(name, value);
    }
}

fn method_is_allowed(cors: &CorsRecord, method: &str) -> bool {
    let allowed = cors.allow_methods.as_deref().unwrap_or_default();
    allowed.iter().any(|allowed| allowed == "*" || allowed.eq_ignore_ascii_case(method))
}

fn headers_are_allowed(cors: &CorsRecord, asked: Option<&str>) -> bool {
    let allowed = cors.allow_headers.as_deref().unwrap_or_default();
    let asked = asked.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty());
    let is_allowed = |name: &str| {
        allowed.iter().any(|allowed| allowed == "*" || allowed.eq_ignore_ascii_case(name))
    };
    asked.into_iter().all(is_allowed)
}
