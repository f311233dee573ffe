//! Forms: the requests of awsQuery and ec2Query.
//!
//! The parameters are sorted once; a node is a range of them that share a prefix, so that reading is not quadratic and
//! `List.member.999999999` is one element.

use crate::limits::{DEPTH_MAX, PARAMETERS_MAX};
use crate::validate::{Decoding, Seen, Step};
use crate::{Error, Kind, List, Map, Member, Mut, Schema, Shape, Value, text};
use std::borrow::Cow;

type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

/// The parameters of a request.
pub(crate) struct Form<'a> {
    pairs: Vec<Pair<'a>>,
    /// ec2Query: lists are always flattened and names begin with a capital.
    ec2: bool,
}

/// What stands below a prefix.
#[derive(Clone, Copy)]
struct Node<'f> {
    pairs: &'f [Pair<'f>],
    /// Bytes of the keys that lead here.
    prefix: usize,
}

impl<'a> Form<'a> {
    /// Reads `body` and `query`.
    pub(crate) fn parse(body: &'a str, query: &'a str, ec2: bool) -> Result<Self, Error> {
        let count = |text: &str| text.bytes().filter(|b| *b == b'&').count();
        if count(body) + count(query) > PARAMETERS_MAX {
            return Err(Error::serialization("The request has too many parameters."));
        }
        let mut pairs: Vec<Pair<'a>> =
            text::parameters(body).chain(text::parameters(query)).collect();
        if pairs.iter().any(|(key, _)| key.bytes().filter(|b| *b == b'.').count() > 2 * DEPTH_MAX) {
            return Err(Error::serialization("The request is nested too deeply."));
        }
        pairs.sort_by(|(a, _), (b, _)| order(a).cmp(order(b)));
        Ok(Form { pairs, ec2 })
    }

    /// Reads the members of the input.
    pub(crate) fn read(&self, input: &mut dyn Shape, decoding: &mut Decoding) -> Result<(), Error> {
        let root = Node { pairs: &self.pairs, prefix: 0 };
        self.members(root, input, decoding)
    }

    fn members(
        &self,
        node: Node<'_>,
        shape: &mut dyn Shape,
        decoding: &mut Decoding,
    ) -> Result<(), Error> {
        let schema = shape.schema();
        let mut seen = Seen::default();
        let mut chosen = 0;
        for (index, member) in schema.members.iter().enumerate() {
            let Some(child) = self.find(node, member) else { continue };
            seen.set(index);
            chosen += 1;
            decoding.enter(Step::Member(member.name));
            self.value(child, shape.member_mut(index), member, decoding)?;
            decoding.leave();
        }
        if schema.kind == Kind::Union && chosen != 1 {
            return Err(Error::serialization("Exactly one member of a union must be set."));
        }
        decoding.required(schema, &seen);
        Ok(())
    }

    fn find<'f>(&self, node: Node<'f>, member: &Member) -> Option<Node<'f>> {
        if self.ec2 {
            return match member.query_name {
                "" => node.child(&capital(member.wire)),
                name => node.child(name),
            };
        }
        // A flattened list is named by its element where that has a name.
        let element = member.target.members.first().map_or("", |element| element.wire);
        let by_element =
            member.is_flattened() && member.target.kind == Kind::List && element != "member";
        let named = node.child(member.name_in_query()).or_else(|| node.child(member.wire));
        if by_element { node.child(element).or(named) } else { named }
    }

    fn value(
        &self,
        node: Node<'_>,
        value: &mut dyn Value,
        member: &'static Member,
        decoding: &mut Decoding,
    ) -> Result<(), Error> {
        let schema = member.target;
        let flattened = self.ec2 || member.is_flattened();
        match value.get_mut() {
            Mut::Structure(shape) => return self.members(node, shape, decoding),
            Mut::List(list) => {
                let name = schema.members[0].wire;
                let named = || node.child(name).or_else(|| node.child("member"));
                let items = if flattened { Some(node) } else { named() };
                self.elements(items, list, schema, decoding)?;
            }
            Mut::Map(map) => {
                let entries = if flattened { Some(node) } else { node.child("entry") };
                self.entries(entries, map, schema, decoding)?;
            }
            _ => return text::set(value, node.text(), schema, decoding),
        }
        decoding.value(schema, &value.get());
        Ok(())
    }

    fn elements(
        &self,
        node: Option<Node<'_>>,
        list: &mut dyn List,
        schema: &'static Schema,
        decoding: &mut Decoding,
    ) -> Result<(), Error> {
        let numbered = node.map(Node::numbered).unwrap_or_default();
        for (place, (_, item)) in numbered.into_iter().enumerate() {
            decoding.element()?;
            decoding.enter(Step::Element(place + 1));
            self.value(item, list.push(), &schema.members[0], decoding)?;
            decoding.leave();
        }
        Ok(())
    }

    fn entries(
        &self,
        node: Option<Node<'_>>,
        map: &mut dyn Map,
        schema: &'static Schema,
        decoding: &mut Decoding,
    ) -> Result<(), Error> {
        let [key_member, value_member] = schema.members else { return Ok(()) };
        for (_, entry) in node.map(Node::numbered).unwrap_or_default() {
            let Some(key) = entry.child(key_member.name_in_query()).map(Node::text) else {
                continue;
            };
            let Some(value) = entry.child(value_member.name_in_query()) else { continue };
            decoding.element()?;
            decoding.enter(Step::Entry(key.to_string()));
            self.value(value, map.insert(key.to_string()), value_member, decoding)?;
            decoding.leave();
        }
        Ok(())
    }
}

