//! From a request to an operation's typed input.

use crate::form::Form;
use crate::validate::{Decoding, Seen};
use crate::{Error, Op, Operation, Protocol, Request, Service, Shape, cbor, json, rest};

impl Service {
    /// Reads the input of `operation` into `input`, which must be a default value, and checks the model's constraints.
    /// Takes the request's body where the input streams it.
    pub fn decode(
        &self,
        protocol: Protocol,
        operation: &Operation,
        request: &mut Request,
        input: &mut dyn Shape,
    ) -> Result<(), Error> {
        let mut decoding = Decoding::default();
        match protocol {
            Protocol::AwsJson => {
                let (body, mut seen) = (request.bytes()?, Seen::default());
                if !body.is_empty() {
                    json::read_members(body, input, &mut seen, false, &mut decoding)?;
                }
                decoding.required(input.schema(), &seen);
            }
            Protocol::AwsQuery | Protocol::Ec2Query => {
                let body = std::str::from_utf8(request.bytes()?);
                let body = body.map_err(|_| Error::serialization("The form is not UTF-8."))?;
                let form = Form::parse(body, &request.query, protocol == Protocol::Ec2Query)?;
                form.read(input, &mut decoding)?;
            }
            Protocol::RestJson | Protocol::RestXml => {
                rest::decode(protocol, operation, request, input, &mut decoding)?;
            }
            Protocol::RpcV2Cbor => {
                let (body, mut seen) = (request.bytes()?, Seen::default());
                if !body.is_empty() {
                    cbor::read_members(body, input, &mut seen, &mut decoding)?;
                }
                decoding.required(input.schema(), &seen);
            }
        }
        decoding.finish(&self.dialect, operation)
    }

    /// As [`Service::decode`], with the operation's types.
    pub fn decode_as<O: Op>(
        &self,
        protocol: Protocol,
        request: &mut Request,
    ) -> Result<O::Input, Error> {
        let mut input = O::Input::default();
        self.decode(protocol, O::OPERATION, request, &mut input)?;
        Ok(input)
    }
}
