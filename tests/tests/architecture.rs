//! The arrows between crates, the size of files, and what may stand where (ARCHITECTURE.md).

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Which of our crates each of our crates may depend on.
const ARROWS: &[(&str, &[&str])] = &[
    ("tillgate-domain", &[]),
    ("tillgate-migrations", &[]),
    ("tillgate-shopify", &[]),
    ("tillgate-plugins", &[]),
    ("tillgate-standard", &["tillgate-plugins"]),
    ("tillgate-consignment", &["tillgate-plugins", "tillgate-standard"]),
    ("tillgate-mappers", &["tillgate-domain"]),
    ("tillgate-storage", &["tillgate-domain", "tillgate-migrations"]),
    ("tillgate-simulator", &["tillgate-shopify"]),
    (
        "tillgate",
        &[
            "tillgate-domain",
            "tillgate-mappers",
            // An author's mapper is measured beside the standard one as a function.
            "tillgate-plugins",
            "tillgate-shopify",
            "tillgate-simulator",
            "tillgate-standard",
            "tillgate-storage",
        ],
    ),
    ("tillgate-test-services", &[]),
];

/// Frameworks that some crates must not know.
const STRANGERS: &[(&str, &[&str])] = &[
    (
        "tillgate-domain",
        &[
            "tokio",
            "async-trait",
            "axum",
            "async-graphql",
            "sea-orm",
            "wasmtime",
            "reqwest",
            "rand",
        ],
    ),
    ("tillgate-mappers", &["axum", "async-graphql", "sea-orm", "deadpool-redis", "reqwest"]),
    ("tillgate-storage", &["axum", "async-graphql", "wasmtime", "reqwest"]),
    ("tillgate", &["sea-orm", "wasmtime", "deadpool-redis"]),
];

/// Words that must not stand below a folder, and why.
const FORBIDDEN: &[(&str, &str, &str)] = &[
    ("domain/src", "async fn", "domain decides and does not wait"),
    ("server/src/graphql", "axum::", "GraphQL does not know how it is transported"),
    ("server/src/graphql", "shopify::", "GraphQL does not know the store systems"),
    ("server/src/worker", "async_graphql", "workers do not know their readers"),
    ("server/src/worker", "shopify::", "workers know store systems by the Provider trait only"),
    ("server/src/actions", "async_graphql", "actions serve every transport alike"),
    ("server/src/actions", "shopify::", "actions know store systems by the Provider trait only"),
    ("server/src/providers", "storage::", "providers talk to the store and keep nothing"),
];

/// Lines that a written file may have.
const LINES_MAX: usize = 400;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The packages of the workspace with the names of their normal dependencies.
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let normal = |package: &Value| {
        let all = package["dependencies"].as_array().unwrap();
        all.iter()
            .filter(|dependency| dependency["kind"].is_null())
            .map(|dependency| dependency["name"].as_str().unwrap().to_owned())
            .collect()
    };
    packages
        .iter()
        .map(|package| (package["name"].as_str().unwrap().to_owned(), normal(package)))
        .collect()
}

#[test]
fn crates_depend_on_each_other_as_drawn() {
    let dependencies = dependencies();
    let ours = |name: &str| name == "tillgate" || name.starts_with("tillgate-");
    for (package, allowed) in ARROWS {
        let drawn = &dependencies[*package];
        for dependency in drawn.iter().filter(|name| ours(name)) {
            assert!(
                allowed.contains(&dependency.as_str()),
                "{package} must not depend on {dependency}"
            );
        }
    }
    for package in dependencies.keys().filter(|name| *name != "tillgate-tests") {
        assert!(ARROWS.iter().any(|(name, _)| name == package), "{package} is not in the drawing");
        assert!(!dependencies[package].iter().any(|name| name == "tillgate-tests"), "{package}");
    }
}

#[test]
fn crates_do_not_know_strangers() {
    let dependencies = dependencies();
    for (package, strangers) in STRANGERS {
        for stranger in *strangers {
            assert!(
                !dependencies[*package].iter().any(|name| name == stranger),
                "{package} must not know {stranger}"
            );
        }
    }
}

#[test]
fn modules_keep_to_their_side() {
    for (folder, word, why) in FORBIDDEN {
        for (path, text) in sources(&root().join(folder)) {
            assert!(!text.contains(word), "{} names {word}: {why}", path.display());
        }
    }
}

#[test]
fn files_are_of_a_size_to_read() {
    let crates = [
        "domain",
        "migrations",
        "shopify",
        "plugins",
        "plugins/consignment",
        "plugins/standard",
        "mappers",
        "storage",
        "simulator",
        "server",
        "tests",
    ];
    for folder in crates {
        for (path, text) in sources(&root().join(folder).join("src")) {
            let tests_begin = text.find("#[cfg(test)]\nmod ").unwrap_or(text.len());
            let lines = text[..tests_begin].lines().count();
            let is_tests = path.file_name().is_some_and(|name| name == "tests.rs");
            assert!(is_tests || lines <= LINES_MAX, "{} has {lines} lines", path.display());
            assert!(path.file_name().is_some_and(|name| name != "mod.rs"), "{}", path.display());
        }
    }
}

/// The stages have the same names in `domain` and in the picture that newcomers see first.
#[test]
fn stages_are_called_the_same() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    for stage in ["refine", "map", "post", "publish"] {
        assert!(root().join(format!("domain/src/flow/{stage}.rs")).exists(), "{stage}");
        assert!(readme.contains(stage), "{stage}");
    }
}

fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found
}
