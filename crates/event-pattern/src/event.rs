//! An event as a list of its leaves, and how fields of a pattern find theirs among them.

use crate::Field;
use crate::limits::STEPS_MAX;
use serde_json::Value;
use std::collections::HashMap;

/// A value that is no object and no array.
struct Leaf<'e> {
    value: &'e Value,
    /// The arrays that it stands in, each with the index of the element that it is part of.
    elements: Vec<(u32, u32)>,
}

/// The leaves of an event by their paths.
pub struct Leaves<'e> {
    by_path: HashMap<String, Vec<Leaf<'e>>>,
    arrays: u32,
}

impl<'e> Leaves<'e> {
    /// Takes `event` apart.
    pub fn of(event: &'e Value) -> Self {
        let mut leaves = Leaves { by_path: HashMap::new(), arrays: 0 };
        if event.is_object() {
            leaves.collect(event, &mut String::new(), &mut Vec::new());
        }
        leaves
    }

    /// Recursion is bounded by that of the JSON reader.
    fn collect(&mut self, value: &'e Value, path: &mut String, elements: &mut Vec<(u32, u32)>) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    let parent = path.len();
                    if parent > 0 {
                        path.push('.');
                    }
                    path.push_str(name);
                    self.collect(member, path, elements);
                    path.truncate(parent);
                }
            }
            Value::Array(list) => {
                let array = self.arrays;
                self.arrays += 1;
                for (index, element) in (0..).zip(list) {
                    elements.push((array, index));
                    self.collect(element, path, elements);
                    elements.pop();
                }
            }
            _ => {
                let leaf = Leaf { value, elements: elements.clone() };
                self.by_path.entry(path.clone()).or_default().push(leaf);
            }
        }
    }

    /// Whether all `fields` are met by leaves that stand in the same elements of their common arrays.
    pub fn meet(&self, fields: &[Field]) -> bool {
        let mut candidates: Vec<Vec<&Leaf<'_>>> = Vec::new();
        for field in fields {
            let leaves = self.by_path.get(&field.path).map(Vec::as_slice).unwrap_or_default();
            if leaves.is_empty() && field.tests.iter().any(|test| test.wants_absence()) {
                continue;
            }
            let met = |leaf: &&Leaf<'_>| field.tests.iter().any(|test| test.is_met(leaf.value));
            let met: Vec<_> = leaves.iter().filter(met).collect();
            if met.is_empty() {
                return false;
            }
            candidates.push(met);
        }
        candidates.sort_by_key(Vec::len);
        agree(&candidates, &mut Vec::new(), &mut STEPS_MAX.clone())
    }
}

/// Whether one leaf of each list can be chosen so that no two stand in different elements of one array.
fn agree<'l>(
    candidates: &[Vec<&'l Leaf<'_>>],
    chosen: &mut Vec<&'l Leaf<'l>>,
    steps: &mut usize,
) -> bool {
    let Some((first, rest)) = candidates.split_first() else { return true };
    for leaf in first {
        if *steps == 0 {
            return false;
        }
        *steps -= 1;
        let fits = chosen.iter().all(|other| fit(&other.elements, &leaf.elements));
        if fits {
            chosen.push(leaf);
            if agree(rest, chosen, steps) {
                return true;
            }
            chosen.pop();
        }
    }
    false
}

fn fit(one: &[(u32, u32)], other: &[(u32, u32)]) -> bool {
    one.iter().all(|(array, index)| {
        other.iter().all(|(other_array, other_index)| array != other_array || index == other_index)
    })
}
