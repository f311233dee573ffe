use super::*;
use crate::sigv4::payload::hash_text;
use base::{Entropy, SeededEntropy, Time};
use http::{HeaderName, HeaderValue, Request};
use std::path::{Path, PathBuf};
use std::time::Duration;

const ACCESS_KEY_ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// A request as text, taken apart without an HTTP server's opinion of what may stand in it.
#[derive(Clone)]
struct Raw {
    method: String,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Raw {
    fn parse(text: &str) -> Raw {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let (line, lines) = head.split_once('\n').unwrap_or((head, ""));
        let (method, rest) = line.split_once(' ').unwrap();
        let uri = rest.rsplit_once(" HTTP").unwrap().0;
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let mut headers = HeaderMap::new();
        // A line that begins with white space goes on with the value of the line before it.
        for line in lines.replace("\n ", " ").lines() {
            let (name, value) = line.split_once(':').unwrap();
            headers.append(
                name.parse::<HeaderName>().unwrap(),
                HeaderValue::from_str(value.trim()).unwrap(),
            );
        }
        Raw {
            method: method.into(),
            path: path.into(),
            query: query.into(),
            headers,
            body: body.into(),
        }
    }

    fn head(&self) -> Head<'_> {
        Head { method: &self.method, path: &self.path, query: &self.query, headers: &self.headers }
    }

    /// Everything that the front end checks, in its order.
    fn check(&self, now: Time) -> Result<(), Refusal> {
        self.check_with(&Verifier::default(), SECRET, now)
    }

    fn check_with(&self, verifier: &Verifier, secret: &str, now: Time) -> Result<(), Refusal> {
        let head = self.head();
        let claim = Claim::parse(&head)?.ok_or(Refusal::Missing)?;
        claim.check_time(now)?;
        claim.check_signed_headers(&head)?;
        let hash = Payload::of(&head, &claim)?.hash(&self.body)?;
        if claim.access_key_id() != ACCESS_KEY_ID {
            return Err(Refusal::Mismatch);
        }
        verifier.verify(&head, &claim, secret, &hash)
    }
}

fn now() -> Time {
    super::stamp::parse("20150830T123600Z").unwrap()
}

/// The published suite, as botocore's source distribution carries it; `cargo xtask setup` fetches it.
fn suite() -> Option<PathBuf> {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/vectors");
    let botocore = std::fs::read_dir(vectors).ok()?.flatten().map(|entry| entry.path());
    botocore.map(|dir| dir.join("tests/unit/auth/aws4_testsuite")).find(|dir| dir.is_dir())
}

fn requests_of(dir: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => requests_of(&path, into),
            false if path.extension().is_some_and(|e| e == "req") => into.push(path),
            false => {}
        }
    }
}

/// Each request of the suite: canonical request and signature are the published ones.
#[test]
fn published_suite() {
    let Some(suite) = suite() else {
        assert!(std::env::var_os("NUAGE_REQUIRE_VECTORS").is_none(), "target/vectors is empty");
        println!("skipped: published_suite: target/vectors holds no source of botocore");
        return;
    };
    let mut files = Vec::new();
    requests_of(&suite, &mut files);
    assert_eq!(files.len(), 34);
    for file in files {
        let read = |extension: &str| {
            std::fs::read_to_string(file.with_extension(extension)).unwrap().replace('\r', "")
        };
        let mut raw = Raw::parse(&read("req"));
        let authorization = read("authz");
        let expected = read("creq");
        if expected.contains("\nx-amz-security-token:")
            && !raw.headers.contains_key("x-amz-security-token")
        {
            let token = expected.lines().find_map(|l| l.strip_prefix("x-amz-security-token:"));
            let token = HeaderValue::from_str(token.unwrap()).unwrap();
            raw.headers.insert("x-amz-security-token", token);
        }
        let value = HeaderValue::from_str(authorization.trim()).unwrap();
        raw.headers.insert("authorization", value);
        let head = raw.head();
        let claim = Claim::parse(&head).unwrap().unwrap();
        let mut text = Vec::new();
        let (style, hash) = (canonical::PathStyle::Normalized, hash_text(&raw.body));
        assert!(canonical::write(&mut text, &head, style, &claim.signed_headers, &hash));
        assert_eq!(String::from_utf8_lossy(&text), expected, "{}", file.display());
        let result = raw.check(now());
        assert_eq!(result, Ok(()), "{}", file.display());
    }
}

