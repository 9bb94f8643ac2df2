//! What a new project consists of. The files are real ones of this repository, in `plugins/templates`, and go into the
//! program with it: a project can be made where there is no checkout.

use super::ToolError;
use super::bindings;
use super::project::Language;

/// The name that stands in the templates' files in place of the project's.
const PLACEHOLDER: &str = "my-mapper";
/// Where the templates say what their language needs.
const TOOLCHAIN_MARK: &str = "{{toolchain}}\n";
/// What marks the language in the manifest.
const LANGUAGE_MARK: &str = "{{language}}";

/// A file of a new project.
#[derive(Debug)]
pub(super) struct File {
    /// Where it goes, from the project's folder.
    pub(super) path: &'static str,
    /// What is in it.
    pub(super) text: String,
}

/// A file as it lies in the repository.
struct Source {
    path: &'static str,
    text: &'static str,
}

/// Files of `plugins/`, each with its place in a project.
macro_rules! sources {
    ($($path:literal = $from:literal),* $(,)?) => {
        &[$(Source {
            path: $path,
            text: include_str!(concat!("../../../../plugins/", $from)),
        }),*]
    };
}

/// The contract, from the crate that serves it.
macro_rules! contract {
    ($($name:literal),*) => {
        &[$(Source {
            path: concat!("wit/", $name),
            text: include_str!(concat!("../../../../mappers/wit/1.0/", $name)),
        }),*]
    };
}

const CONTRACT: &[Source] = contract!["mapper.wit", "products.wit", "types.wit"];

const COMMON: &[Source] = sources![
    ".gitignore" = "templates/common/gitignore",
    "README.md" = "templates/common/README.md",
    "mapper.toml" = "templates/common/mapper.toml",
    "settings.json" = "templates/common/settings.json",
    "fixtures/inconsistent-order.json" = "templates/common/fixtures/inconsistent-order.json",
    "fixtures/paid-order.json" = "templates/common/fixtures/paid-order.json",
    "fixtures/refunded-order.json" = "templates/common/fixtures/refunded-order.json",
    "fixtures/till-order.json" = "templates/common/fixtures/till-order.json",
    "fixtures/wholesale-order.json" = "templates/common/fixtures/wholesale-order.json",
    "golden/inconsistent-order.json" = "templates/common/golden/inconsistent-order.json",
    "golden/paid-order.json" = "templates/common/golden/paid-order.json",
    "golden/refunded-order.json" = "templates/common/golden/refunded-order.json",
    "golden/till-order.json" = "templates/common/golden/till-order.json",
    "golden/wholesale-order.json" = "templates/common/golden/wholesale-order.json",
];

const RUST: &[Source] = sources![
    "Cargo.toml" = "templates/rust/Cargo.toml",
    "rust-toolchain.toml" = "templates/rust/rust-toolchain.toml",
    "src/lib.rs" = "templates/rust/src/lib.rs",
    "src/money.rs" = "templates/rust/src/money.rs",
    "src/order.rs" = "templates/rust/src/order.rs",
    "src/people.rs" = "templates/rust/src/people.rs",
    "src/product.rs" = "templates/rust/src/product.rs",
    "src/settings.schema.json" = "templates/rust/src/settings.schema.json",
    "src/tenders.rs" = "templates/rust/src/tenders.rs",
    "sdk/Cargo.toml" = "templates/rust/sdk/Cargo.toml",
];

/// The guest SDK, but for its bindings: those are generated.
const SDK: &[Source] = sources![
    "sdk/src/amount.rs" = "src/amount.rs",
    "sdk/src/arena.rs" = "src/arena.rs",
    "sdk/src/json.rs" = "src/json.rs",
    "sdk/src/json/reader.rs" = "src/json/reader.rs",
    "sdk/src/lib.rs" = "src/lib.rs",
    "sdk/src/money.rs" = "src/money.rs",
    "sdk/src/pattern.rs" = "src/pattern.rs",
];

const JAVASCRIPT: &[Source] = sources![
    "package.json" = "templates/javascript/package.json",
    "src/mapper.js" = "templates/javascript/src/mapper.js",
    "src/money.js" = "templates/javascript/src/money.js",
    "src/order.js" = "templates/javascript/src/order.js",
    "src/product.js" = "templates/javascript/src/product.js",
];

