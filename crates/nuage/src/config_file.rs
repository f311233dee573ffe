//! The configuration file, `nuage.toml`.
//!
//! ```toml
//! [runtimes]
//! "ruby3.2" = "/usr/bin/ruby"    # an interpreter for this runtime name, whatever its version
//! ```
//!
//! Looked for: the file that `--config` names; else `nuage.toml` in the working directory; else `nuage.toml` in the data
//! directory. The first that is there counts, alone.

use crate::failure::{Attempt, Failure, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

const NAME: &str = "nuage.toml";

/// What the file says. A name that is not known is a mistake, not a wish.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigFile {
    /// Runtime names of CreateFunction and the interpreters for them: absolute paths.
    #[serde(default)]
    pub runtimes: BTreeMap<String, PathBuf>,
}

impl ConfigFile {
    /// Reads the file that counts; without one, nothing is configured.
    pub fn find(named: Option<&Path>, data_dir: &Path) -> Result<Self> {
        if let Some(path) = named {
            let text = std::fs::read_to_string(path);
            return Self::parse(
                path,
                &text.attempt(format!("{} can not be read", path.display()))?,
            );
        }
        for path in [PathBuf::from(NAME), data_dir.join(NAME)] {
            match std::fs::read_to_string(&path) {
                Ok(text) => return Self::parse(&path, &text),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => {
                    return Err(Failure::new(format!(
                        "{} can not be read: {error}",
                        path.display()
                    )));
                }
            }
        }
        Ok(Self::default())
    }

    fn parse(path: &Path, text: &str) -> Result<Self> {
        let wrong = |what: String| {
            Failure::new(format!("{}: {what}", path.display())).hint(
                "it holds a table [runtimes] with lines such as \"ruby3.2\" = \"/usr/bin/ruby\"",
            )
        };
        let file: Self = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
        let known = engine_function::runtime_names();
        for (name, interpreter) in &file.runtimes {
            if !known.contains(&name.as_str()) {
                return Err(wrong(format!("there is no runtime named {name}")));
            }
            if !interpreter.is_absolute() {
                return Err(wrong(format!("the interpreter of {name} must be an absolute path")));
            }
        }
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> std::result::Result<BTreeMap<String, PathBuf>, String> {
        let parsed = ConfigFile::parse(Path::new("nuage.toml"), text);
        parsed.map(|file| file.runtimes).map_err(|failure| failure.message)
    }

    #[test]
    fn runtimes_are_mapped_to_absolute_paths() {
        let read = parse("[runtimes]\n\"ruby3.2\" = \"/usr/bin/ruby\"\n").unwrap();
        assert_eq!(read["ruby3.2"], Path::new("/usr/bin/ruby"));
        assert_eq!(parse("").unwrap().len(), 0);
        for (text, wrong) in [
            ("[runtimes]\n\"cobol85\" = \"/usr/bin/cobol\"", "there is no runtime named cobol85"),
            (
                "[runtimes]\n\"ruby3.2\" = \"ruby\"",
                "the interpreter of ruby3.2 must be an absolute path",
            ),
            ("[runtime]\n", "unknown field"),
            ("[runtimes", "TOML parse error"),
        ] {
            let said = parse(text).unwrap_err();
            assert!(said.contains(wrong), "{said}");
        }
    }

    #[test]
    fn the_first_file_counts() {
        let folder = tempfile::tempdir().unwrap();
        assert!(ConfigFile::find(Some(&folder.path().join("absent")), folder.path()).is_err());
        std::fs::write(folder.path().join(NAME), "[runtimes]\n\"java17\" = \"/j\"\n").unwrap();
        let named = folder.path().join("other");
        std::fs::write(&named, "[runtimes]\n\"java21\" = \"/k\"\n").unwrap();
        let names = |named: Option<&Path>| {
            let found = ConfigFile::find(named, folder.path()).unwrap();
            found.runtimes.into_keys().collect::<Vec<_>>()
        };
        assert_eq!(
            (names(None), names(Some(&named))),
            (vec!["java17".into()], vec!["java21".into()])
        );
    }
}
