//! Printing: results to standard output, everything for people to standard error.

use crate::cli::{Global, Output};
use crate::environment;
use crate::failure::Failure;
use serde_json::Value;
use std::io::{IsTerminal, Write};

/// How this run prints.
#[derive(Clone, Copy)]
pub struct Printer {
    pub json: bool,
    /// On standard output.
    colours: bool,
    /// On standard error.
    error_colours: bool,
}

impl Printer {
    pub fn new(global: &Global) -> Self {
        let json = global.output == Output::Json;
        let welcome = !json && environment::colours_are_welcome();
        Printer {
            json,
            colours: welcome && std::io::stdout().is_terminal(),
            error_colours: welcome && std::io::stderr().is_terminal(),
        }
    }

    /// A result: `text` for people or `value` for programs.
    pub fn result(self, text: &str, value: &Value) {
        let mut line = match self.json {
            true => format!("{value:#}"),
            false => text.to_string(),
        };
        if !line.is_empty() && !line.ends_with('\n') {
            line.push('\n');
        }
        self.raw(line.as_bytes());
    }

    /// Bytes for standard output. A reader that has gone away, such as `head`, is no failure.
    pub fn raw(self, bytes: &[u8]) {
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(bytes).and_then(|()| out.flush());
    }

    /// Something for a person to know, that is not the result.
    pub fn note(self, text: &str) {
        if !self.json {
            eprintln!("{text}");
        }
    }

    pub fn failure(self, failure: &Failure) {
        if self.json {
            let hint = failure.hint.as_deref();
            eprintln!("{}", serde_json::json!({ "error": failure.message, "hint": hint }));
            return;
        }
        let colours = self.error_colours;
        eprintln!("{} {}", paint(colours, "31;1", "error:"), failure.message);
        if let Some(hint) = &failure.hint {
            eprintln!("{} {hint}", paint(colours, "36", " next:"));
        }
    }

    pub fn dim(self, text: &str) -> String {
        paint(self.colours, "2", text)
    }

    pub fn bold(self, text: &str) -> String {
        paint(self.colours, "1", text)
    }

    pub fn good(self, text: &str) -> String {
        paint(self.colours, "32", text)
    }

    pub fn bad(self, text: &str) -> String {
        paint(self.colours, "31", text)
    }
}

/// ECMA-48's "select graphic rendition".
fn paint(colours: bool, code: &str, text: &str) -> String {
    match colours {
        true => format!("\x1b[{code}m{text}\x1b[0m"),
        false => text.to_string(),
    }
}
