//! Exclusive XML canonicalization without comments. <https://www.w3.org/TR/xml-exc-c14n/>

use roxmltree::{Node, NodeId, NodeType};

/// The namespace that the prefix `xml` always has; it is never declared.
const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// The octets of `apex`, without the element `left_out` where that is given. `inclusive` are the prefixes that
/// `InclusiveNamespaces` names; `#default` stands for none.
///
/// The depth of the tree is bounded by `limits::SAML_DEPTH_MAX`.
pub fn canonical(apex: Node<'_, '_>, left_out: Option<NodeId>, inclusive: &[&str]) -> Vec<u8> {
    let mut writer = Writer { left_out, inclusive, rendered: Vec::new(), out: Vec::new() };
    writer.element(apex);
    writer.out
}

struct Writer<'w> {
    left_out: Option<NodeId>,
    inclusive: &'w [&'w str],
    /// Declarations that elements around the present one wrote, the innermost last.
    rendered: Vec<(String, String)>,
    out: Vec<u8>,
}

impl Writer<'_> {
    fn element(&mut self, element: Node<'_, '_>) {
        let name = qualified_name(element);
        let before = self.rendered.len();
        let mut declarations = self.declarations(element, prefix(name));
        declarations.sort();
        let mut attributes: Vec<_> = element.attributes().collect();
        attributes.sort_by_key(|a| (a.namespace().unwrap_or_default(), a.name()));
        self.text("<");
        self.text(name);
        for (prefix, uri) in declarations {
            match prefix.is_empty() {
                true => self.text(" xmlns"),
                false => {
                    self.text(" xmlns:");
                    self.text(&prefix);
                }
            }
            self.value(&uri);
            self.rendered.push((prefix, uri));
        }
        for attribute in attributes {
            let source = element.document().input_text();
            self.text(" ");
            self.text(&source[attribute.range_qname()]);
            self.value(attribute.value());
        }
        self.text(">");
        let left_out = self.left_out;
        for node in element.children().filter(|node| Some(node.id()) != left_out) {
            match node.node_type() {
                NodeType::Element => self.element(node),
                NodeType::Text => self.content(node.text().unwrap_or_default()),
                NodeType::PI => self.instruction(node),
                NodeType::Comment | NodeType::Root => {}
            }
        }
        self.text("</");
        self.text(name);
        self.text(">");
        self.rendered.truncate(before);
    }

    /// The declarations that the element needs and that no element around it wrote.
    fn declarations(&self, element: Node<'_, '_>, prefix_: &str) -> Vec<(String, String)> {
        let source = element.document().input_text();
        let own = element.tag_name().namespace().unwrap_or_default();
        let mut needed = vec![(prefix_.to_string(), own.to_string())];
        for attribute in element.attributes() {
            let prefix = prefix(&source[attribute.range_qname()]);
            if !prefix.is_empty() {
                let uri = attribute.namespace().unwrap_or_default();
                needed.push((prefix.to_string(), uri.to_string()));
            }
        }
        for prefix in self.inclusive {
            let prefix = if *prefix == "#default" { "" } else { prefix };
            let mut in_scope = element.namespaces();
            let found = in_scope.find(|known| known.name().unwrap_or_default() == prefix);
            match found {
                Some(known) => needed.push((prefix.to_string(), known.uri().to_string())),
                // Where no default is in scope, one that was written outside must be taken back.
                None if prefix.is_empty() => needed.push((String::new(), String::new())),
                None => {}
            }
        }
        needed.sort();
        needed.dedup();
        needed.retain(|(prefix, uri)| uri != XML && self.outside(prefix) != uri);
        needed
    }

    /// What a prefix means where the element is written; the default is nothing until somebody declares it.
    fn outside(&self, prefix: &str) -> &str {
        let mut known = self.rendered.iter().rev();
        known.find(|(name, _)| name == prefix).map_or("", |(_, uri)| uri)
    }

    fn instruction(&mut self, node: Node<'_, '_>) {
        let Some(instruction) = node.pi() else { return };
        self.text("<?");
        self.text(instruction.target);
        if let Some(value) = instruction.value.filter(|value| !value.is_empty()) {
            self.text(" ");
            self.text(value);
        }
        self.text("?>");
    }

    fn value(&mut self, value: &str) {
        self.text("=\"");
        for character in value.chars() {
            match character {
                '&' => self.text("&amp;"),
                '<' => self.text("&lt;"),
                '"' => self.text("&quot;"),
                '\t' => self.text("&#x9;"),
                '\n' => self.text("&#xA;"),
                '\r' => self.text("&#xD;"),
                other => self.character(other),
            }
        }
        self.text("\"");
    }

    fn content(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' => self.text("&amp;"),
                '<' => self.text("&lt;"),
                '>' => self.text("&gt;"),
                '\r' => self.text("&#xD;"),
                other => self.character(other),
            }
        }
    }

    fn character(&mut self, character: char) {
        self.text(character.encode_utf8(&mut [0; 4]));
    }

    fn text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }
}