/// `Raw::parse`d and signed, so that its parts can be changed one by one.
fn signed() -> Raw {
    let body = b"Action=GetCallerIdentity&Version=2011-06-15".to_vec();
    let mut request = Request::builder()
        .method("POST")
        .uri("/functions/f%20one/invoke/?b=2&a=1%2F2&c")
        .header("host", "sts.us-east-1.amazonaws.com")
        .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
        .header("x-amz-target", "Target.Operation")
        .header("x-amz-meta-tag", "  two   words ")
        .body(())
        .unwrap();
    sign(&mut request, &body, key("sts"), now()).unwrap();
    Raw {
        method: request.method().to_string(),
        path: request.uri().path().to_string(),
        query: request.uri().query().unwrap().to_string(),
        headers: request.headers().clone(),
        body,
    }
}

fn key(service: &str) -> SigningKey<'_> {
    SigningKey {
        access_key_id: ACCESS_KEY_ID,
        secret_access_key: SECRET,
        session_token: Some("token"),
        region: "us-east-1",
        service,
    }
}

#[test]
fn what_is_signed_here_verifies_here() {
    assert_eq!(signed().check(now()), Ok(()));
    // A derived key is kept with the secret that it came from.
    let verifier = Verifier::default();
    assert_eq!(signed().check_with(&verifier, SECRET, now()), Ok(()));
    assert_eq!(signed().check_with(&verifier, "another", now()), Err(Refusal::Mismatch));
    assert_eq!(signed().check_with(&verifier, SECRET, now()), Ok(()));
}

/// Changes one byte, somewhere in what the signature covers or in the signature: never accepted.
///
/// Changes that mean the same request are left out: white space in headers that is folded away.
#[test]
fn a_thousand_mutations() {
    let entropy = SeededEntropy::new(42);
    let original = signed();
    let verifier = Verifier::default();
    let pick = |n: usize| (entropy.next_u64() % n as u64) as usize;
    let mut tried = 0;
    while tried < 1_000 {
        let mut raw = original.clone();
        let mutate = |bytes: &mut Vec<u8>| {
            let at = pick(bytes.len().max(1));
            let byte = b'!' + pick(94) as u8;
            match pick(3) {
                0 if !bytes.is_empty() => {
                    bytes.remove(at);
                }
                1 => bytes.insert(at, byte),
                _ if !bytes.is_empty() => bytes[at] = byte,
                _ => {}
            }
        };
        let text = |text: &str| {
            let mut bytes = text.as_bytes().to_vec();
            mutate(&mut bytes);
            String::from_utf8(bytes).unwrap()
        };
        let what = match pick(6) {
            0 => {
                raw.method = text(&raw.method);
                format!("method {}", raw.method)
            }
            1 => {
                raw.path = text(&raw.path);
                format!("path {}", raw.path)
            }
            2 => {
                raw.query = text(&raw.query);
                format!("query {}", raw.query)
            }
            3 => {
                mutate(&mut raw.body);
                format!("body {:?}", raw.body)
            }
            _ => {
                let names: Vec<_> = raw.headers.keys().cloned().collect();
                let name = names[pick(names.len())].clone();
                let value = text(raw.headers[&name].to_str().unwrap());
                let Ok(header) = HeaderValue::from_str(&value) else { continue };
                raw.headers.insert(name.clone(), header);
                format!("{name}: {value}")
            }
        };
        if same_meaning(&original, &raw) {
            continue;
        }
        tried += 1;
        let result = raw.check_with(&verifier, SECRET, now());
        assert!(result.is_err(), "accepted: {what}");
    }
}

/// Whether two requests say the same in different bytes.
fn same_meaning(a: &Raw, b: &Raw) -> bool {
    // Independent of the code under test: compares values, not canonical text.
    let words = |raw: &Raw| -> Vec<(String, String)> {
        let headers = raw.headers.iter().map(|(name, value)| {
            let value = value.to_str().unwrap().replace(", ", ",");
            (name.to_string(), value.split_whitespace().collect::<Vec<_>>().join(" "))
        });
        headers.collect()
    };
    let path = |raw: &Raw| -> (Vec<String>, bool) {
        let parts = raw.path.split('/').filter(|part| !matches!(*part, "" | "."));
        (parts.map(String::from).collect(), raw.path.ends_with('/'))
    };
    let query = |raw: &Raw| -> Vec<(String, String)> {
        let mut pairs: Vec<_> = canonical::pairs(&raw.query)
            .map(|(n, v)| (canonical::decoded(n).into_owned(), canonical::decoded(v).into_owned()))
            .collect();
        pairs.sort();
        pairs
    };
    a.method == b.method
        && path(a) == path(b)
        && query(a) == query(b)
        && words(a) == words(b)
        && a.body == b.body
}

