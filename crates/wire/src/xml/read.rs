//! From XML to values: the requests of restXml. Elements are read as they come, without a tree in between.

use crate::validate::{Decoding, Seen, Step};
use crate::{Common, Error, Kind, List, Loc, Map, Member, Mut, Schema, Shape, Value};
use crate::{limits, text};
use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};

/// Reads the root element of `body` into a structure, noting in `seen` what is there; with `body_only` only members that
/// stand in the body.
pub(crate) fn read_members(
    body: &[u8],
    shape: &mut dyn Shape,
    seen: &mut Seen,
    body_only: bool,
    decoding: &mut Decoding,
) -> Result<(), Error> {
    let mut reader = Reader::new(body, decoding)?;
    let root = reader.root()?;
    reader.structure(&root, shape, seen, body_only)?;
    reader.end()
}

/// Reads the root element of `body` into `value`.
pub(crate) fn read(
    body: &[u8],
    value: &mut dyn Value,
    member: &'static Member,
    decoding: &mut Decoding,
) -> Result<(), Error> {
    let mut reader = Reader::new(body, decoding)?;
    let root = reader.root()?;
    reader.value(&root, value, member)?;
    reader.end()
}

fn malformed() -> Error {
    let message =
        "The XML you provided was not well-formed or did not validate against our published schema";
    Error::common(Common::Serialization, message)
}

struct Reader<'x, 'd> {
    xml: quick_xml::Reader<&'x [u8]>,
    depth: usize,
    decoding: &'d mut Decoding,
}

impl<'x, 'd> Reader<'x, 'd> {
    fn new(body: &'x [u8], decoding: &'d mut Decoding) -> Result<Self, Error> {
        let body = std::str::from_utf8(body).map_err(|_| malformed())?;
        let mut xml = quick_xml::Reader::from_str(body);
        xml.config_mut().expand_empty_elements = true;
        Ok(Reader { xml, depth: 0, decoding })
    }

