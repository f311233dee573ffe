//! What the generated crates promise the runtime.

use crate::SERVICES;
use std::collections::HashSet;
use wire::{Kind, Schema};

/// Visits every schema that the operations of `service` reach.
fn schemas(service: &wire::Service) -> Vec<&'static Schema> {
    fn visit(
        schema: &'static Schema,
        seen: &mut HashSet<*const Schema>,
        all: &mut Vec<&'static Schema>,
    ) {
        if seen.insert(schema) {
            all.push(schema);
            schema.members.iter().for_each(|member| visit(member.target, seen, all));
        }
    }
    let (mut seen, mut all) = (HashSet::new(), Vec::new());
    for operation in service.operations {
        visit(operation.input, &mut seen, &mut all);
        visit(operation.output, &mut seen, &mut all);
        operation.errors.iter().for_each(|error| visit(error, &mut seen, &mut all));
    }
    all
}

/// Operations are looked up by binary search.
#[test]
fn operations_are_sorted() {
    for service in SERVICES {
        assert!(service.operations.is_sorted_by(|a, b| a.name < b.name), "{}", service.name);
        for operation in service.operations {
            assert!(std::ptr::eq(service.operation(operation.name).unwrap(), *operation));
        }
    }
}

/// A pattern without an equivalent in Rust would not be enforced.
#[test]
fn patterns_have_equivalents() {
    let mut count = 0;
    for service in SERVICES {
        for pattern in schemas(service).iter().filter_map(|schema| schema.pattern) {
            assert!(pattern.is_enforced(), "{}: {}", service.name, pattern.text());
            count += 1;
        }
    }
    assert!(count > 100, "only {count} patterns were found");
}

#[test]
fn shapes_are_well_formed() {
    for service in SERVICES {
        for schema in schemas(service) {
            let members = schema.members.len();
            match schema.kind {
                Kind::List => assert_eq!(members, 1, "{}", schema.name),
                Kind::Map => assert_eq!(members, 2, "{}", schema.name),
                Kind::Structure | Kind::Union => assert!(members <= 256, "{}", schema.name),
                _ => assert_eq!(members, 0, "{}", schema.name),
            }
            assert!(schema.payload.is_none_or(|index| usize::from(index) < members));
            if let Some(error) = schema.error {
                assert!((400..600).contains(&error.status), "{}", schema.name);
                let message = |m: &&wire::Member| m.name.eq_ignore_ascii_case("message");
                assert!(schema.members.iter().any(|m| message(&m)), "{} has no text", schema.name);
            }
        }
    }
}