#[test]
fn a_date_counts_for_fifteen_minutes() {
    let raw = signed();
    let minutes = |n: u64| Duration::from_secs(60 * n);
    assert_eq!(raw.check(now() + minutes(15)), Ok(()));
    assert_eq!(raw.check(now() - minutes(15)), Ok(()));
    assert_eq!(
        raw.check(now() + minutes(16)),
        Err(Refusal::Expired(
            "Signature expired: 20150830T123600Z is now earlier than 20150830T123700Z (20150830T125200Z - 15 min.)".into()
        ))
    );
    assert_eq!(
        raw.check(now() - minutes(16)),
        Err(Refusal::Expired(
            "Signature not yet current: 20150830T123600Z is still later than 20150830T123500Z (20150830T122000Z + 15 min.)".into()
        ))
    );
}

#[test]
fn what_must_be_signed() {
    let mut raw = signed();
    raw.headers.insert("x-amz-copy-source", HeaderValue::from_static("b/k"));
    assert_eq!(raw.check(now()), Err(Refusal::NotSigned("x-amz-copy-source".into())));
    let mut raw = signed();
    let header = raw.headers["authorization"].to_str().unwrap().replace("host;", "");
    raw.headers.insert("authorization", HeaderValue::from_str(&header).unwrap());
    assert!(
        matches!(raw.check(now()), Err(Refusal::OutOfScope(text)) if text.starts_with("'Host'"))
    );
    // Signed, but gone on the way.
    let mut raw = signed();
    raw.headers.remove("x-amz-meta-tag");
    assert_eq!(raw.check(now()), Err(Refusal::Mismatch));
}

#[test]
fn malformed_authorization() {
    let check = |authorization: &str, expected: &str| {
        let mut raw = signed();
        raw.headers.insert("authorization", HeaderValue::from_str(authorization).unwrap());
        match raw.check(now()).unwrap_err() {
            Refusal::Incomplete(text) | Refusal::OutOfScope(text) => {
                assert!(text.starts_with(expected), "{text}");
            }
            other => panic!("{other:?}"),
        }
    };
    check("AWS4-HMAC-SHA256", "'' not a valid key=value pair (missing equal-sign)");
    check(
        "AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws4_request",
        "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization=",
    );
    check(
        "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=0",
        "Credential must have exactly 5 slash-delimited elements",
    );
    check(
        "AWS4-HMAC-SHA256 Credential=a/20150831/r/s/aws4_request, SignedHeaders=host, Signature=0",
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20150831' != '20150830', from '20150830T123600Z'.",
    );
    check(
        "AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws5_request, SignedHeaders=host, Signature=0",
        "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'.",
    );
    check("AWS4-ECDSA-P256-SHA256 Credential=a/b, Signature=0", "Unsupported AWS 'algorithm'");
    check("AWS AKID:signature", "Unsupported AWS 'algorithm'");
    let mut raw = signed();
    raw.headers.insert("authorization", HeaderValue::from_static("Bearer x"));
    assert_eq!(raw.check(now()), Err(Refusal::Missing));
    let mut raw = signed();
    raw.headers.remove("x-amz-date");
    assert!(
        matches!(raw.check(now()), Err(Refusal::Incomplete(text)) if text.contains("'X-Amz-Date' or a 'Date'"))
    );
}

/// A URL whose query carries the signature.
fn presigned(service: &str, expires: &str) -> Raw {
    let query = format!(
        "Action=GetCallerIdentity&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={ACCESS_KEY_ID}%2F20150830%2Fus-east-1%2F{service}%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires={expires}&X-Amz-Security-Token=t%2Bk&X-Amz-SignedHeaders=host"
    );
    let mut raw = Raw::parse("GET / HTTP/1.1\nhost:sts.amazonaws.com");
    raw.query = query;
    let hash = match service {
        "s3" => "UNSIGNED-PAYLOAD".to_string(),
        _ => hash_text(b""),
    };
    let mut text = Vec::new();
    canonical::write(&mut text, &raw.head(), canonical::PathStyle::of(service), "host", &hash);
    let scope = format!("20150830/us-east-1/{service}/aws4_request");
    let text = verify::string_to_sign("20150830T123600Z", &scope, &text);
    let key = keys::derive(SECRET, "20150830", "us-east-1", service);
    raw.query += &format!("&X-Amz-Signature={}", hex_text(&keys::mac(key, &text)));
    raw
}

