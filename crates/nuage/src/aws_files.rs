//! AWS's configuration files: a profile is put in without touching what else stands there.
//! <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html>

/// `text` with `settings` in `section`: lines that set the same keys are replaced, further ones are added, every other
/// line stays as it is, comments included.
pub fn with_section(text: &str, section: &str, settings: &[(&str, &str)]) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let wanted = format!("[{section}]");
    let is_header = |line: &str| line.trim_start().starts_with('[');
    let name = |line: &str| {
        let inner = line.trim().trim_start_matches('[').split(']').next().unwrap_or_default();
        format!("[{}]", inner.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let start = lines.iter().position(|line| is_header(line) && name(line) == wanted);
    let Some(start) = start else {
        let mut out = text.trim_end().to_string();
        if !out.is_empty() {
            out.push_str("\n\n");
        }
        out.push_str(&wanted);
        out.push('\n');
        for (key, value) in settings {
            out.push_str(&format!("{key} = {value}\n"));
        }
        return out;
    };
    let end = lines[start + 1..].iter().position(|line| is_header(line));
    let end = end.map_or(lines.len(), |at| start + 1 + at);
    let mut body: Vec<String> = lines[start + 1..end].iter().map(|line| line.to_string()).collect();
    for (key, value) in settings {
        let line = format!("{key} = {value}");
        // Indented lines belong to nested settings, such as those of `s3 =`.
        let same = |line: &&mut String| {
            !line.starts_with([' ', '\t'])
                && line.split_once('=').is_some_and(|(name, _)| name.trim() == *key)
        };
        match body.iter_mut().find(same) {
            Some(found) => *found = line,
            None => {
                let used = body.iter().rposition(|line| !line.trim().is_empty());
                body.insert(used.map_or(0, |at| at + 1), line);
            }
        }
    }
    let head = lines[..=start].iter().map(|line| line.to_string());
    let tail = lines[end..].iter().map(|line| line.to_string());
    let mut out = head.chain(body).chain(tail).collect::<Vec<_>>().join("\n");
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::with_section;

    const SETTINGS: &[(&str, &str)] =
        &[("region", "us-east-1"), ("endpoint_url", "http://127.0.0.1:4566")];

    #[test]
    fn new_files_and_new_profiles() {
        let profile = "[profile nuage]\nregion = us-east-1\nendpoint_url = http://127.0.0.1:4566\n";
        assert_eq!(with_section("", "profile nuage", SETTINGS), profile);
        let other = "[default]\nregion=eu-west-1\n";
        assert_eq!(with_section(other, "profile nuage", SETTINGS), format!("{other}\n{profile}"));
    }

    #[test]
    fn again_changes_nothing() {
        let once = with_section("# mine\n[default]\nx = 1\n", "profile nuage", SETTINGS);
        assert_eq!(with_section(&once, "profile nuage", SETTINGS), once);
    }

    #[test]
    fn everything_else_stays() {
        let before = "# a comment\n[profile  nuage ]\n# kept\nregion=eu-west-1\ns3 =\n  region = nested\n\n[other]\nregion = x\n";
        let after = "# a comment\n[profile  nuage ]\n# kept\nregion = us-east-1\ns3 =\n  region = nested\nendpoint_url = http://127.0.0.1:4566\n\n[other]\nregion = x\n";
        assert_eq!(with_section(before, "profile nuage", SETTINGS), after);
    }
}
