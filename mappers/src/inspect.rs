//! What is looked at before anything is compiled: counts, imports, and nothing else.
//!
//! A compiler can be made to use any amount of time and memory by a few kilobytes, and its makers do not call that a
//! fault of theirs. So every upload is counted first, in one pass that keeps almost nothing, and whatever is outside
//! what real toolchains produce is refused. The limits are generous: the largest real plugins (Python's interpreter)
//! have a third of them.

mod count;

use wasmparser::{ComponentExternalKind, Parser, Payload};

pub(crate) use count::Counts;

/// The largest component.
const BYTES_MAX: usize = 24 << 20;
/// What a component may import, without versions.
const IMPORTS: [&str; 4] = [
    "tillgate:mapper/logging",
    "tillgate:mapper/product-types",
    "tillgate:mapper/source-json",
    "tillgate:mapper/types",
];
/// The import that hands out the raw body.
const SOURCE: &str = "tillgate:mapper/source-json";

/// Why an upload is not even compiled.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Rejection {
    /// Too long.
    #[error("is {bytes} bytes long, over {BYTES_MAX}")]
    TooLarge {
        /// How long it is.
        bytes: usize,
    },
    /// No WebAssembly at all.
    #[error("is no WebAssembly: {0}")]
    Malformed(String),
    /// A core module, which carries no types.
    #[error("is a core module and no component; `wasm-tools component new` makes it one")]
    CoreModule,
    /// More of something than any real plugin has.
    #[error("has {count} {what}, over {max}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many.
        count: u64,
        /// At most.
        max: u64,
    },
    /// A construct that would let one component multiply.
    #[error("{0}; a plugin is one component")]
    Nested(&'static str),
    /// An import that plugins do not get.
    #[error("imports `{name}`, which plugins do not get{hint}")]
    Import {
        /// The import.
        name: String,
        /// How to get rid of it, with a leading separator, or nothing.
        hint: &'static str,
    },
    /// Nothing that could be called.
    #[error("does not export `tillgate:mapper/order-mapper`")]
    NoExport,
}

/// What inspection found out.
#[derive(Debug)]
pub(crate) struct Report {
    /// Whether the plugin can ask for the raw body.
    pub(crate) reads_source: bool,
}

/// Inspects a component that somebody uploaded.
pub(crate) fn inspect(bytes: &[u8]) -> Result<Report, Rejection> {
    if bytes.len() > BYTES_MAX {
        return Err(Rejection::TooLarge { bytes: bytes.len() });
    }
    Counts::of(bytes)?.check()?;
    let names = outer_names(bytes)?;
    if let Some(name) = names.imports.iter().find(|name| !is_granted(name)) {
        return Err(Rejection::Import { name: (*name).to_owned(), hint: hint(name) });
    }
    if !names.exports.iter().any(|name| without_version(name) == "tillgate:mapper/order-mapper") {
        return Err(Rejection::NoExport);
    }
    Ok(Report { reads_source: names.imports.iter().any(|name| without_version(name) == SOURCE) })
}

fn is_granted(name: &str) -> bool {
    IMPORTS.contains(&without_version(name))
}

fn without_version(name: &str) -> &str {
    name.split_once('@').map_or(name, |(name, _)| name)
}

/// How to build without the import.
fn hint(name: &str) -> &'static str {
    if !name.starts_with("wasi:") {
        return "";
    }
    if name.starts_with("wasi:http") {
        return ". A plugin has no network; with componentize-js: --disable http fetch-event";
    }
    ". Build without WASI: Rust for wasm32-unknown-unknown; componentize-qjs and componentize-py with --stub-wasi; \
     componentize-js with --disable stdio random clocks http fetch-event"
}

/// Imports and exports of the outermost component.
struct Names<'a> {
    imports: Vec<&'a str>,
    exports: Vec<&'a str>,
}

fn outer_names(bytes: &[u8]) -> Result<Names<'_>, Rejection> {
    let mut names = Names { imports: Vec::new(), exports: Vec::new() };
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(count::malformed)? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    names.imports.push(import.map_err(count::malformed)?.name.name);
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    let export = export.map_err(count::malformed)?;
                    if export.kind == ComponentExternalKind::Instance {
                        names.exports.push(export.name.name);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(names)
}
