//! What one message may cost. The listener bounds the size of bodies; these bound what a small body can blow up to.

/// Deepest nesting of a body, in levels.
pub const DEPTH_MAX: usize = 64;

/// Most list elements, map entries and XML elements in one input. The largest batches of AWS's APIs are 10,000 log
/// events or records.
pub const ELEMENTS_MAX: usize = 100_000;

/// Most parameters in a form or a query string.
pub const PARAMETERS_MAX: usize = 50_000;

/// Most constraint violations that one error message lists.
pub const VIOLATIONS_MAX: usize = 64;

/// Longest value that an error message repeats, in characters.
pub const ECHO_CHARS_MAX: usize = 8 * 1024;

/// Largest frame of an event stream, in bytes: 16 MiB of payload, 128 KiB of headers.
/// <https://smithy.io/2.0/aws/amazon-eventstream.html>
pub const FRAME_BYTES_MAX: usize = 16 * 1024 * 1024 + 128 * 1024 + 16;
