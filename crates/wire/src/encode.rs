//! From an operation's typed output to a response.

use crate::schema::prelude::UNIT;
use crate::xml::{self, Writer};
use crate::{
    Kind, Loc, Member, Mut, Operation, Protocol, Ref, Response, Service, Shape, cbor, event_stream,
    json, rest,
};

const JSON: &str = "application/json";
pub(crate) const CBOR: &str = "application/cbor";
const XML: &str = "application/xml";
const TEXT_XML: &str = "text/xml";
const EC2_XML: &str = "text/xml;charset=UTF-8";
pub(crate) const XML_DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

impl Service {
    /// Writes the answer of `operation`. Takes the streams out of `output`.
    pub fn encode(
        &'static self,
        protocol: Protocol,
        operation: &Operation,
        output: &mut dyn Shape,
        request_id: &str,
    ) -> Response {
        let mut response = Response::new(operation.status);
        self.set_request_id(&mut response, request_id);
        let events = output.schema().members.iter().position(|member| member.target.event_stream);
        if let Some(index) = events {
            let rest = matches!(protocol, Protocol::RestJson | Protocol::RestXml);
            if rest {
                rest::encode_head(output, &mut response);
            }
            let initial = (!rest).then(|| event_stream::content(protocol, output));
            event_stream::encode(self, protocol, output, index, initial, &mut response);
            return response;
        }
        match protocol {
            Protocol::AwsJson => {
                let mut body = vec![b'{'];
                json::members(&mut body, output, true, false);
                body.push(b'}');
                response.set_body(body, self.json_content_type());
            }
            Protocol::AwsQuery => {
                let body = self.query_body(operation, output, request_id);
                response.set_body(body, TEXT_XML);
            }
            Protocol::Ec2Query => {
                let name = format!("{}Response", operation.name);
                let mut body = Writer::default();
                body.raw(XML_DECLARATION).open(&name, self.xml_namespace);
                body.leaf("requestId", request_id);
                xml::members(&mut body, output, false);
                body.close(&name);
                response.set_body(body.finish(), EC2_XML);
            }
            Protocol::RestJson | Protocol::RestXml => {
                self.rest(protocol, output, &mut response);
            }
            Protocol::RpcV2Cbor => {
                response.set_static("smithy-protocol", "rpc-v2-cbor");
                // An operation without an output answers without a body.
                if !std::ptr::eq(operation.output, &UNIT) {
                    let mut body = Vec::new();
                    cbor::structure(&mut body, &[], Some(output));
                    response.set_body(body, CBOR);
                }
            }
        }
        response
    }

    fn query_body(&self, operation: &Operation, output: &dyn Shape, request_id: &str) -> String {
        let name = format!("{}Response", operation.name);
        // The model of a service that has moved on from awsQuery no longer names the wrapper.
        let wrapper = match operation.result_wrapper {
            "" if self.protocols[0] != Protocol::AwsQuery
                && !output.schema().members.is_empty() =>
            {
                format!("{}Result", operation.name)
            }
            wrapper => wrapper.to_string(),
        };
        let mut body = Writer::for_query();
        body.open(&name, self.xml_namespace);
        if wrapper.is_empty() {
            xml::members(&mut body, output, false);
        } else {
            body.open(&wrapper, "");
            xml::members(&mut body, output, false);
            body.close(&wrapper);
        }
        body.open("ResponseMetadata", "").leaf("RequestId", request_id).close("ResponseMetadata");
        body.close(&name);
        body.finish()
    }

    fn rest(&self, protocol: Protocol, output: &mut dyn Shape, response: &mut Response) {
        rest::encode_head(output, response);
        if self.dialect.s3 && response.headers.contains_key(http::header::CONTENT_RANGE) {
            // The model knows of one status for an operation.
            response.status = 206;
        }
        let schema = output.schema();
        if let Some(index) = schema.payload.map(usize::from) {
            return self.rest_payload(protocol, output, index, response);
        }
        let has_body = schema.members.iter().any(|member| member.location == Loc::Body);
        let bodiless = matches!(response.status, 204 | 304);
        if protocol == Protocol::RestJson {
            if has_body || !(bodiless || std::ptr::eq(schema, &UNIT)) {
                let mut body = vec![b'{'];
                json::members(&mut body, output, true, true);
                body.push(b'}');
                response.set_body(body, JSON);
            }
        } else if has_body {
            let root = if schema.xml_name.is_empty() { schema.name } else { schema.xml_name };
            let mut body = Writer::default();
            body.raw(XML_DECLARATION);
            match schema.members {
                // The only member is the root itself: S3's GetBucketLocation.
                // <https://smithy.io/2.0/aws/customizations/s3-customizations.html>
                [only] if only.wire == root => {
                    let value = output.member(0).get();
                    body.element(root, self.xml_namespace, &value, only);
                }
                _ => {
                    body.open_shape(root, self.xml_namespace, output);
                    xml::members(&mut body, output, true);
                    body.close(root);
                }
            }
            response.set_body(body.finish(), XML);
        }
    }

    fn rest_payload(
        &self,
        protocol: Protocol,
        output: &mut dyn Shape,
        index: usize,
        response: &mut Response,
    ) {
        let member = &output.schema().members[index];
        match output.member(index).get() {
            Ref::None => {
                if member.target.kind == Kind::Structure && protocol == Protocol::RestJson {
                    response.set_body("{}", JSON);
                }
            }
            Ref::Body(_) => {
                if let Mut::Body(body) = output.member_mut(index).get_mut() {
                    response.set_body(std::mem::take(body), "application/octet-stream");
                }
            }
            Ref::Blob(body) => response.set_body(body.clone(), "application/octet-stream"),
            Ref::String(text) => response.set_body(text.to_string(), "text/plain"),
            value if protocol == Protocol::RestXml => {
                let body = payload_xml(&value, member);
                response.set_body(body, XML);
            }
            value => {
                let mut body = Vec::new();
                json::write(&mut body, &value, member);
                response.set_body(body, JSON);
            }
        }
    }

    pub(crate) fn json_content_type(&self) -> &'static str {
        if self.json_version == "1.0" {
            "application/x-amz-json-1.0"
        } else {
            "application/x-amz-json-1.1"
        }
    }

    pub(crate) fn set_request_id(&self, response: &mut Response, request_id: &str) {
        if self.dialect.s3 {
            response.set("x-amz-request-id", request_id);
            response.set("x-amz-id-2", request_id);
        } else {
            response.set("x-amzn-requestid", request_id);
        }
    }
}

fn payload_xml(value: &Ref<'_>, member: &Member) -> String {
    let schema = member.target;
    let root = match (member.wire != member.name, schema.xml_name) {
        (true, _) => member.wire,
        (false, "") => schema.name,
        (false, name) => name,
    };
    let mut body = Writer::default();
    body.raw(XML_DECLARATION);
    body.element(root, member.namespace(), value, member);
    body.finish()
}
