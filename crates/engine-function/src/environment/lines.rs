//! Splits a function's output into lines and framed events.
//!
//! A frame is what our interface clients write for an event that may hold line breaks: four bytes of type, of which the
//! first cannot begin a character of UTF-8, four bytes of length, eight bytes of time, then the text. It is the
//! format that AWS's own clients write to the descriptor in `_LAMBDA_TELEMETRY_LOG_FD`. Whoever forges one only splits
//! its own output in another way.

/// Bytes of one line or event, as CloudWatch Logs takes them: longer ones are split.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>
pub(crate) const LINE_BYTES_MAX: usize = 256 * 1024;

const FRAME_TYPE: [u8; 3] = [0xa5, 0x5a, 0x00];
/// The fourth byte of a frame that is no event: an interpreter that waits says that it is ready.
const READY: u8 = 0;
/// The same where the sandbox could not execute the program: the text says why.
const NOT_EXECUTED: u8 = 1;
const FRAME_HEAD_BYTES: usize = 16;

/// What a sandbox's output says where its program could not be executed, in the words of Go, in which AWS's supervisor is
/// written.
pub(crate) fn not_executed(program: &str, error: &std::io::Error) -> Vec<u8> {
    let reason = error.to_string().to_lowercase();
    let reason = reason.split(" (os error").next().unwrap_or_default();
    let text = format!("fork/exec {program}: {reason}");
    let mut frame = [&FRAME_TYPE[..], &[NOT_EXECUTED]].concat();
    frame.extend_from_slice(&(text.len() as u32).to_be_bytes());
    frame.extend_from_slice(&[0; 8]);
    frame.extend_from_slice(text.as_bytes());
    frame
}

/// Keeps what has not ended yet: at most [`LINE_BYTES_MAX`] and a little.
#[derive(Debug, Default)]
pub(crate) struct LineParser {
    pending: Vec<u8>,
    /// Bytes of a frame that are yet to come; `pending` holds its beginning.
    frame_rest: usize,
    /// Whether `pending` is a piece of a frame rather than of a line.
    in_frame: bool,
    /// The fourth byte of that frame.
    kind: u8,
    /// Why the program could not be executed, if it says so.
    pub(crate) not_executed: Option<String>,
}

impl LineParser {
    /// Takes what was read and emits every line and event that it completes.
    pub(crate) fn push(&mut self, bytes: &[u8], emit: &mut dyn FnMut(String)) {
        // Almost always the whole of it is lines.
        if self.pending.is_empty() && !self.in_frame && !bytes.contains(&FRAME_TYPE[0]) {
            return self.push_lines(bytes, emit);
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            rest = if self.in_frame {
                self.push_frame(rest, emit)
            } else {
                self.push_text(rest, emit)
            };
        }
    }

    /// Emits what has not ended: a line without its break or the piece of a frame.
    pub(crate) fn finish(&mut self, emit: &mut dyn FnMut(String)) {
        self.in_frame = false;
        self.frame_rest = 0;
        if !self.pending.is_empty() {
            emit(text(&self.pending));
            self.pending.clear();
        }
    }

    /// `bytes` hold no frame.
    fn push_lines(&mut self, bytes: &[u8], emit: &mut dyn FnMut(String)) {
        let mut lines = bytes.split(|byte| *byte == b'\n');
        let unfinished = lines.next_back().unwrap_or_default();
        for line in lines {
            if self.pending.is_empty() {
                emit_split(line, emit);
            } else {
                self.pending.extend_from_slice(line);
                emit_split(&self.pending, emit);
                self.pending.clear();
            }
        }
        self.pending.extend_from_slice(unfinished);
        self.split_pending(emit);
    }

    fn split_pending(&mut self, emit: &mut dyn FnMut(String)) {
        while self.pending.len() > LINE_BYTES_MAX {
            let end = boundary(&self.pending);
            emit(text(&self.pending[..end]));
            self.pending.drain(..end);
        }
    }

