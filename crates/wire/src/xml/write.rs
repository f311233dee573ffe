//! From values to XML.

use crate::{Kind, Loc, Member, Ref, Shape, TimestampFormat, text};

/// A document that grows.
#[derive(Default)]
pub(crate) struct Writer {
    out: String,
    /// Whether members bear their names in awsQuery.
    query: bool,
}

impl Writer {
    /// For answers of awsQuery, where members may have names of their own.
    pub(crate) fn for_query() -> Self {
        Writer { out: String::new(), query: true }
    }

    fn name(&self, member: &Member) -> &'static str {
        if self.query { member.name_in_query() } else { member.wire }
    }

    pub(crate) fn finish(self) -> String {
        self.out
    }

    /// Markup as it is.
    pub(crate) fn raw(&mut self, markup: &str) -> &mut Self {
        self.out.push_str(markup);
        self
    }

    /// Text, escaped.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        let mut rest = text;
        while let Some(at) = rest.find(|c| escape(c).is_some()) {
            let c = rest[at..].chars().next().unwrap_or_default();
            self.out.push_str(&rest[..at]);
            self.out.push_str(escape(c).unwrap_or_default());
            rest = &rest[at + c.len_utf8()..];
        }
        self.out.push_str(rest);
        self
    }

    /// `<name>text</name>`.
    pub(crate) fn leaf(&mut self, name: &str, text: &str) -> &mut Self {
        self.raw("<").raw(name).raw(">").text(text).raw("</").raw(name).raw(">")
    }

    /// `<name xmlns="namespace">`; `namespace` is `uri`, `prefix uri` or empty.
    pub(crate) fn open(&mut self, name: &str, namespace: &str) -> &mut Self {
        self.open_unfinished(name, namespace).raw(">")
    }

    fn open_unfinished(&mut self, name: &str, namespace: &str) -> &mut Self {
        self.raw("<").raw(name);
        match namespace.split_once(' ') {
            Some((prefix, uri)) => self.raw(" xmlns:").raw(prefix).raw("=\"").text(uri).raw("\""),
            None if namespace.is_empty() => self,
            None => self.raw(" xmlns=\"").text(namespace).raw("\""),
        }
    }

    /// The opening tag of a structure, with its attributes.
    pub(crate) fn open_shape(&mut self, name: &str, namespace: &str, shape: &dyn Shape) {
        self.open_unfinished(name, namespace);
        self.attributes(shape);
        self.raw(">");
    }

    /// `</name>`.
    pub(crate) fn close(&mut self, name: &str) -> &mut Self {
        self.raw("</").raw(name).raw(">")
    }

    /// The element of `member` under `name`.
    pub(crate) fn element(
        &mut self,
        name: &str,
        namespace: &str,
        value: &Ref<'_>,
        member: &Member,
    ) {
        self.open_unfinished(name, namespace);
        if let Ref::Structure(shape) = value {
            self.attributes(*shape);
        }
        self.raw(">");
        let schema = member.target;
        match value {
            Ref::Structure(shape) => members(self, *shape, false),
            Ref::List(list) => {
                if let Some(element) = schema.members.first() {
                    for index in 0..list.len() {
                        let value = list.at(index).get();
                        self.element(self.name(element), element.namespace(), &value, element);
                    }
                }
            }
            Ref::Map(map) => map.each(&mut |key, value| {
                self.open("entry", "");
                self.entry(key, &value.get(), member);
                self.close("entry");
            }),
            value => {
                let format = member.timestamp_format_or(TimestampFormat::DateTime);
                self.text(&text::scalar(value, format));
            }
        }
        self.close(name);
    }

    fn entry(&mut self, key: &str, value: &Ref<'_>, map: &Member) {
        if let [key_member, value_member] = map.target.members {
            let name = self.name(key_member);
            self.element(name, key_member.namespace(), &Ref::String(key), key_member);
            self.element(self.name(value_member), value_member.namespace(), value, value_member);
        }
    }

    /// The members that are attributes.
    fn attributes(&mut self, shape: &dyn Shape) {
        for (index, member) in shape.schema().members.iter().enumerate() {
            let value = shape.member(index).get();
            if member.xml_attribute && !matches!(value, Ref::None) {
                let format = member.timestamp_format_or(TimestampFormat::DateTime);
                self.raw(" ").raw(member.wire).raw("=\"");
                self.text(&text::scalar(&value, format)).raw("\"");
            }
        }
    }

    fn flattened(&mut self, value: &Ref<'_>, member: &Member) {
        match value {
            Ref::List(list) => {
                let element = &member.target.members[0];
                for index in 0..list.len() {
                    self.element(
                        self.name(member),
                        element.namespace(),
                        &list.at(index).get(),
                        element,
                    );
                }
            }
            Ref::Map(map) => map.each(&mut |key, value| {
                self.open(self.name(member), member.namespace());
                self.entry(key, &value.get(), member);
                self.close(self.name(member));
            }),
            _ => {}
        }
    }
}

/// The members of a structure as elements; with `body_only`, those that stand in the body.
pub(crate) fn members(out: &mut Writer, shape: &dyn Shape, body_only: bool) {
    members_if(out, shape, |member| !body_only || member.location == Loc::Body);
}

/// Those members of a structure as elements that `wanted` chooses and that are no attributes.
pub(crate) fn members_if(out: &mut Writer, shape: &dyn Shape, wanted: impl Fn(&Member) -> bool) {
    for (index, member) in shape.schema().members.iter().enumerate() {
        if member.xml_attribute || !wanted(member) {
            continue;
        }
        let value = shape.member(index).get();
        let many = matches!(member.target.kind, Kind::List | Kind::Map);
        match value {
            Ref::None => {}
            value if many && member.is_flattened() => out.flattened(&value, member),
            value => out.element(out.name(member), member.namespace(), &value, member),
        }
    }
}

fn escape(c: char) -> Option<&'static str> {
    Some(match c {
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        '"' => "&quot;",
        '\r' => "&#xD;",
        '\n' => "&#xA;",
        '\u{85}' => "&#x85;",
        '\u{2028}' => "&#x2028;",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        let mut out = Writer::default();
        out.leaf("a", "x<&>\"ä\r\n\u{85}\u{2028}'");
        assert_eq!(out.finish(), "<a>x&lt;&amp;&gt;&quot;ä&#xD;&#xA;&#x85;&#x2028;'</a>");
    }
}
