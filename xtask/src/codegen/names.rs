//! Names of the models in Rust's manners.

/// The words of a name: `VPCConfig2IDs` is `VPC`, `Config2`, `IDs`.
fn words(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (index, &c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            continue;
        }
        if c.is_uppercase() && !word.is_empty() && begins_word(&chars, index) {
            words.push(std::mem::take(&mut word));
        }
        word.push(c);
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Whether the capital at `index` begins a word: behind a lower-case letter, or as the last capital before one, except
/// where that is the `s` of a plural such as `ARNs`.
fn begins_word(chars: &[char], index: usize) -> bool {
    if !chars[index - 1].is_uppercase() {
        return true;
    }
    let next_is_lower = chars.get(index + 1).is_some_and(|c| c.is_lowercase());
    let plural = chars.get(index + 1) == Some(&'s')
        && chars.get(index + 2).is_none_or(|c| !c.is_lowercase());
    next_is_lower && !plural
}

const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// A field: `FunctionName` is `function_name`, `Type` is `r#type`.
pub fn field(name: &str) -> String {
    let name = words(name).join("_").to_lowercase();
    if matches!(name.as_str(), "self" | "super" | "crate") {
        return format!("{name}_");
    }
    if KEYWORDS.contains(&name.as_str()) {
        return format!("r#{name}");
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("n{name}") } else { name }
}

/// A static: `FunctionName` is `FUNCTION_NAME`.
pub fn constant(name: &str) -> String {
    words(name).join("_").to_uppercase()
}

/// A variant of an enumeration: `nodejs20.x` is `Nodejs20X`, `AWS_IAM` is `AwsIam`, `python3.12` is `Python3_12`.
pub fn variant(value: &str) -> String {
    let mut out = String::new();
    for word in words(value) {
        let shouted = word.chars().all(|c| c.is_uppercase() || c.is_ascii_digit());
        let word = if shouted { word.to_lowercase() } else { word };
        let first_is_digit = word.starts_with(|c: char| c.is_ascii_digit());
        if first_is_digit && out.ends_with(|c: char| c.is_ascii_digit()) {
            out.push('_');
        }
        out.push_str(&capital(&word));
    }
    match out.as_str() {
        "" => "Empty".into(),
        "Self" => "Self_".into(),
        _ if out.starts_with(|c: char| c.is_ascii_digit()) => format!("V{out}"),
        _ => out,
    }
}

/// A type: the shape's own name, with a capital, unless Rust's prelude has it.
pub fn shape_type(name: &str) -> String {
    let name = capital(&name.replace(['_', '.'], ""));
    const PRELUDE: &[&str] = &[
        "BTreeMap", "Box", "Clone", "Copy", "Default", "From", "None", "Option", "Some", "String",
        "Vec",
    ];
    if PRELUDE.contains(&name.as_str()) { format!("{name}Shape") } else { name }
}

/// `name` with a capital.
pub fn capital(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect()
}

/// `wanted`, or with as many `_` as make it new among `taken`.
pub fn unique(mut wanted: String, taken: &mut std::collections::HashSet<String>) -> String {
    while !taken.insert(wanted.clone()) {
        wanted.push('_');
    }
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(field("FunctionName"), "function_name");
        assert_eq!(field("KMSKeyArn"), "kms_key_arn");
        assert_eq!(field("PolicyARNs"), "policy_arns");
        assert_eq!(field("Type"), "r#type");
        assert_eq!(constant("VpcConfig"), "VPC_CONFIG");
        assert_eq!(variant("nodejs20.x"), "Nodejs20X");
        assert_eq!(variant("python3.12"), "Python3_12");
        assert_eq!(variant("AWS_IAM"), "AwsIam");
        assert_eq!(variant("$LATEST"), "Latest");
        assert_eq!(variant("2012-10-17"), "V2012_10_17");
        assert_eq!(shape_type("Option"), "OptionShape");
    }
}
