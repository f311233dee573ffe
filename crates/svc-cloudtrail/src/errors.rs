//! AWS's faults. The model gives them no members, so they are made of code and text. The texts are guesses: AWS documents
//! the codes.

use wire::Error;

/// More than one attribute.
pub fn too_many_attributes() -> Error {
    fault(
        "InvalidLookupAttributesException",
        "You can only have 1 attribute in the lookup attributes list.",
    )
}

/// A value that no event can have.
pub fn invalid_attribute(value: &str) -> Error {
    fault(
        "InvalidLookupAttributesException",
        &format!("Attribute value must be true or false, not {value}."),
    )
}

/// The beginning comes after the end.
pub fn invalid_time_range() -> Error {
    fault("InvalidTimeRangeException", "Start time should be before the end time.")
}

/// A token that was not given out, or with other parameters.
pub fn invalid_next_token() -> Error {
    fault("InvalidNextTokenException", "Invalid token: it was not given out for this lookup.")
}

/// More than a page holds, or nothing.
pub fn invalid_max_results() -> Error {
    fault("InvalidMaxResultsException", "Max results must be between 1 and 50.")
}

/// Insights are not built.
pub fn insights_not_implemented() -> Error {
    Error::common(wire::Common::NotImplemented, "EventCategory insight is not implemented.")
}

fn fault(code: &'static str, message: &str) -> Error {
    Error::other(400, code, message)
}
