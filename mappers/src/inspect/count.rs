//! The counting pass.

mod types;

use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind,
    ComponentTypeRef, Encoding, Instance, Parser, Payload,
};

use super::Rejection;

/// How much of everything there is in a component, all nesting included.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    functions: u64,
    pub(super) code_bytes: u64,
    largest_function: u64,
    data_bytes: u64,
    core_modules: u64,
    core_instances: u64,
    components: u64,
    component_instances: u64,
    /// Instances that one instantiation of the whole comes to.
    expanded_instances: u64,
    component_types: u64,
    /// Fields, cases, parameters and declarations within component types.
    type_parts: u64,
    aliases: u64,
    /// Functions that are lifted or lowered, each of which is compiled to an adapter.
    canonical: u64,
    core_types: u64,
    memories: u64,
    tables: u64,
    imports: u64,
    exports: u64,
    elements: u64,
    globals: u64,
    depth: u64,
}

/// A component whose end has not been reached, or a core module.
enum Scope {
    Module,
    Component(Open),
}

/// A chain of components, each instantiating the one before it twice, makes 2^N instances of some 60 N bytes, and the
/// compiler expands it before any limit of its own applies. So the cost of every component is carried along.
#[derive(Default)]
struct Open {
    /// The cost of each component in this one's index space.
    known: Vec<u64>,
    /// The cost of instantiating this one, so far.
    own: u64,
}

pub(super) fn malformed(error: impl std::fmt::Display) -> Rejection {
    // Only the first line tells what; the rest is context for the parser's authors.
    let text = error.to_string();
    Rejection::Malformed(text.lines().next().unwrap_or_default().to_owned())
}

impl Counts {
    /// Counts a component. Fails on anything else, and on what would make counting in one pass impossible.
    pub(crate) fn of(bytes: &[u8]) -> Result<Self, Rejection> {
        let mut counts = Self::default();
        let mut scopes = Vec::new();
        for payload in Parser::new(0).parse_all(bytes) {
            counts.add(payload.map_err(malformed)?, &mut scopes)?;
            if scopes.len() as u64 > DEPTH_MAX + 1 {
                break;
            }
        }
        Ok(counts)
    }