const PYTHON: &[Source] = sources![
    "requirements.txt" = "templates/python/requirements.txt",
    "src/mapper.py" = "templates/python/src/mapper.py",
    "src/money.py" = "templates/python/src/money.py",
    "src/order.py" = "templates/python/src/order.py",
    "src/product.py" = "templates/python/src/product.py",
];

/// All files of a new project.
pub(super) fn files(language: Language, name: &str) -> Result<Vec<File>, ToolError> {
    let own = match language {
        Language::Rust => [RUST, SDK],
        Language::JavaScript => [JAVASCRIPT, &[]],
        Language::Python => [PYTHON, &[]],
    };
    let written = |source: &Source| File { path: source.path, text: fill(source, language, name) };
    let mut files: Vec<File> =
        COMMON.iter().chain(own.into_iter().flatten()).map(written).collect();
    files.extend(CONTRACT.iter().map(|it| File { path: it.path, text: it.text.to_owned() }));
    if language == Language::Rust {
        let text = bindings::rust(CONTRACT.iter().map(|it| (it.path, it.text)))?;
        files.push(File { path: "sdk/src/bindings.rs", text });
    }
    files.sort_by_key(|file| file.path);
    Ok(files)
}

fn fill(source: &Source, language: Language, name: &str) -> String {
    let toolchain = match language {
        Language::Rust => include_str!("../../../../plugins/templates/rust/TOOLCHAIN.md"),
        Language::JavaScript => {
            include_str!("../../../../plugins/templates/javascript/TOOLCHAIN.md")
        }
        Language::Python => include_str!("../../../../plugins/templates/python/TOOLCHAIN.md"),
    };
    source
        .text
        .replace(PLACEHOLDER, name)
        .replace(LANGUAGE_MARK, language.as_str())
        .replace(TOOLCHAIN_MARK, toolchain)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use super::*;

    fn repository() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
    }

    /// The files below a folder, by their paths from it.
    fn below(folder: &Path) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(next) = folders.pop() {
            for entry in std::fs::read_dir(next).unwrap().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.insert(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
                }
            }
        }
        found
    }

    fn names(sources: &[Source], prefix: &str) -> BTreeSet<String> {
        sources.iter().map(|it| it.path.strip_prefix(prefix).unwrap().to_owned()).collect()
    }

    #[test]
    fn nothing_of_the_templates_the_sdk_and_the_contract_is_left_out() {
        let plugins = repository().join("plugins");
        let mut sdk = names(SDK, "sdk/src/");
        sdk.insert("bindings.rs".to_owned());
        assert_eq!(sdk, below(&plugins.join("src")));
        assert_eq!(names(CONTRACT, "wit/"), below(&repository().join("mappers/wit/1.0")));
        for (language, sources) in
            [("common", COMMON), ("rust", RUST), ("javascript", JAVASCRIPT), ("python", PYTHON)]
        {
            let mut named = names(sources, "");
            if named.remove(".gitignore") {
                named.insert("gitignore".to_owned());
            } else {
                named.insert("TOOLCHAIN.md".to_owned());
            }
            assert_eq!(named, below(&plugins.join("templates").join(language)));
        }
    }

    #[test]
    fn every_mark_is_filled_in() {
        for language in [Language::Rust, Language::JavaScript, Language::Python] {
            for file in files(language, "corner-shop").unwrap() {
                let marked = [PLACEHOLDER, "{{"].into_iter().find(|mark| file.text.contains(mark));
                let generated = file.path == "sdk/src/bindings.rs";
                assert!(marked.is_none() || generated, "{}: {marked:?}", file.path);
            }
        }
    }

    /// The bindings call the runtime crate by functions that come and go with its version.
    #[test]
    fn the_sdk_pins_the_version_that_its_bindings_are_generated_for() {
        let bindings = files(Language::Rust, "a").unwrap();
        let text = |path| &bindings.iter().find(|file| file.path == path).unwrap().text;
        let pinned = text("sdk/Cargo.toml").split("version = \"=").nth(1).unwrap();
        let pinned = pinned.split('"').next().unwrap();
        let generated = format!("Generated by `wit-bindgen` {pinned}.");
        assert!(text("sdk/src/bindings.rs").contains(&generated), "{generated}");
    }
}
