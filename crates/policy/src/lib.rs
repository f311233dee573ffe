//! The IAM policy language: parse, validate, compile, evaluate. Pure: no clock, no I/O; AWS services by name in
//! `services.rs` only.
//!
//! [`Policy::parse`] turns a JSON document into a compiled [`Policy`] or says in AWS's words what is wrong with it.
//! [`evaluate()`] decides one [`Request`] against all the policies that apply to it, in AWS's order.
//!
//! Sources: the grammar
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>, the evaluation logic
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>, and the condition
//! operators <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>.
//!
//! # Invariants
//! - A compiled [`Policy`] is immutable and free of references, so that it can be shared between requests.
//! - Evaluation never fails: what cannot be resolved (a missing context key, a malformed number) does not match.
//! - An explicit deny wins over everything.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod case;
mod condition;
mod context;
mod date;
mod denial;
mod document;
mod evaluate;
mod explain;
pub mod limits;
mod pattern;
mod principal;
mod resource;
mod services;
mod statement;
mod template;
mod validate;

pub use case::Case;
pub use context::{Context, ContextValue, Known};
pub use denial::{Denial, Reason, unexplained};
pub use document::{Effect, Kind, Malformed};
pub use evaluate::{Decision, Identity, Policies, Request, ResourceSide, evaluate};
pub use explain::{Explanation, Finding, Mismatch, explain};
pub use principal::{Grant, Principal, general_service_name};
pub use services::requires_consent;
pub use statement::{At, Policy, PolicyType, Scan};

/// Whether `text` matches `pattern`, in which `*` stands for any characters and `?` for exactly one.
/// Case-sensitive.
pub fn wildcard_matches(pattern: &str, text: &str) -> bool {
    pattern::Pattern::wildcard(pattern).matches(text)
}

/// As [`wildcard_matches`], without regard to ASCII case: how actions are compared.
pub fn action_matches(pattern: &str, action: &str) -> bool {
    pattern::Pattern::wildcard(&pattern.to_ascii_lowercase()).matches(&action.to_ascii_lowercase())
}
