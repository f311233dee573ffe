//! Errors as responses.

use crate::encode::{CBOR, XML_DECLARATION};
use crate::xml::{self, Writer};
use crate::{Common, Error, Loc, Protocol, Response, Service, cbor, json, rest};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
const S3_INTERNAL: &str = "We encountered an internal error. Please try again.";

impl Service {
    /// Renders `error` as AWS does in `protocol`. Of an internal error nothing is shown but the request's id.
    pub fn error(&self, protocol: Protocol, error: &Error, request_id: &str) -> Response {
        let own = error.internal_cause().and_then(|_| match self.dialect.internal {
            Some(fault) => Some(fault()),
            None if self.dialect.s3 => Some(Error::common(Common::InternalFailure, S3_INTERNAL)),
            None => None,
        });
        let error = own.as_ref().unwrap_or(error);
        let mut response = Response::new(error.status(self, protocol));
        self.set_request_id(&mut response, request_id);
        let code = error.code(self, protocol);
        match protocol {
            Protocol::RestJson => {
                response.set("x-amzn-errortype", &code);
                if let Some(shape) = error.shape() {
                    rest::encode_head(shape, &mut response);
                }
                response.set_body(json_body(error, None), "application/json");
            }
            Protocol::AwsJson => {
                response.set_body(json_body(error, Some(&code)), self.json_content_type());
            }
            Protocol::RpcV2Cbor => {
                response.set_static("smithy-protocol", "rpc-v2-cbor");
                let mut body = Vec::new();
                let first = [("__type", &*code), ("message", error.message())];
                match error.shape() {
                    Some(shape) => cbor::structure(&mut body, &first[..1], Some(shape)),
                    None => cbor::structure(&mut body, &first, None),
                }
                response.set_body(body, CBOR);
            }
            Protocol::AwsQuery => {
                let body = self.error_response(error, &code, protocol, request_id);
                response.set_body(body, "text/xml");
            }
            Protocol::RestXml if self.dialect.s3 => {
                for (name, value) in error.headers() {
                    response.set(name, value);
                }
                // What was not changed is not described either.
                if response.status == 304 {
                    return response;
                }
                let mut body = Writer::default();
                body.raw(XML_DECLARATION).open("Error", "").leaf("Code", &code);
                details(&mut body, error);
                for (name, value) in error.details() {
                    body.leaf(name, value);
                }
                body.leaf("RequestId", request_id).leaf("HostId", request_id).close("Error");
                response.set_body(body.finish(), "application/xml");
            }
            Protocol::RestXml => {
                if let Some(shape) = error.shape() {
                    rest::encode_head(shape, &mut response);
                }
                let body = self.error_response(error, &code, protocol, request_id);
                response.set_body(body, "application/xml");
            }
            Protocol::Ec2Query => {
                let mut body = Writer::default();
                body.raw(XML_DECLARATION).open("Response", "").open("Errors", "").open("Error", "");
                body.leaf("Code", &code);
                details(&mut body, error);
                body.close("Error").close("Errors").leaf("RequestID", request_id).close("Response");
                response.set_body(body.finish(), "text/xml;charset=UTF-8");
            }
        }
        if self.query_compatible && matches!(protocol, Protocol::AwsJson | Protocol::RpcV2Cbor) {
            let code = error.code(self, Protocol::AwsQuery);
            response.set("x-amzn-query-error", &format!("{code};{}", self.blame(error, protocol)));
        }
        response
    }

    fn blame(&self, error: &Error, protocol: Protocol) -> &'static str {
        if error.is_sender(self, protocol) { "Sender" } else { "Receiver" }
    }

    /// `<ErrorResponse>` of awsQuery and restXml.
    fn error_response(
        &self,
        error: &Error,
        code: &str,
        protocol: Protocol,
        request_id: &str,
    ) -> String {
        let mut body = Writer::default();
        body.open("ErrorResponse", self.xml_namespace).open("Error", "");
        body.leaf("Type", self.blame(error, protocol)).leaf("Code", code);
        details(&mut body, error);
        body.close("Error").leaf("RequestId", request_id).close("ErrorResponse");
        body.finish()
    }
}

/// The message and the other members of the error's shape. Whatever the model calls it, the element is `Message`.
fn details(body: &mut Writer, error: &Error) {
    body.leaf("Message", error.message());
    if let Some(shape) = error.shape() {
        xml::members_if(body, shape, |member| {
            member.location == Loc::Body && !member.name.eq_ignore_ascii_case("message")
        });
    }
}

/// `{"__type":code,"message":…}`; without `code` as restJson has it.
fn json_body(error: &Error, code: Option<&str>) -> Vec<u8> {
    let mut body = vec![b'{'];
    if let Some(code) = code {
        body.extend(b"\"__type\":");
        json::string(&mut body, code);
    }
    match error.shape() {
        Some(shape) => json::members(&mut body, shape, code.is_none(), true),
        // IAM's refusals are written with a capital everywhere, all else is not.
        None => {
            let key: &[u8] = match error.as_common() {
                Some(Common::AccessDenied) => b"\"Message\":",
                _ => b"\"message\":",
            };
            if code.is_some() {
                body.push(b',');
            }
            body.extend(key);
            json::string(&mut body, error.message());
        }
    }
    body.push(b'}');
    body
}
