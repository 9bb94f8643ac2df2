//! The count: what a parsed document asks for once its fragments are expanded, without expanding them.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use domain::code::Code;

/// The most operations in a document, of which one runs.
const OPERATIONS_MAX: usize = 10;
/// The most variables of an operation.
const VARIABLES_MAX: usize = 100;
/// The most fragments in a document.
const FRAGMENTS_MAX: usize = 50;
/// The most aliases after expansion.
const ALIASES_MAX: u64 = 30;
/// The most directives after expansion.
const DIRECTIVES_MAX: u64 = 50;
/// The most selections after expansion.
const SELECTIONS_MAX: u64 = 2_000;
/// The deepest field; the usual introspection query needs 13.
const DEPTH_MAX: u64 = 15;
/// The most fields at the root of an operation.
const ROOTS_MAX: u64 = 20;
/// How often an introspection path may go from types to lists of fields: each step multiplies by the schema's width.
const LISTINGS_MAX: u64 = 2;

/// The most looks at the schema in one operation; tools need one.
const SCHEMAS_MAX: u64 = 4;

/// The introspection fields that list what a type consists of.
const LISTINGS: [&str; 4] = ["fields", "inputFields", "interfaces", "possibleTypes"];

/// Which bound a document exceeds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum Excess {
    #[error("the document has more than {OPERATIONS_MAX} operations")]
    Operations,
    #[error("an operation has more than {VARIABLES_MAX} variables")]
    Variables,
    #[error("the document has more than {FRAGMENTS_MAX} fragments")]
    Fragments,
    #[error("a fragment contains itself")]
    Cycle,
    #[error("the document expands to more than {SELECTIONS_MAX} selections")]
    Selections,
    #[error("the document nests more than {DEPTH_MAX} fields")]
    Depth,
    #[error("the document has more than {ALIASES_MAX} aliases")]
    Aliases,
    #[error("the document has more than {DIRECTIVES_MAX} directives")]
    Directives,
    #[error("an operation has more than {ROOTS_MAX} fields at its root")]
    Roots,
    #[error("the introspection lists the members of types more than {LISTINGS_MAX} levels deep")]
    Introspection,
    #[error("an operation looks at the schema more than {SCHEMAS_MAX} times")]
    Schemas,
}

impl Excess {
    /// The catalogue's code of it.
    pub(super) fn code(self) -> Code {
        match self {
            Self::Cycle => Code::ValidationFailed,
            _ => Code::QueryTooComplex,
        }
    }
}

/// Checks every operation and every fragment, used or not: validation walks them all.
pub(super) fn check(document: &ExecutableDocument) -> Result<(), Excess> {
    if document.fragments.len() > FRAGMENTS_MAX {
        return Err(Excess::Fragments);
    }
    if document.operations.iter().count() > OPERATIONS_MAX {
        return Err(Excess::Operations);
    }
    let mut scale = Scale { document, known: HashMap::new() };
    for name in document.fragments.keys() {
        scale.fragment(name)?.within_bounds()?;
    }
    for (_, operation) in document.operations.iter() {
        let operation = &operation.node;
        if operation.variable_definitions.len() > VARIABLES_MAX {
            return Err(Excess::Variables);
        }
        let mut weight = scale.selections(&operation.selection_set.node)?;
        weight.directives += count(&operation.directives);
        for variable in &operation.variable_definitions {
            weight.directives += count(&variable.node.directives);
        }
        weight.within_bounds()?;
        if weight.roots > ROOTS_MAX {
            return Err(Excess::Roots);
        }
    }
    Ok(())
}

/// What a selection set comes to with its fragments expanded.
#[derive(Clone, Copy, Default, Debug)]
struct Weight {
    /// Fields at its own level.
    roots: u64,
    /// Selections at all levels.
    selections: u64,
    depth: u64,
    aliases: u64,
    directives: u64,
    /// The deepest nesting of [`LISTINGS`].
    listings: u64,
    /// The same, of introspection alone: the schema's own types may use these names too.
    introspected: u64,
    /// Looks at the schema.
    schemas: u64,
}

impl Weight {
    /// Adds what stands beside.
    fn add(&mut self, other: Self) {
        self.roots = self.roots.saturating_add(other.roots);
        self.selections = self.selections.saturating_add(other.selections);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.directives = self.directives.saturating_add(other.directives);
        self.schemas = self.schemas.saturating_add(other.schemas);
        self.depth = self.depth.max(other.depth);
        self.listings = self.listings.max(other.listings);
        self.introspected = self.introspected.max(other.introspected);
    }

    fn within_bounds(self) -> Result<(), Excess> {
        let bounds = [
            (self.selections, SELECTIONS_MAX, Excess::Selections),
            (self.depth, DEPTH_MAX, Excess::Depth),
            (self.aliases, ALIASES_MAX, Excess::Aliases),
            (self.directives, DIRECTIVES_MAX, Excess::Directives),
            (self.introspected, LISTINGS_MAX, Excess::Introspection),
            (self.schemas, SCHEMAS_MAX, Excess::Schemas),
        ];
        bounds
            .into_iter()
            .find(|(value, bound, _)| value > bound)
            .map_or(Ok(()), |(_, _, excess)| Err(excess))
    }
}

/// Weighs selection sets, each fragment once.
struct Scale<'a> {
    document: &'a ExecutableDocument,
    /// Fragments by name; those without a weight are being walked.
    known: HashMap<&'a str, Option<Weight>>,
}

impl<'a> Scale<'a> {
    fn selections(&mut self, set: &'a SelectionSet) -> Result<Weight, Excess> {
        let mut sum = Weight::default();
        for item in &set.items {
            let mut weight = match &item.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let mut weight = self.selections(&field.selection_set.node)?;
                    let name = field.name.node.as_str();
                    weight.roots = 1;
                    weight.depth = weight.depth.saturating_add(1);
                    weight.aliases =
                        weight.aliases.saturating_add(u64::from(field.alias.is_some()));
                    weight.listings += u64::from(LISTINGS.contains(&name));
                    if name == "__schema" || name == "__type" {
                        weight.introspected = weight.introspected.max(weight.listings);
                        weight.schemas = weight.schemas.saturating_add(1);
                    }
                    weight
                }
                Selection::InlineFragment(inline) => {
                    self.selections(&inline.node.selection_set.node)?
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(&spread.node.fragment_name.node)?
                }
            };
            weight.selections = weight.selections.saturating_add(1);
            weight.directives = weight.directives.saturating_add(count(item.node.directives()));
            sum.add(weight);
        }
        Ok(sum)
    }

    /// The weight of a fragment; nothing where it does not exist, which validation will say.
    fn fragment(&mut self, name: &'a str) -> Result<Weight, Excess> {
        match self.known.get(name) {
            Some(Some(weight)) => return Ok(*weight),
            Some(None) => return Err(Excess::Cycle),
            None => {}
        }
        let Some(fragment) = self.document.fragments.get(name) else {
            return Ok(Weight::default());
        };
        self.known.insert(name, None);
        let mut weight = self.selections(&fragment.node.selection_set.node)?;
        weight.directives = weight.directives.saturating_add(count(&fragment.node.directives));
        self.known.insert(name, Some(weight));
        Ok(weight)
    }
}

fn count<T>(items: &[T]) -> u64 {
    u64::try_from(items.len()).unwrap_or(u64::MAX)
}