impl<'f> Node<'f> {
    /// What the key says behind the prefix.
    fn rest(self, pair: &'f Pair<'f>) -> &'f str {
        let rest = &pair.0[self.prefix..];
        if self.prefix == 0 { rest } else { rest.strip_prefix('.').unwrap_or(rest) }
    }

    /// The node called `name` below this one.
    fn child(self, name: &str) -> Option<Node<'f>> {
        let begin = self.pairs.partition_point(|pair| order(self.rest(pair)).lt(order(name)));
        let pairs = &self.pairs[begin..];
        let belongs = |pair: &Pair<'_>| {
            let rest = pair.0[self.prefix..].strip_prefix('.').unwrap_or(&pair.0[self.prefix..]);
            rest.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let pairs = &pairs[..pairs.partition_point(belongs)];
        let first = pairs.first()?;
        let separator = first.0.len() - self.prefix - self.rest(first).len();
        Some(Node { pairs, prefix: self.prefix + separator + name.len() })
    }

    /// The value of the parameter that ends here; of several the last.
    fn text(self) -> &'f str {
        let here = self.pairs.iter().take_while(|(key, _)| key.len() == self.prefix);
        here.last().map_or("", |(_, value)| value)
    }

    /// The nodes `.1`, `.2`, … below this one, in the order of their numbers.
    fn numbered(self) -> Vec<(u32, Node<'f>)> {
        let mut nodes = Vec::new();
        let mut pairs = self.pairs;
        while let Some(first) = pairs.first() {
            let rest = self.rest(first);
            let name = rest.split('.').next().unwrap_or(rest);
            let node = Node { pairs, prefix: self.prefix }.child(name);
            let taken = node.map_or(1, |node| node.pairs.len());
            if let (Ok(number), Some(node)) = (name.parse(), node) {
                nodes.push((number, node));
            }
            pairs = &pairs[taken.max(1)..];
        }
        nodes.sort_by_key(|(number, _)| *number);
        nodes
    }
}

/// Sorts a dot before everything, so that a key is followed by what stands below it.
fn order(key: &str) -> impl Iterator<Item = u16> {
    key.bytes().map(|byte| if byte == b'.' { 0 } else { u16::from(byte) + 1 })
}

fn capital(name: &str) -> Cow<'_, str> {
    match name.as_bytes().first() {
        Some(first) if first.is_ascii_lowercase() => {
            format!("{}{}", char::from(first.to_ascii_uppercase()), &name[1..]).into()
        }
        _ => name.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes() {
        let form = Form::parse("a.10=j&a.2=b&a-b=x&a=&a.1.c=d&b=1&b=2", "", false).unwrap();
        let root = Node { pairs: &form.pairs, prefix: 0 };
        let a = root.child("a").unwrap();
        assert_eq!(a.text(), "");
        let numbers: Vec<u32> = a.numbered().iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [1, 2, 10]);
        assert_eq!(a.child("1").and_then(|one| one.child("c")).map(Node::text), Some("d"));
        assert_eq!(root.child("b").map(Node::text), Some("2"));
        assert_eq!(root.child("a-b").map(Node::text), Some("x"));
        assert!(root.child("c").is_none());
    }

    #[test]
    fn odd_keys() {
        let form = Form::parse("=&.=1&..=2&a..b=3&.a=4", "%00=1", false).unwrap();
        let root = Node { pairs: &form.pairs, prefix: 0 };
        assert!(root.numbered().is_empty());
        assert!(root.child("a").is_some_and(|a| a.child("").is_some()));
    }
}