    fn next(&mut self) -> Result<Event<'x>, Error> {
        self.xml.read_event().map_err(|_| malformed())
    }

    fn root(&mut self) -> Result<BytesStart<'x>, Error> {
        loop {
            match self.next()? {
                Event::Start(root) => return Ok(root),
                Event::Eof | Event::CData(_) | Event::GeneralRef(_) => return Err(malformed()),
                Event::Text(text) if !text.trim().is_empty() => return Err(malformed()),
                _ => {}
            }
        }
    }

    /// Nothing but comments and space may follow the root.
    fn end(&mut self) -> Result<(), Error> {
        loop {
            match self.next()? {
                Event::Eof => return Ok(()),
                Event::Text(text) if text.trim().is_empty() => {}
                Event::Comment(_) | Event::PI(_) => {}
                _ => return Err(malformed()),
            }
        }
    }

    /// The next element inside the current one; none at its end.
    fn child(&mut self) -> Result<Option<BytesStart<'x>>, Error> {
        loop {
            match self.next()? {
                Event::Start(start) => {
                    self.decoding.element()?;
                    return Ok(Some(start));
                }
                Event::End(_) => return Ok(None),
                Event::Text(text) if text.trim().is_empty() => {}
                Event::Comment(_) | Event::PI(_) => {}
                _ => return Err(malformed()),
            }
        }
    }

    fn skip(&mut self, start: &BytesStart<'_>) -> Result<(), Error> {
        self.xml.read_to_end(start.name()).map(drop).map_err(|_| malformed())
    }

    fn structure(
        &mut self,
        start: &BytesStart<'_>,
        shape: &mut dyn Shape,
        seen: &mut Seen,
        body_only: bool,
    ) -> Result<(), Error> {
        let schema = shape.schema();
        let mut chosen = 0;
        self.attributes(start, shape, seen)?;
        while let Some(child) = self.child()? {
            let name = child.local_name().into_inner();
            let here = |m: &&Member| !m.xml_attribute && (!body_only || m.location == Loc::Body);
            let found = schema.members.iter().position(|m| here(&m) && local(m.wire) == name);
            let Some(index) = found else {
                self.skip(&child)?;
                continue;
            };
            let member = &schema.members[index];
            chosen += usize::from(!seen.has(index));
            self.decoding.enter(Step::Member(member.name));
            let many = matches!(member.target.kind, Kind::List | Kind::Map);
            if many && member.is_flattened() {
                self.flattened(&child, shape.member_mut(index), member)?;
            } else {
                self.value(&child, shape.member_mut(index), member)?;
            }
            seen.set(index);
            self.decoding.leave();
        }
        // A flattened list is complete, and can be checked, only when its parent ends.
        for (index, member) in schema.members.iter().enumerate() {
            let many = matches!(member.target.kind, Kind::List | Kind::Map);
            if many && member.is_flattened() && seen.has(index) {
                self.decoding.enter(Step::Member(member.name));
                self.decoding.value(member.target, &shape.member(index).get());
                self.decoding.leave();
            }
        }
        if schema.kind == Kind::Union && chosen != 1 {
            return Err(malformed());
        }
        Ok(())
    }

    fn attributes(
        &mut self,
        start: &BytesStart<'_>,
        shape: &mut dyn Shape,
        seen: &mut Seen,
    ) -> Result<(), Error> {
        let schema = shape.schema();
        for (index, member) in schema.members.iter().enumerate().filter(|(_, m)| m.xml_attribute) {
            let found = start.attributes().flatten().find(|attribute| {
                attribute.key.into_inner() == member.wire
                    || attribute.key.local_name().into_inner() == local(member.wire)
            });
            let Some(attribute) = found else { continue };
            let value =
                attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| malformed())?;
            self.decoding.enter(Step::Member(member.name));
            text::set(shape.member_mut(index), &value, member.target, self.decoding)?;
            self.decoding.leave();
            seen.set(index);
        }
        Ok(())
    }

    fn value(
        &mut self,
        start: &BytesStart<'_>,
        value: &mut dyn Value,
        member: &'static Member,
    ) -> Result<(), Error> {
        self.depth += 1;
        if self.depth > limits::DEPTH_MAX {
            return Err(malformed());
        }
        let schema = member.target;
        match value.get_mut() {
            Mut::Structure(shape) => {
                let mut seen = Seen::default();
                self.structure(start, shape, &mut seen, false)?;
                self.decoding.required(schema, &seen);
            }
            Mut::List(list) => {
                list.clear();
                while let Some(child) = self.child()? {
                    if child.local_name().into_inner() == local(schema.members[0].wire) {
                        self.element(&child, list, schema)?;
                    } else {
                        self.skip(&child)?;
                    }
                }
                self.decoding.value(schema, &value.get());
            }
            Mut::Map(map) => {
                map.clear();
                while let Some(child) = self.child()? {
                    match child.local_name().into_inner() {
                        "entry" => self.entry(map, schema)?,
                        _ => self.skip(&child)?,
                    }
                }
                self.decoding.value(schema, &value.get());
            }
            _ => {
                let content = self.content()?;
                let content = match schema.kind {
                    Kind::String => &content,
                    _ => content.trim(),
                };
                text::set(value, content, schema, self.decoding)?;
            }
        }
        self.depth -= 1;
        Ok(())
    }

    fn flattened(
        &mut self,
        start: &BytesStart<'_>,
        value: &mut dyn Value,
        member: &'static Member,
    ) -> Result<(), Error> {
        match value.get_mut() {
            Mut::List(list) => self.element(start, list, member.target),
            Mut::Map(map) => self.entry(map, member.target),
            _ => self.skip(start),
        }
    }

    fn element(
        &mut self,
        start: &BytesStart<'_>,
        list: &mut dyn List,
        schema: &'static Schema,
    ) -> Result<(), Error> {
        self.decoding.enter(Step::Element(list.len() + 1));
        self.value(start, list.push(), &schema.members[0])?;
        self.decoding.leave();
        Ok(())
    }

    /// The key and the value of one entry. The key comes first.
    fn entry(&mut self, map: &mut dyn Map, schema: &'static Schema) -> Result<(), Error> {
        let [key_member, value_member] = schema.members else { return Err(malformed()) };
        let mut key = None;
        while let Some(child) = self.child()? {
            let name = child.local_name().into_inner();
            if name == local(key_member.wire) {
                key = Some(self.content()?);
            } else if name == local(value_member.wire) {
                let key = key.take().ok_or_else(malformed)?;
                self.decoding.enter(Step::Entry(key.clone()));
                self.value(&child, map.insert(key), value_member)?;
                self.decoding.leave();
            } else {
                self.skip(&child)?;
            }
        }
        Ok(())
    }

    /// The text of the current element, to its end.
    fn content(&mut self) -> Result<String, Error> {
        let mut content = String::new();
        loop {
            match self.next()? {
                Event::Text(text) => content.push_str(&text.xml10_content()),
                Event::CData(text) => content.push_str(&text.xml10_content()),
                Event::GeneralRef(reference) => content.push(character(&reference)?),
                Event::End(_) => return Ok(content),
                Event::Comment(_) | Event::PI(_) => {}
                _ => return Err(malformed()),
            }
        }
    }
}

/// `&lt;` and the like. Entities that a document declares are not expanded.
fn character(reference: &BytesRef<'_>) -> Result<char, Error> {
    match &**reference {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => reference.resolve_char_ref().ok().flatten().ok_or_else(malformed),
    }
}

/// The name without its prefix: models say `xsi:type`.
fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(body: &str) -> Result<String, Error> {
        let mut decoding = Decoding::default();
        let mut reader = Reader::new(body.as_bytes(), &mut decoding)?;
        reader.root()?;
        let content = reader.content()?;
        reader.end()?;
        Ok(content)
    }

    #[test]
    fn content() {
        let body =
            "<?xml version=\"1.0\"?>\n<!-- c --><a>1<!-- c -->&lt;&#65;<![CDATA[<b>]]></a>\n";
        assert_eq!(root(body).unwrap(), "1<A<b>");
        for bad in ["", "x", "<a>", "<a></b>", "<a/>x", "<a/><b/>", "<a>&x;</a>", "<a><b/></a>"] {
            assert!(root(bad).is_err(), "{bad}");
        }
    }
}