    /// Text up to the next frame; returns what follows.
    fn push_text<'a>(&mut self, bytes: &'a [u8], emit: &mut dyn FnMut(String)) -> &'a [u8] {
        // The beginning of a frame may have come with the last bytes: it stands at the end of `pending`.
        let held = self.held();
        let mut head = [0; 2 * FRAME_TYPE.len()];
        let from = self.pending.len() - held;
        head[..held].copy_from_slice(&self.pending[from..]);
        let more = bytes.len().min(FRAME_TYPE.len());
        head[held..held + more].copy_from_slice(&bytes[..more]);
        if held > 0 && head[..held + more].starts_with(&FRAME_TYPE) {
            self.pending.truncate(from);
            return self.begin_frame(&bytes[FRAME_TYPE.len() - held..], emit);
        }
        let mut from = 0;
        while let Some(at) = bytes[from..].iter().position(|byte| *byte == FRAME_TYPE[0]) {
            let at = from + at;
            let before = if at > 0 { Some(bytes[at - 1]) } else { self.pending.last().copied() };
            // Behind a byte of a longer character it is a part of that.
            let inside = before.is_some_and(|before| before >= 0x80);
            if !inside && bytes[at..].starts_with(&FRAME_TYPE) {
                self.push_lines(&bytes[..at], emit);
                return self.begin_frame(&bytes[at + FRAME_TYPE.len()..], emit);
            }
            from = at + 1;
        }
        self.push_lines(bytes, emit);
        &[]
    }

    /// How many of the last bytes of `pending` may be the beginning of a frame.
    fn held(&self) -> usize {
        let begins = |held: &usize| {
            let before = self.pending.strip_suffix(&FRAME_TYPE[..*held]);
            before.is_some_and(|before| before.last().is_none_or(|byte| *byte < 0x80))
        };
        (1..FRAME_TYPE.len()).rev().find(begins).unwrap_or(0)
    }

    /// `bytes` stand behind the first three of a frame.
    fn begin_frame<'a>(&mut self, bytes: &'a [u8], emit: &mut dyn FnMut(String)) -> &'a [u8] {
        self.finish(emit);
        self.in_frame = true;
        self.frame_rest = 0;
        self.pending.extend_from_slice(&FRAME_TYPE);
        bytes
    }

    fn push_frame<'a>(&mut self, bytes: &'a [u8], emit: &mut dyn FnMut(String)) -> &'a [u8] {
        let mut bytes = bytes;
        if self.frame_rest == 0 {
            let missing = FRAME_HEAD_BYTES - self.pending.len();
            let (head, rest) = bytes.split_at(missing.min(bytes.len()));
            self.pending.extend_from_slice(head);
            if self.pending.len() < FRAME_HEAD_BYTES {
                return rest;
            }
            self.kind = self.pending[3];
            let length = self.pending[4..8].try_into().map(u32::from_be_bytes).unwrap_or(0);
            self.frame_rest = length as usize;
            self.pending.clear();
            bytes = rest;
            if self.frame_rest == 0 {
                self.in_frame = false;
                if self.kind != READY {
                    emit(String::new());
                }
                return bytes;
            }
        }
        let (piece, rest) = bytes.split_at(self.frame_rest.min(bytes.len()));
        self.pending.extend_from_slice(piece);
        self.frame_rest -= piece.len();
        self.split_pending(emit);
        if self.frame_rest == 0 {
            self.in_frame = false;
            let event = text(self.pending.strip_suffix(b"\n").unwrap_or(&self.pending));
            if self.kind == NOT_EXECUTED {
                self.not_executed = Some(event);
            } else {
                emit(event);
            }
            self.pending.clear();
        }
        rest
    }
}

fn emit_split(line: &[u8], emit: &mut dyn FnMut(String)) {
    let mut rest = line;
    while rest.len() > LINE_BYTES_MAX {
        let (piece, more) = rest.split_at(boundary(rest));
        emit(text(piece));
        rest = more;
    }
    emit(text(rest));
}

