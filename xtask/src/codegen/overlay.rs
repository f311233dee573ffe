//! What the public models omit or have lost: `models/overlays/<service>.toml`, applied to the model before it is read.
//!
//! | table | what it does |
//! |---|---|
//! | `shapes`, `operations`, `metadata` | are merged over the model's (RFC 7396); `"!remove"` removes a key |
//! | `new_shapes` | shapes that the model lacks |
//! | `pattern_edits` | pairs of `find` and `replace`, done in every constraint pattern |
//! | `open` | enumerations of which AWS accepts more values than the model lists: they become text |
//! | `dialect` | settings of the runtime, see `wire::Dialect` |

use super::model::strings;
use serde_json::{Map, Value, json};

/// Applies all of `overlay` that changes the model. What it names must exist in the model, because it would go unnoticed
/// when the model changes.
pub fn apply(model: &mut Value, overlay: &Value) -> Result<(), String> {
    for (name, definition) in entries(&overlay["new_shapes"]) {
        if !model["shapes"][name].is_null() {
            return Err(format!("new_shapes.{name} is in the model"));
        }
        model["shapes"][name] = definition.clone();
    }
    for edit in overlay["pattern_edits"].as_array().into_iter().flatten() {
        edit_patterns(&mut model["shapes"], edit)?;
    }
    merge(&mut model["metadata"], &overlay["metadata"]);
    for part in ["shapes", "operations"] {
        for (name, patch) in entries(&overlay[part]) {
            if model[part].get(name).is_none() {
                return Err(format!("{part}.{name} is not in the model"));
            }
            merge(&mut model[part], &json!({ name: patch }));
        }
    }
    for name in strings(&overlay["open"]) {
        if !model["shapes"][name]["enum"].is_array() {
            return Err(format!("`open` names {name}, which is no enumeration"));
        }
    }
    add_messages(&mut model["shapes"]);
    Ok(())
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn edit_patterns(shapes: &mut Value, edit: &Value) -> Result<(), String> {
    let (Some(find), Some(replace)) = (edit["find"].as_str(), edit["replace"].as_str()) else {
        return Err("pattern_edits need `find` and `replace`".into());
    };
    let mut found = false;
    for shape in shapes.as_object_mut().into_iter().flat_map(Map::values_mut) {
        if let Some(pattern) = shape["pattern"].as_str().filter(|text| text.contains(find)) {
            shape["pattern"] = json!(pattern.replace(find, replace));
            found = true;
        }
    }
    if found { Ok(()) } else { Err(format!("no pattern contains {find}")) }
}

fn merge(target: &mut Value, patch: &Value) {
    if patch.is_null() {
        return;
    }
    let (Value::Object(target_map), Value::Object(patch)) = (&mut *target, patch) else {
        *target = patch.clone();
        return;
    };
    for (key, change) in patch {
        if change == "!remove" {
            target_map.shift_remove(key);
        } else {
            merge(target_map.entry(key.clone()).or_insert(Value::Null), change);
        }
    }
}

/// The shape of messages that the model does not have. Plain text has no schema of its own, so the name is not seen.
const ERROR_TEXT: &str = "(error text)";

/// Every error has a text, whether the model gives it a member or not.
fn add_messages(shapes: &mut Value) {
    let Some(shapes) = shapes.as_object_mut() else { return };
    for shape in shapes.values_mut().filter(|shape| shape["exception"] == true) {
        if let Some(members) = shape["members"].as_object_mut()
            && !members.keys().any(|name| name.eq_ignore_ascii_case("message"))
        {
            members.insert("message".into(), json!({ "shape": ERROR_TEXT }));
        }
    }
    shapes.insert(ERROR_TEXT.into(), json!({ "type": "string" }));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model() -> Value {
        json!({
            "metadata": {},
            "operations": { "GetName": {} },
            "shapes": {
                "Name": { "type": "string", "pattern": "[a-z]{2}-x", "max": 1 },
                "Kind": { "type": "string", "enum": ["a"] },
                "Fault": { "type": "structure", "exception": true, "members": {} },
            },
        })
    }

    #[test]
    fn applies() {
        let mut model = model();
        let overlay = json!({
            "metadata": { "xmlNamespace": "n" },
            "new_shapes": { "New": { "type": "string" } },
            "pattern_edits": [{ "find": "{2}", "replace": "{3}" }],
            "shapes": { "Name": { "max": "!remove", "min": 2 } },
            "open": ["Kind"],
            "operations": { "GetName": "!remove" },
        });
        apply(&mut model, &overlay).unwrap();
        assert_eq!(
            model["shapes"]["Name"],
            json!({ "type": "string", "pattern": "[a-z]{3}-x", "min": 2 })
        );
        assert_eq!(model["operations"], json!({}));
        assert_eq!(model["shapes"]["New"]["type"], "string");
        assert_eq!(model["metadata"]["xmlNamespace"], "n");
        assert!(model["shapes"]["Fault"]["members"]["message"].is_object());
    }

    #[test]
    fn refuses_what_is_not_in_the_model() {
        for overlay in [
            json!({ "shapes": { "Other": {} } }),
            json!({ "operations": { "Other": {} } }),
            json!({ "new_shapes": { "Name": {} } }),
            json!({ "pattern_edits": [{ "find": "q", "replace": "" }] }),
            json!({ "open": ["Name"] }),
        ] {
            assert!(apply(&mut model(), &overlay).is_err(), "{overlay}");
        }
    }
}
