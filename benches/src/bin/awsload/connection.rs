//! One kept-alive HTTP/1.1 connection, and reading answers.

use super::*;

pub struct Conn {
    pub addr: String,
    pub sock: Option<TcpStream>,
    pub buf: Vec<u8>,
    pub reconnects: u64,
}

pub struct Resp {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Resp {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Conn {
    pub fn new(addr: &str) -> Conn {
        Conn { addr: addr.into(), sock: None, buf: Vec::with_capacity(1 << 16), reconnects: 0 }
    }

    pub fn call(&mut self, bytes: &[u8]) -> R<Resp> {
        let fresh = self.sock.is_none();
        match self.once(bytes) {
            Ok(r) => Ok(r),
            // a kept-alive connection that the server has closed meanwhile: one new try
            Err(e) if !fresh && self.buf.is_empty() => {
                let _ = e;
                self.sock = None;
                self.once(bytes)
            }
            Err(e) => {
                self.sock = None;
                Err(e)
            }
        }
    }

    pub fn more(&mut self) -> R<()> {
        let mut chunk = [0u8; 65536];
        let n = self.sock.as_mut().unwrap().read(&mut chunk).map_err(|e| e.to_string())?;
        if n == 0 {
            return Err("closed by the server".into());
        }
        self.buf.extend_from_slice(&chunk[..n]);
        Ok(())
    }

    pub fn once(&mut self, bytes: &[u8]) -> R<Resp> {
        self.buf.clear();
        if self.sock.is_none() {
            let s = TcpStream::connect(&self.addr).map_err(|e| e.to_string())?;
            s.set_nodelay(true).map_err(|e| e.to_string())?;
            s.set_read_timeout(Some(Duration::from_secs(120))).map_err(|e| e.to_string())?;
            self.sock = Some(s);
            self.reconnects += 1;
        }
        self.sock.as_mut().unwrap().write_all(bytes).map_err(|e| e.to_string())?;
        loop {
            let head_end = loop {
                if let Some(i) = find(&self.buf, b"\r\n\r\n") {
                    break i + 4;
                }
                self.more()?;
            };
            let head = String::from_utf8_lossy(&self.buf[..head_end]).to_ascii_lowercase();
            let status: u16 =
                head.get(9..12).and_then(|s| s.parse().ok()).ok_or("no status line")?;
            if status == 100 {
                self.buf.drain(..head_end);
                continue;
            }
            let field = |n: &str| {
                head.lines().find_map(|l| l.strip_prefix(n).map(|v| v.trim().to_string()))
            };
            let body = if field("transfer-encoding:").is_some_and(|v| v.contains("chunked")) {
                let (mut at, mut body) = (head_end, Vec::new());
                loop {
                    let eol = loop {
                        if let Some(i) = find(&self.buf[at..], b"\r\n") {
                            break at + i;
                        }
                        self.more()?;
                    };
                    let line = String::from_utf8_lossy(&self.buf[at..eol]).into_owned();
                    let n = usize::from_str_radix(line.split(';').next().unwrap().trim(), 16)
                        .map_err(|_| format!("bad chunk size {line:?}"))?;
                    while self.buf.len() < eol + 2 + n + 2 {
                        self.more()?;
                    }
                    body.extend_from_slice(&self.buf[eol + 2..eol + 2 + n]);
                    at = eol + 2 + n + 2;
                    if n == 0 {
                        break body;
                    }
                }
            } else if let Some(n) = field("content-length:").and_then(|v| v.parse::<usize>().ok()) {
                while self.buf.len() < head_end + n {
                    self.more()?;
                }
                self.buf[head_end..head_end + n].to_vec()
            } else if status == 204 || status == 304 {
                vec![]
            } else {
                while self.more().is_ok() {}
                self.sock = None;
                self.buf[head_end..].to_vec()
            };
            if field("connection:").is_some_and(|v| v == "close") {
                self.sock = None;
            }
            return Ok(Resp { status, body });
        }
    }
}

pub fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len()).position(|w| w == needle)
}

/// The string value of a JSON key, found by name.
pub fn json_str(text: &str, key: &str) -> Option<String> {
    let mut rest = text;
    loop {
        let i = rest.find(&format!("\"{key}\""))?;
        rest = &rest[i + key.len() + 2..];
        if let Some(v) = rest.trim_start().strip_prefix(':')
            && let Some(v) = v.trim_start().strip_prefix('"')
        {
            let mut out = String::new();
            let mut it = v.chars();
            while let Some(ch) = it.next() {
                match ch {
                    '"' => return Some(out),
                    '\\' => out.push(it.next()?),
                    _ => out.push(ch),
                }
            }
        }
    }
}

pub fn xml_tag(text: &str, tag: &str) -> Option<String> {
    let a = text.find(&format!("<{tag}>"))? + tag.len() + 2;
    let b = text[a..].find("</")?;
    Some(text[a..a + b].to_string())
}

pub fn form_escape(s: &str) -> String {
    s.bytes().fold(String::new(), |mut o, b| {
        if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) {
            o.push(b as char);
        } else {
            let _ = write!(o, "%{b:02X}");
        }
        o
    })
}
