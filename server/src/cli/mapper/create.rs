//! `mapper new`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::project::Language;
use super::{ToolError, output, template};

/// The longest name. It becomes the name of a crate and of a package.
const NAME_MAX: usize = 40;

/// Arguments of `mapper new`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// What it is written in.
    #[arg(long)]
    lang: Language,
    /// The mapper's name, which its folder gets: small letters, digits and dashes.
    #[arg(value_parser = name)]
    name: String,
    /// Where the folder is made.
    #[arg(long, default_value = ".")]
    dir: PathBuf,
}

/// A name that crates and packages may have as well.
fn name(text: &str) -> Result<String, String> {
    let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
    let fits =
        text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if begins && fits && text.len() <= NAME_MAX && !text.ends_with('-') {
        return Ok(text.to_owned());
    }
    Err(format!(
        "must begin with a small letter and consist of small letters, digits and dashes, {NAME_MAX} at most"
    ))
}

pub(super) fn run(arguments: &Arguments) -> Result<(), ToolError> {
    let folder = arguments.dir.join(&arguments.name);
    write(&folder, arguments.lang, &arguments.name)?;
    output::line(&format!(
        "made {name} ({language})\n\n    cd {folder}\n    tillgate mapper build\n    tillgate mapper test\n\n\
         README.md tells what is what.",
        name = arguments.name,
        language = arguments.lang.as_str(),
        folder = folder.display(),
    ));
    Ok(())
}

/// Writes a new project into `folder`, which must not hold anything yet.
pub(super) fn write(folder: &Path, language: Language, name: &str) -> Result<(), ToolError> {
    let failed = |error: std::io::Error| ToolError::file(folder, &error);
    std::fs::create_dir_all(folder).map_err(failed)?;
    if std::fs::read_dir(folder).map_err(failed)?.next().is_some() {
        return Err(ToolError::wrong(format!(
            "{} holds something already: choose another name, or remove it",
            folder.display()
        )));
    }
    for file in template::files(language, name)? {
        let path = folder.join(file.path);
        let parent = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent).map_err(|error| ToolError::file(parent, &error))?;
        std::fs::write(&path, file.text).map_err(|error| ToolError::file(&path, &error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::mapper::project::Project;

    #[test]
    fn a_new_project_can_be_opened_and_is_not_written_over() {
        let parent = tempfile::tempdir().unwrap();
        for language in [Language::Rust, Language::JavaScript, Language::Python] {
            let folder = parent.path().join(language.as_str());
            write(&folder, language, "corner-shop").unwrap();
            let project = Project::open(&folder).unwrap();
            assert_eq!(project.manifest.name, "corner-shop");
            assert_eq!(project.manifest.language, language);
            assert!(project.settings().unwrap().contains_key("skip_tag"));
            let again = write(&folder, language, "corner-shop").unwrap_err().to_string();
            assert!(again.contains("holds something already"), "{again}");
        }
    }

    #[test]
    fn names_are_those_that_crates_and_packages_may_have() {
        for good in ["a", "corner-shop", "shop2"] {
            assert_eq!(name(good).as_deref(), Ok(good));
        }
        for bad in ["", "-a", "a-", "2shop", "Shop", "a_b", "../a", &"a".repeat(41)] {
            assert!(name(bad).is_err(), "{bad}");
        }
    }
}