#[test]
fn presigned_urls() {
    for service in ["sts", "s3"] {
        let raw = presigned(service, "3600");
        assert_eq!(raw.check(now()), Ok(()), "{service}");
        assert_eq!(raw.check(now() + Duration::from_secs(3600)), Ok(()));
        assert!(matches!(
            raw.check(now() + Duration::from_secs(3601)),
            Err(Refusal::Expired(text)) if text.ends_with("- 60 min.)")
        ));
        let head = raw.head();
        let claim = Claim::parse(&head).unwrap().unwrap();
        assert_eq!(claim.session_token.as_deref(), Some("t+k"));
        assert!(claim.is_presigned());
        let mut other = raw.clone();
        other.query = other.query.replace("GetCallerIdentity", "GetSessionToken");
        assert_eq!(other.check(now()), Err(Refusal::Mismatch));
        // A body that nobody signed counts for S3 alone, where the model says so.
        let mut with_body = raw.clone();
        with_body.body = b"x".to_vec();
        assert_eq!(with_body.check(now()).is_ok(), service == "s3");
    }
    for (expires, text) in [
        ("0", "X-Amz-Expires must be non-negative"),
        ("-1", "X-Amz-Expires must be non-negative"),
        ("x", "X-Amz-Expires should be a number"),
        ("604801", "X-Amz-Expires must be less than a week (in seconds) that is 604800"),
    ] {
        assert_eq!(presigned("sts", expires).check(now()), Err(Refusal::Incomplete(text.into())));
    }
    let mut raw = presigned("sts", "60");
    raw.query = raw.query.replace("X-Amz-Date", "X-Amz-Dat");
    assert!(matches!(
        raw.check(now()),
        Err(Refusal::Incomplete(text)) if text.starts_with("AWS query-string parameters must include 'X-Amz-Date'.")
    ));
}

#[test]
fn a_declared_hash_binds_the_body() {
    let declaring = |hash: &str| {
        let mut raw = signed();
        let builder = Request::post("/").header("host", "h");
        let mut request = builder.header("x-amz-content-sha256", hash).body(()).unwrap();
        sign(&mut request, &raw.body, key("sts"), now()).unwrap();
        (raw.path, raw.query, raw.headers) = ("/".into(), String::new(), request.headers().clone());
        raw.check(now())
    };
    assert_eq!(declaring(&hash_text(&signed().body)), Ok(()));
    assert_eq!(declaring(&hash_text(b"x")), Err(Refusal::PayloadMismatch));
    assert!(matches!(declaring("nonsense"), Err(Refusal::Malformed(_))));
}

mod chunks {
    use super::*;

