//! Rust types of shapes.

use super::super::model::{Model, target};
use super::super::names;
use serde_json::Value;
use std::collections::HashSet;
use std::fmt::Write;

const IMPORTS: &str = "#[allow(unused_imports)]\nuse crate::*;\n#[allow(unused_imports)]\nuse std::collections::BTreeMap;\n\n";

/// Structures and unions that are not errors.
pub fn shapes(model: &Model) -> String {
    let mut out = format!("//! Structures and unions.\n\n{IMPORTS}");
    for name in structures(model).filter(|name| !model.is_error(name)) {
        if model.is_union(name) {
            union(model, name, &mut out);
        } else {
            structure(model, name, &mut out);
        }
    }
    out
}

/// Error structures.
pub fn errors(model: &Model) -> String {
    let mut out = format!("//! Errors that the model names.\n\n{IMPORTS}");
    for name in structures(model).filter(|name| model.is_error(name)) {
        structure(model, name, &mut out);
        let _ = writeln!(out, "wire::fault!({});", names::shape_type(name));
    }
    out
}

/// Enumerations.
pub fn enums(model: &Model) -> String {
    let mut out =
        "//! Enumerations.\n\n#[allow(unused_imports)]\nuse crate::schema;\n\n".to_string();
    for name in model.used.iter().filter(|name| model.is_enum(name)) {
        let rust = names::shape_type(name);
        let mut taken = HashSet::new();
        let mut variants = String::new();
        let _ = writeln!(
            out,
            "/// `{name}`.\n#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]\npub enum {rust} {{"
        );
        for (index, value) in super::super::model::strings(&model.shape(name)["enum"]).enumerate() {
            let variant = names::unique(names::variant(value), &mut taken);
            let default = if index == 0 { "#[default]\n" } else { "" };
            let _ = writeln!(out, "/// `{value}`.\n{default}{variant},");
            let _ = write!(variants, " {variant}");
        }
        let constant = &model.constants[name];
        let _ = writeln!(out, "}}\nwire::enumeration!({rust} {constant}{variants});\n");
    }
    out
}

fn structures(model: &Model) -> impl Iterator<Item = &String> {
    model.used.iter().filter(|name| model.kind(name) == "structure" && !model.is_document(name))
}

fn structure(model: &Model, name: &str, out: &mut String) {
    let rust = names::shape_type(name);
    let clone = if model.holds_stream(name) { "" } else { "Clone, " };
    let documentation = documentation(model, name);
    let _ = writeln!(out, "/// {documentation}\n#[derive({clone}Default)]\npub struct {rust} {{");
    let required = required(model, name);
    let mut fields = String::new();
    let mut taken = HashSet::new();
    for (index, (member, reference)) in model.members(name).iter().enumerate() {
        let field = names::unique(names::field(member), &mut taken);
        let boxed = model.boxed.contains(&(name.to_string(), member.clone()));
        let mut inner = model.rust_type(reference);
        if boxed {
            inner = format!("Box<{inner}>");
        }
        let stream = model.is_event_stream(&target(reference));
        if boxed || !(stream || required.contains(member)) {
            inner = format!("Option<{inner}>");
        }
        let _ = writeln!(out, "pub {field}: {inner},");
        let _ = write!(fields, " {index} {field}");
    }
    let constant = &model.constants[name];
    let _ = writeln!(out, "}}\nwire::structure!({rust} {constant}{fields});\n");
}

fn union(model: &Model, name: &str, out: &mut String) {
    let rust = names::shape_type(name);
    let documentation = documentation(model, name);
    let _ = writeln!(out, "/// {documentation}\n#[derive(Clone)]\npub enum {rust} {{");
    let mut taken = HashSet::new();
    let mut variants = Vec::new();
    for (index, (member, reference)) in model.members(name).iter().enumerate() {
        let variant = names::unique(names::variant(&names::capital(member)), &mut taken);
        let mut inner = model.rust_type(reference);
        if model.boxed.contains(&(name.to_string(), member.clone())) {
            inner = format!("Box<{inner}>");
        }
        let _ = writeln!(out, "/// `{member}`.\n{variant}({inner}),");
        variants.push((index, variant, inner));
    }
    let listed: Vec<String> = variants
        .iter()
        .map(|(index, variant, inner)| format!("{index} {variant} {inner}"))
        .collect();
    let constant = &model.constants[name];
    let _ = writeln!(out, "}}\nwire::union!({rust} {constant} {});", listed.join(", "));
    if let Some((_, first, inner)) = variants.first() {
        let _ = writeln!(
            out,
            "impl Default for {rust} {{\nfn default() -> Self {{\nSelf::{first}(<{inner}>::default())\n}}\n}}\n"
        );
    }
}

/// What it is for, in our own words.
fn documentation(model: &Model, name: &str) -> String {
    let link =
        |operation: &String| format!("[`{0}`](crate::ops::{0})", names::shape_type(operation));
    let list =
        |operations: &Vec<String>| operations.iter().map(link).collect::<Vec<_>>().join(", ");
    match (model.inputs.get(name), model.outputs.get(name)) {
        (Some(users), _) => format!("Input of {}.", list(users)),
        (_, Some(users)) if users.len() <= 3 => format!("Output of {}.", list(users)),
        _ if model.is_error(name) => {
            let status = super::schemas::error_status(model.shape(name));
            format!("`{name}`, HTTP status {status}.")
        }
        _ if model.is_event_stream(name) => format!("Events of the stream `{name}`."),
        _ => format!("`{name}`."),
    }
}

pub fn required(model: &Model, name: &str) -> HashSet<String> {
    let list: &Value = &model.shape(name)["required"];
    super::super::model::strings(list).map(String::from).collect()
}
