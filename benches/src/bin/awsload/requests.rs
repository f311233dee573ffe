//! Requests as AWS clients sign them.

use super::*;

#[derive(Clone)]
pub struct Cfg {
    pub host: String,
    pub region: String,
    pub access: String,
    pub secret: String,
}

pub struct Req {
    pub method: &'static str,
    pub path: String,
    pub service: &'static str,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

pub fn amz_now() -> String {
    let s = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
    let (days, rem) = (s / 86400, s % 86400);
    // civil date from day count (proleptic Gregorian)
    let z = days + 719468;
    let era = z / 146097;
    let doe = z - era * 146097;
    let yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let d = doy - (153 * mp + 2) / 5 + 1;
    let m = if mp < 10 { mp + 3 } else { mp - 9 };
    let y = yoe + era * 400 + if m <= 2 { 1 } else { 0 };
    format!("{y:04}{m:02}{d:02}T{:02}{:02}{:02}Z", rem / 3600, rem / 60 % 60, rem % 60)
}

impl Req {
    pub fn json(service: &'static str, target: &str, version: &str, body: String) -> Req {
        Req {
            method: "POST",
            path: "/".into(),
            service,
            headers: vec![
                ("content-type", format!("application/x-amz-json-{version}")),
                ("x-amz-target", target.to_string()),
            ],
            body: body.into_bytes(),
        }
    }
    pub fn query(service: &'static str, form: String) -> Req {
        Req {
            method: "POST",
            path: "/".into(),
            service,
            headers: vec![(
                "content-type",
                "application/x-www-form-urlencoded; charset=utf-8".into(),
            )],
            body: form.into_bytes(),
        }
    }
    pub fn rest(service: &'static str, method: &'static str, path: String, body: Vec<u8>) -> Req {
        Req { method, path, service, headers: vec![], body }
    }

    /// The whole request as bytes, signed with SigV4 over every header sent.
    pub fn sign(&self, c: &Cfg) -> Vec<u8> {
        let when = amz_now();
        let day = &when[..8];
        let digest = hex(&sha256(&self.body));
        let mut h: BTreeMap<&str, &str> = BTreeMap::new();
        h.insert("host", &c.host);
        h.insert("x-amz-date", &when);
        h.insert("x-amz-content-sha256", &digest);
        for (k, v) in &self.headers {
            h.insert(k, v);
        }
        let names = h.keys().copied().collect::<Vec<_>>().join(";");
        let (p, q) = self.path.split_once('?').unwrap_or((&self.path, ""));
        // As SDKs do for every service but S3: the path is escaped once more.
        let p = if self.service == "s3" { p.to_string() } else { p.replace('%', "%25") };
        let mut canon = format!("{}\n{p}\n{q}\n", self.method);
        for (k, v) in &h {
            let _ = writeln!(canon, "{k}:{}", v.trim());
        }
        let _ = write!(canon, "\n{names}\n{digest}");
        let scope = format!("{day}/{}/{}/aws4_request", c.region, self.service);
        let text = format!("AWS4-HMAC-SHA256\n{when}\n{scope}\n{}", hex(&sha256(canon.as_bytes())));
        let mut key = hmac(format!("AWS4{}", c.secret).as_bytes(), day.as_bytes());
        for part in [c.region.as_str(), self.service, "aws4_request"] {
            key = hmac(&key, part.as_bytes());
        }
        let sig = hex(&hmac(&key, text.as_bytes()));
        let mut out = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        for (k, v) in &h {
            let _ = write!(out, "{k}: {v}\r\n");
        }
        let _ = write!(
            out,
            "authorization: AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={sig}\r\n",
            c.access
        );
        let _ = write!(out, "content-length: {}\r\n\r\n", self.body.len());
        let mut out = out.into_bytes();
        out.extend_from_slice(&self.body);
        out
    }
}