/// An element's name as it is written, with its prefix.
fn qualified_name<'a>(element: Node<'a, '_>) -> &'a str {
    let source = element.document().input_text();
    let written = &source[element.range().start + 1..];
    let end = written.find(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>');
    &written[..end.unwrap_or(written.len())]
}

fn prefix(name: &str) -> &str {
    name.split_once(':').map_or("", |(prefix, _)| prefix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use roxmltree::Document;

    /// The canonical form of the first element called `name`.
    fn check(text: &str, name: &str, inclusive: &[&str], expected: &str) {
        let document = Document::parse(text).unwrap();
        let apex = document.descendants().find(|node| node.tag_name().name() == name).unwrap();
        let got = canonical(apex, None, inclusive);
        assert_eq!(String::from_utf8(got).unwrap(), expected, "{text}");
    }

    #[test]
    fn namespaces_stand_where_they_are_used() {
        // Section 2.2 of the specification: the context changes, the canonical form does not.
        let expected = "<n1:elem2 xmlns:n1=\"http://b.example\" xml:lang=\"en\">\n\
            <n3:stuff xmlns:n3=\"ftp://example.org\"></n3:stuff>\n</n1:elem2>";
        let inner = "<n1:elem2 xmlns:n1='http://b.example' xml:lang='en'>\n\
            <n3:stuff xmlns:n3='ftp://example.org'/>\n</n1:elem2>";
        check(&format!("<n0:o xmlns:n0='http://a.example'>{inner}</n0:o>"), "elem2", &[], expected);
        check(
            &format!("<n2:o xmlns:n0='foo:bar' xmlns:n2='http://c.example'>{inner}</n2:o>"),
            "elem2",
            &[],
            expected,
        );
    }

    #[test]
    fn defaults_come_and_go() {
        let text = "<a xmlns='x'><b><c xmlns=''><d/></c></b></a>";
        check(text, "b", &[], "<b xmlns=\"x\"><c xmlns=\"\"><d></d></c></b>");
        check(text, "c", &[], "<c><d></d></c>");
        let prefixed = "<p:a xmlns:p='x' xmlns='y'><p:b q='1'/></p:a>";
        check(prefixed, "b", &[], "<p:b xmlns:p=\"x\" q=\"1\"></p:b>");
        check(prefixed, "b", &["#default"], "<p:b xmlns=\"y\" xmlns:p=\"x\" q=\"1\"></p:b>");
    }

    #[test]
    fn inclusive_prefixes_are_written_once() {
        let text = "<a xmlns:xs='s' xmlns:xsi='i'><b xsi:type='xs:string'><c/></b></a>";
        let plain = "<b xmlns:xsi=\"i\" xsi:type=\"xs:string\"><c></c></b>";
        check(text, "b", &[], plain);
        let inclusive = "<b xmlns:xs=\"s\" xmlns:xsi=\"i\" xsi:type=\"xs:string\"><c></c></b>";
        check(text, "b", &["xs"], inclusive);
    }

    #[test]
    fn characters_and_order() {
        let text = "<a z='1' b='&quot;&lt;&#9;' p:y='2' xmlns:p='u'>x&gt;&amp;<!-- c --><![CDATA[<]]>\r\n<?t v ?></a>";
        let expected =
            "<a xmlns:p=\"u\" b=\"&quot;&lt;&#x9;\" z=\"1\" p:y=\"2\">x&gt;&amp;&lt;\n<?t v ?></a>";
        check(text, "a", &[], expected);
    }
}