    /// The example of <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html>: 65 KiB of `a` in chunks of
    /// 64 KiB, 1 KiB and nothing.
    fn example() -> (Verified, Vec<u8>) {
        let raw = Raw::parse(concat!(
            "PUT /examplebucket/chunkObject.txt HTTP/1.1\n",
            "host:s3.amazonaws.com\n",
            "x-amz-date:20130524T000000Z\n",
            "x-amz-storage-class:REDUCED_REDUNDANCY\n",
            "authorization:AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,",
            "SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;",
            "x-amz-decoded-content-length;x-amz-storage-class,",
            "Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9\n",
            "x-amz-content-sha256:STREAMING-AWS4-HMAC-SHA256-PAYLOAD\n",
            "content-encoding:aws-chunked\n",
            "x-amz-decoded-content-length:66560\n",
            "content-length:66824",
        ));
        let head = raw.head();
        let claim = Claim::parse(&head).unwrap().unwrap();
        let payload = Payload::of(&head, &claim).unwrap();
        assert_eq!(payload, Payload::SignedChunks { trailer: false });
        let hash = payload.hash(&[]).unwrap();
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        let seed = Verifier::default().verify_chunked(&head, &claim, secret, &hash).unwrap();
        let mut body = Vec::new();
        for (size, signature) in [
            (65_536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
            (1_024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
            (0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
        ] {
            body.extend_from_slice(format!("{size:x};chunk-signature={signature}\r\n").as_bytes());
            body.extend(std::iter::repeat_n(b'a', size));
            body.extend_from_slice(b"\r\n");
        }
        (seed, body)
    }

    fn decode(mut decoder: ChunkDecoder, body: &[u8], piece: usize) -> Result<Vec<u8>, Refusal> {
        let mut out = Vec::new();
        for piece in body.chunks(piece) {
            decoder.push(piece, &mut out)?;
        }
        decoder.finish().map(|_| out)
    }

    #[test]
    fn published_example_in_any_pieces() {
        for piece in [1, 7, 1_000, 70_000] {
            let (seed, body) = example();
            let decoder = ChunkDecoder::new(Some(seed), false, 66_560);
            assert_eq!(decode(decoder, &body, piece), Ok(vec![b'a'; 66_560]));
        }
    }

    #[test]
    fn no_changed_byte_and_no_missing_byte_is_accepted() {
        let entropy = SeededEntropy::new(1);
        let length = example().1.len();
        // Every byte around the chunks, and some of the data.
        let edges = (0..90).chain(65_620..65_720).chain(66_700..length);
        let random = (0..40).map(|_| (entropy.next_u64() % length as u64) as usize);
        for at in edges.chain(random) {
            let (seed, mut body) = example();
            let same_number =
                at < 86 && body[at].eq_ignore_ascii_case(&(body[at] ^ 0x20)) && at < 5;
            if same_number {
                continue;
            }
            body[at] ^= 1;
            let decoder = ChunkDecoder::new(Some(seed), false, 66_560);
            assert!(decode(decoder, &body, 4096).is_err(), "byte {at}");
            let (seed, mut body) = example();
            body.truncate(at);
            let decoder = ChunkDecoder::new(Some(seed), false, 66_560);
            assert!(decode(decoder, &body, 4096).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn declared_length_is_a_bound() {
        for length in [66_559, 66_561] {
            let (seed, body) = example();
            assert!(decode(ChunkDecoder::new(Some(seed), false, length), &body, 512).is_err());
        }
        let endless = vec![b'1'; 10_000];
        assert!(matches!(
            decode(ChunkDecoder::new(None, true, u64::MAX), &endless, 10_000),
            Err(Refusal::Malformed(_))
        ));
    }

    #[test]
    fn unsigned_chunks_with_a_trailer() {
        let body = b"5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n";
        let mut decoder = ChunkDecoder::new(None, true, 11);
        let mut out = Vec::new();
        decoder.push(body, &mut out).unwrap();
        assert_eq!(out, b"hello world");
        let trailers = decoder.finish().unwrap();
        assert_eq!(trailers, [("x-amz-checksum-crc32".to_string(), "DUoRhQ==".to_string())]);
    }

    /// The example of <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html>.
    #[test]
    fn signed_trailer() {
        let (mut seed, _) = example();
        seed.signature = *b"106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";
        let mut body = Vec::new();
        for (size, signature) in [
            (65_536, "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2"),
            (1_024, "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7"),
            (0, "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992"),
        ] {
            body.extend_from_slice(format!("{size:x};chunk-signature={signature}\r\n").as_bytes());
            if size > 0 {
                body.extend(std::iter::repeat_n(b'a', size));
                body.extend_from_slice(b"\r\n");
            }
        }
        body.extend_from_slice(b"x-amz-checksum-crc32c:sOO8/Q==\r\n");
        let signed_to = body.len();
        body.extend_from_slice(
            b"x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n",
        );
        let again = || Verified {
            key: seed.key.clone(),
            timestamp: seed.timestamp.clone(),
            scope: seed.scope.clone(),
            signature: seed.signature,
        };
        let decoder = ChunkDecoder::new(Some(again()), true, 66_560);
        assert_eq!(decode(decoder, &body, 3_000).map(|out| out.len()), Ok(66_560));
        let mut changed = body.clone();
        changed[signed_to - 5] ^= 1;
        let decoder = ChunkDecoder::new(Some(again()), true, 66_560);
        assert_eq!(decode(decoder, &changed, 3_000), Err(Refusal::Mismatch));
        let mut unsigned = body[..signed_to].to_vec();
        unsigned.extend_from_slice(b"\r\n");
        let decoder = ChunkDecoder::new(Some(again()), true, 66_560);
        assert!(matches!(decode(decoder, &unsigned, 3_000), Err(Refusal::Malformed(_))));
    }
}