    fn add(&mut self, payload: Payload<'_>, scopes: &mut Vec<Scope>) -> Result<(), Rejection> {
        match payload {
            Payload::Version { encoding, .. } => {
                let component = encoding == Encoding::Component;
                if scopes.is_empty() && !component {
                    return Err(Rejection::CoreModule);
                }
                scopes.push(if component {
                    Scope::Component(Open::default())
                } else {
                    Scope::Module
                });
                self.depth = self.depth.max(scopes.len() as u64 - 1);
            }
            Payload::End(_) => self.close(scopes),
            Payload::ModuleSection { .. } => self.core_modules += 1,
            Payload::ComponentSection { .. } => self.components += 1,
            Payload::InstanceSection(section) => {
                self.core_instances += u64::from(section.count());
                for instance in section {
                    if let Instance::Instantiate { .. } = instance.map_err(malformed)? {
                        charge(scopes, 1);
                    }
                }
            }
            Payload::ComponentInstanceSection(section) => {
                self.component_instances += u64::from(section.count());
                for instance in section {
                    instantiate(scopes, &instance.map_err(malformed)?)?;
                }
            }
            Payload::ComponentAliasSection(section) => {
                self.aliases += u64::from(section.count());
                for alias in section {
                    follow(scopes, &alias.map_err(malformed)?)?;
                }
            }
            Payload::ComponentImportSection(section) => {
                for import in section {
                    if let ComponentTypeRef::Component(_) | ComponentTypeRef::Module(_) =
                        import.map_err(malformed)?.ty
                    {
                        return Err(Rejection::Nested("a component or module is imported"));
                    }
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section {
                    if let ComponentExternalKind::Component | ComponentExternalKind::Module =
                        export.map_err(malformed)?.kind
                    {
                        return Err(Rejection::Nested("a component or module is exported"));
                    }
                }
            }
            Payload::ComponentTypeSection(section) => {
                self.component_types += u64::from(section.count());
                for ty in section {
                    self.type_parts += types::parts(&ty.map_err(malformed)?);
                }
            }
            other => self.add_section(&other),
        }
        Ok(())
    }

    /// Sections whose entries are only counted.
    fn add_section(&mut self, payload: &Payload<'_>) {
        match payload {
            Payload::FunctionSection(section) => self.functions += u64::from(section.count()),
            Payload::CodeSectionEntry(body) => {
                let bytes = body.range().len() as u64;
                self.code_bytes += bytes;
                self.largest_function = self.largest_function.max(bytes);
            }
            Payload::DataSection(section) => self.data_bytes += section.range().len() as u64,
            Payload::ComponentCanonicalSection(section) => {
                self.canonical += u64::from(section.count());
            }
            Payload::TypeSection(section) => self.core_types += u64::from(section.count()),
            Payload::MemorySection(section) => self.memories += u64::from(section.count()),
            Payload::TableSection(section) => self.tables += u64::from(section.count()),
            Payload::ImportSection(section) => self.imports += u64::from(section.count()),
            Payload::ExportSection(section) => self.exports += u64::from(section.count()),
            Payload::ElementSection(section) => {
                self.elements += u64::from(section.count());
                self.data_bytes += section.range().len() as u64;
            }
            Payload::GlobalSection(section) => self.globals += u64::from(section.count()),
            _ => {}
        }
    }

    fn close(&mut self, scopes: &mut Vec<Scope>) {
        if let Some(Scope::Component(done)) = scopes.pop() {
            match scopes.last_mut() {
                Some(Scope::Component(outer)) => outer.known.push(done.own),
                _ => self.expanded_instances = done.own,
            }
        }
    }

    /// The first limit that is broken.
    pub(crate) fn check(&self) -> Result<(), Rejection> {
        let limits = [
            ("levels of nesting", self.depth, DEPTH_MAX),
            ("functions", self.functions, 40_000),
            ("bytes of code", self.code_bytes, 16 << 20),
            ("bytes in one function", self.largest_function, 1 << 20),
            ("bytes of data", self.data_bytes, 16 << 20),
            ("core modules", self.core_modules, 64),
            ("core instances", self.core_instances, 256),
            ("nested components", self.components, 64),
            ("component instances", self.component_instances, 64),
            ("instances in all", self.expanded_instances, 512),
            ("component types", self.component_types, 2_000),
            ("parts of component types", self.type_parts, 50_000),
            ("aliases", self.aliases, 100_000),
            ("lifted or lowered functions", self.canonical, 10_000),
            ("core types", self.core_types, 10_000),
            ("memories", self.memories, 4),
            ("tables", self.tables, 64),
            ("imports", self.imports, 20_000),
            ("exports", self.exports, 20_000),
            ("element segments", self.elements, 4_000),
            ("globals", self.globals, 20_000),
        ];
        match limits.into_iter().find(|(_, count, max)| count > max) {
            Some((what, count, max)) => Err(Rejection::TooMany { what, count, max }),
            None => Ok(()),
        }
    }
}

/// Components within components.
const DEPTH_MAX: u64 = 3;

/// Adds to the cost of the innermost component.
fn charge(scopes: &mut [Scope], cost: u64) {
    if let Some(Scope::Component(open)) = scopes.last_mut() {
        open.own = open.own.saturating_add(cost);
    }
}

fn instantiate(scopes: &mut [Scope], instance: &ComponentInstance<'_>) -> Result<(), Rejection> {
    let ComponentInstance::Instantiate { component_index, .. } = instance else {
        return Ok(());
    };
    let cost = match scopes.last() {
        Some(Scope::Component(open)) => open.known.get(*component_index as usize).copied(),
        _ => None,
    };
    let cost = cost.ok_or(Rejection::Nested("an unknown component is instantiated"))?;
    charge(scopes, cost.saturating_add(1));
    Ok(())
}

/// Aliases bring components of outer ones into an index space.
fn follow(scopes: &mut [Scope], alias: &ComponentAlias<'_>) -> Result<(), Rejection> {
    match alias {
        ComponentAlias::Outer { kind: ComponentOuterAliasKind::Component, count, index } => {
            let level = (scopes.len() - 1).checked_sub(*count as usize);
            let cost = match level.and_then(|level| scopes.get(level)) {
                Some(Scope::Component(open)) => open.known.get(*index as usize).copied(),
                _ => None,
            };
            let cost = cost.ok_or(Rejection::Nested("an unknown component is named"))?;
            if let Some(Scope::Component(open)) = scopes.last_mut() {
                open.known.push(cost);
            }
            Ok(())
        }
        ComponentAlias::InstanceExport { kind: ComponentExternalKind::Component, .. } => {
            Err(Rejection::Nested("a component is taken from an instance"))
        }
        _ => Ok(()),
    }
}
