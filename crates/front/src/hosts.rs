//! Host names: which ones are this cloud, and what they say of the service.

use std::net::IpAddr;

/// Domains whose every name means this cloud, as long as the client resolves it to here.
const DOMAINS: [&str; 4] = ["localhost", "localhost.localstack.cloud", "amazonaws.com", "on.aws"];

/// The `Host` header without its port, in lower case.
fn name(host: &str) -> String {
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or(""),
        None => host.split(':').next().unwrap_or(""),
    };
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// The labels before the domain, if `host` is a name of this cloud: one of its own or of `further` ones.
pub(crate) fn labels(host: &str, further: &[String]) -> Option<Vec<String>> {
    let name = name(host);
    // The longest domain first, so that `localhost.localstack.cloud` leaves no label behind.
    let domains = DOMAINS.iter().copied().chain(further.iter().map(String::as_str));
    let domain = domains.filter(|domain| is_within(&name, domain)).max_by_key(|d| d.len())?;
    let labels = name.strip_suffix(domain)?.trim_end_matches('.');
    Some(labels.split('.').filter(|label| !label.is_empty()).map(String::from).collect())
}

fn is_within(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Whether a request for `host` was meant for here. A web page whose own name an attacker has pointed at this machine (DNS
/// rebinding) sends that name; an address can not be pointed anywhere else.
pub(crate) fn is_own(host: &str, further: &[String]) -> bool {
    let name = name(host);
    name.parse::<IpAddr>().is_ok() || labels(host, further).is_some()
}

/// The service that the endpoint's name gives: `lambda` in `lambda.us-east-1.amazonaws.com`, `s3` in
/// `bucket.s3.localhost`. `is_service` knows the services' endpoint prefixes.
pub(crate) fn service(host: &str, is_service: impl Fn(&str) -> bool) -> Option<String> {
    labels(host, &[])?.into_iter().rev().find(|label| is_service(label))
}

/// The bucket that stands before the endpoint's name: `b` in `b.s3.localhost`, `b.s3.eu-west-1.amazonaws.com` and, since
/// SDKs put it before whatever endpoint they were given, `b.localhost`.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html>
pub(crate) fn bucket(host: &str, further: &[String]) -> Option<String> {
    let labels = labels(host, further)?;
    let is_endpoint = |from: usize| match &labels[from..] {
        [service] => is_s3(service),
        [service, region] => is_s3(service) && is_region(region),
        [service, dualstack, region] => {
            is_s3(service) && dualstack == "dualstack" && is_region(region)
        }
        _ => false,
    };
    let end = (0..labels.len()).find(|from| is_endpoint(*from)).unwrap_or(labels.len());
    (end > 0).then(|| labels[..end].join("."))
}

/// `s3`, or its old form with a region: `s3-eu-west-1`.
fn is_s3(label: &str) -> bool {
    label == "s3" || label.strip_prefix("s3-").is_some_and(is_region)
}

fn is_region(label: &str) -> bool {
    base::Region::parse(label).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_names() {
        for own in [
            "localhost",
            "localhost:4566",
            "LOCALHOST.",
            "127.0.0.1:4566",
            "[::1]:4566",
            "192.168.7.7",
            "s3.localhost:80",
            "bucket.s3.us-east-1.amazonaws.com",
            "localhost.localstack.cloud:4566",
            "abc.lambda-url.us-east-1.localhost.localstack.cloud",
            "nuage.test",
            "abc.lambda-url.us-east-1.nuage.test:4566",
            "abc.lambda-url.us-east-1.on.aws",
        ] {
            assert!(is_own(own, &["nuage.test".to_string()]), "{own}");
        }
        for other in ["", "example.com", "localhost.example.com", "notlocalhost", "xamazonaws.com"]
        {
            assert!(!is_own(other, &[]), "{other}");
        }
    }

    #[test]
    fn buckets() {
        let further = ["nuage.test".to_string()];
        for (host, expected) in [
            ("b.s3.localhost:4566", Some("b")),
            ("b.s3.eu-west-1.localhost", Some("b")),
            ("b.s3-eu-west-1.amazonaws.com", Some("b")),
            ("b.s3.dualstack.eu-west-1.amazonaws.com", Some("b")),
            ("a.dotted.name.s3.us-east-1.amazonaws.com", Some("a.dotted.name")),
            ("b.localhost:4566", Some("b")),
            ("b.localhost.localstack.cloud", Some("b")),
            ("b.s3.nuage.test", Some("b")),
            ("s3.localhost", None),
            ("s3.us-east-1.localhost", None),
            ("localhost:4566", None),
            ("127.0.0.1:4566", None),
            ("b.example.com", None),
        ] {
            assert_eq!(bucket(host, &further).as_deref(), expected, "{host}");
        }
    }

    #[test]
    fn services() {
        let service = |host| service(host, |label| ["s3", "lambda", "sqs"].contains(&label));
        assert_eq!(service("lambda.us-east-1.amazonaws.com").as_deref(), Some("lambda"));
        assert_eq!(service("lambda.s3.eu-west-1.amazonaws.com").as_deref(), Some("s3"));
        assert_eq!(
            service("sqs.us-east-1.localhost.localstack.cloud:4566").as_deref(),
            Some("sqs")
        );
        assert_eq!(service("us-east-1.amazonaws.com"), None);
        assert_eq!(service("lambda.example.com"), None);
        assert_eq!(service("127.0.0.1"), None);
    }
}