/// Where to split a text that is longer than [`LINE_BYTES_MAX`]: not within a character.
fn boundary(bytes: &[u8]) -> usize {
    let back = bytes[..=LINE_BYTES_MAX]
        .iter()
        .rev()
        .take(4)
        .position(|byte| byte & 0xc0 != 0x80)
        .unwrap_or(0);
    LINE_BYTES_MAX - back
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(text: &str) -> Vec<u8> {
        let mut frame = vec![0xa5, 0x5a, 0, 3];
        frame.extend_from_slice(&(text.len() as u32).to_be_bytes());
        frame.extend_from_slice(&[7; 8]);
        frame.extend_from_slice(text.as_bytes());
        frame
    }

    /// Parses `bytes` in pieces of every size up to eight, which must not matter.
    fn parse(bytes: &[u8]) -> Vec<String> {
        let parse = |size: usize| {
            let mut parser = LineParser::default();
            let mut lines = Vec::new();
            for piece in bytes.chunks(size) {
                parser.push(piece, &mut |line| lines.push(line));
            }
            parser.finish(&mut |line| lines.push(line));
            lines
        };
        let whole = parse(bytes.len().max(1));
        for size in 1..9 {
            assert_eq!(parse(size), whole, "in pieces of {size}");
        }
        whole
    }

    #[test]
    fn lines() {
        assert_eq!(parse(b""), [""; 0]);
        assert_eq!(parse(b"a\n\nb"), ["a", "", "b"]);
        assert_eq!(parse("ü\nå\u{a5}Z\n".as_bytes()), ["ü", "å\u{a5}Z"]);
        assert_eq!(parse(b"\xff\n"), ["\u{fffd}"]);
    }

    #[test]
    fn frames() {
        let mut bytes = b"before".to_vec();
        bytes.extend(frame("one\ntwo\n"));
        bytes.extend(frame(""));
        bytes.extend(frame("ü"));
        bytes.extend(b"after\n");
        assert_eq!(parse(&bytes), ["before", "one\ntwo", "", "ü", "after"]);
        // What an interpreter says that is ready.
        let mut ready = [&FRAME_TYPE[..], &[0; 13]].concat();
        ready.extend(frame("first"));
        assert_eq!(parse(&ready), ["first"]);
        // What a sandbox says that could not execute its program.
        let mut parser = LineParser::default();
        let error = std::io::Error::from_raw_os_error(libc::ENOEXEC);
        let mut bytes = b"before\n".to_vec();
        bytes.extend(not_executed("/a", &error));
        let mut lines = Vec::new();
        parser.push(&bytes, &mut |line| lines.push(line));
        assert_eq!(lines, ["before"]);
        assert_eq!(parser.not_executed.as_deref(), Some("fork/exec /a: exec format error"));
        // Characters that end in the byte with which frames begin.
        assert_eq!(parse("åZ\0\n".as_bytes()), ["åZ\0"]);
        // A frame that does not end.
        assert_eq!(parse(&frame("abc")[..17]), ["a"]);
        assert_eq!(parse(b"x\n\xa5\x5a"), ["x", "\u{fffd}Z"]);
    }

    #[test]
    fn long_lines_are_split_between_characters() {
        let long = format!("x{}\ny", "ü".repeat(LINE_BYTES_MAX));
        let mut parser = LineParser::default();
        let mut lines = Vec::new();
        for piece in long.as_bytes().chunks(16 * 1024) {
            parser.push(piece, &mut |line| lines.push(line));
            assert!(parser.pending.len() <= LINE_BYTES_MAX);
        }
        assert_eq!(lines.len(), 3);
        assert!(
            lines.iter().all(|line| line.len() <= LINE_BYTES_MAX && !line.contains('\u{fffd}'))
        );
        assert_eq!(lines.concat() + "\ny", long);
        let event = frame(&long);
        let mut parser = LineParser::default();
        let mut events = Vec::new();
        parser.push(&event, &mut |line| events.push(line));
        assert_eq!(events.concat(), long);
    }
}
