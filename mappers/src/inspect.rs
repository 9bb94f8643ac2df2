//! What is looked at before anything is compiled: counts, imports, and nothing else.
//!
//! A compiler can be made to use any amount of time and memory by a few kilobytes, and its makers do not call that a
//! fault of theirs. So every upload is counted first, in one pass that keeps almost nothing, and whatever is outside
//! what real toolchains produce is refused. The limits are generous: the largest real plugins (Python's interpreter)
//! have a third of them.

mod count;

use wasmparser::{ComponentExternalKind, Parser, Payload};

use crate::contract::{Capabilities, ContractVersion};

pub(crate) use count::Counts;

/// The largest component.
const BYTES_MAX: usize = 24 << 20;
/// The contract's package.
const PACKAGE: &str = "tillgate:mapper/";
/// The interfaces that a component may import.
const IMPORTS: [&str; 4] = ["logging", "product-types", "source-json", "types"];
/// The import that hands out the raw body.
const SOURCE: &str = "source-json";

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
    /// An interface that every plugin has is missing, or all of those that do something are.
    #[error("does not export {0}")]
    NoExport(&'static str),
    /// An interface of a contract that is not served.
    #[error("has `{0}`, of a version that is not served; rebuild for {latest}", latest = ContractVersion::LATEST)]
    Version(String),
    /// Interfaces of more than one contract.
    #[error("exports interfaces of the contracts {0} and {1}; a plugin is built for one")]
    Versions(ContractVersion, ContractVersion),
}

/// What a look at a component tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Inspection {
    /// Length of the component in bytes.
    pub size_bytes: usize,
    /// The contract that it was built for.
    pub contract: ContractVersion,
    /// What it does.
    pub capabilities: Capabilities,
    /// Whether it can ask for the raw body.
    pub(crate) reads_source: bool,
    /// Bytes of code, which its compiler's limits grow with.
    pub(crate) code_bytes: u64,
}

/// Inspects a component that somebody uploaded: nothing is compiled, and the time it takes is bounded by its length.
pub fn inspect(bytes: &[u8]) -> Result<Inspection, Rejection> {
    if bytes.len() > BYTES_MAX {
        return Err(Rejection::TooLarge { bytes: bytes.len() });
    }
    let counts = Counts::of(bytes)?;
    counts.check()?;
    let names = outer_names(bytes)?;
    for name in &names.imports {
        check_import(name)?;
    }
    let (contract, capabilities) = exported(&names.exports)?;
    let reads_source = names.imports.iter().any(|name| interface(name) == Some(SOURCE));
    Ok(Inspection {
        size_bytes: bytes.len(),
        contract,
        capabilities,
        reads_source,
        code_bytes: counts.code_bytes,
    })
}

/// The contract's interface of that full name, without its version.
fn interface(name: &str) -> Option<&str> {
    let name = name.strip_prefix(PACKAGE)?;
    Some(name.split_once('@').map_or(name, |(interface, _)| interface))
}

/// The contract that an interface belongs to.
fn version(name: &str) -> Result<ContractVersion, Rejection> {
    name.split_once('@')
        .and_then(|(_, version)| ContractVersion::of_package(version))
        .ok_or_else(|| Rejection::Version(name.to_owned()))
}

fn check_import(name: &str) -> Result<(), Rejection> {
    if interface(name).is_some_and(|interface| IMPORTS.contains(&interface)) {
        return version(name).map(|_| ());
    }
    Err(Rejection::Import { name: name.to_owned(), hint: hint(name) })
}

/// The one contract of the exported interfaces, and what they do. Other exports are nobody's business.
fn exported(names: &[&str]) -> Result<(ContractVersion, Capabilities), Rejection> {
    let (mut can, mut describes, mut contract) = (Capabilities::default(), false, None);
    for name in names {
        match interface(name) {
            Some("describe") => describes = true,
            Some("order-mapper") => can.map_order = true,
            Some("product-mapper") => can.map_product = true,
            Some("product-publisher") => can.publish_product = true,
            _ => continue,
        }
        let version = version(name)?;
        match contract.replace(version) {
            Some(other) if other != version => return Err(Rejection::Versions(other, version)),
            _ => {}
        }
    }
    if !can.any() {
        return Err(Rejection::NoExport(
            "any of `order-mapper`, `product-mapper`, `product-publisher` of `tillgate:mapper`",
        ));
    }
    let describes = contract.filter(|_| describes);
    let contract = describes.ok_or(Rejection::NoExport("`tillgate:mapper/describe`"))?;
    Ok((contract, can))
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
