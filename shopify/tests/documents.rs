//! Every document is valid against the Admin schema, uses nothing that is deprecated, and costs less than one request
//! may. The schema stands beside the project; where it is absent the tests say so and pass.

#![expect(clippy::panic, clippy::print_stdout, clippy::unwrap_used, reason = "a test")]

use std::io::Read;
use std::path::Path;

use apollo_compiler::executable::{Field, Selection, SelectionSet};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};
use tillgate_shopify::cost::{
    CONNECTION_COST, FREE_TYPES, MUTATION_COST, REQUESTED_COST_MAX, connection_factor,
};
use tillgate_shopify::operation::{ALL, Described};

fn schema() -> Option<Valid<Schema>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/shopify/admin-schema.graphql.gz");
    if !Path::new(path).exists() {
        println!("skipped: no Admin schema at {path}");
        return None;
    }
    let mut text = String::new();
    let file = std::fs::File::open(path).unwrap();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    // The file leaves out the definition of a directive that newer GraphQL has built in.
    text.push_str("\ndirective @oneOf on INPUT_OBJECT\n");
    Some(Schema::parse_and_validate(text, "admin.graphql").unwrap())
}

#[test]
fn documents_fit_the_schema() {
    let Some(schema) = schema() else { return };
    for described in ALL {
        let document =
            ExecutableDocument::parse_and_validate(&schema, described.document, described.name);
        let document = document.unwrap_or_else(|bad| panic!("{}:\n{}", described.name, bad.errors));
        let operation = document.operations.get(Some(described.name)).unwrap();
        let mut walk =
            Walk { schema: &schema, document: &document, described, deprecated: Vec::new() };
        let cost = walk.cost(&operation.selection_set, &schema);
        println!("{}: {cost}", described.name);
        assert_eq!(walk.deprecated, Vec::<String>::new(), "{}", described.name);
        assert!(cost < REQUESTED_COST_MAX, "{} asks for {cost}", described.name);
    }
}

struct Walk<'a> {
    schema: &'a Valid<Schema>,
    document: &'a ExecutableDocument,
    described: &'a Described,
    deprecated: Vec<String>,
}

impl Walk<'_> {
    fn cost(&mut self, set: &SelectionSet, schema: &Schema) -> u32 {
        let is_mutation = schema.root_operation(apollo_compiler::ast::OperationType::Mutation);
        let is_mutation = is_mutation.is_some_and(|name| *name == set.ty);
        let mut total = 0;
        // Alternatives of a union or interface: only the dearest counts.
        let mut dearest = 0;
        for selection in &set.selections {
            match selection {
                Selection::Field(field) if is_mutation => {
                    self.field(field);
                    total += MUTATION_COST;
                }
                Selection::Field(field) => total += self.field(field),
                Selection::InlineFragment(inline) => {
                    dearest = dearest.max(self.cost(&inline.selection_set, schema));
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = spread.fragment_def(self.document).unwrap();
                    total += self.cost(&fragment.selection_set, schema);
                }
            }
        }
        total + dearest
    }

    fn field(&mut self, field: &Field) -> u32 {
        if field.definition.directives.has("deprecated") {
            self.deprecated.push(field.name.to_string());
        }
        for argument in &field.arguments {
            let definition = field.definition.argument_by_name(&argument.name).unwrap();
            if definition.directives.has("deprecated") {
                self.deprecated.push(format!("{}({})", field.name, argument.name));
            }
        }
        let name = field.ty().inner_named_type();
        let children = self.cost(&field.selection_set, self.schema);
        if FREE_TYPES.contains(&name.as_str()) {
            return children;
        }
        match self.schema.types.get(name).unwrap() {
            ExtendedType::Scalar(_) | ExtendedType::Enum(_) => 0,
            _ if name.ends_with("Connection") => {
                CONNECTION_COST + connection_factor(self.first(field)) * children
            }
            // `nodes` of a connection is where its objects are counted.
            _ => 1 + children,
        }
    }

    fn first(&self, field: &Field) -> u32 {
        let value = &field
            .specified_argument_by_name("first")
            .unwrap_or_else(|| panic!("{} has no first", field.name));
        if let Some(variable) = value.as_variable() {
            let size = self.described.sizes.iter().find(|(name, _)| *name == variable.as_str());
            return size.unwrap_or_else(|| panic!("no size given for ${variable}")).1;
        }
        u32::try_from(value.to_i32().unwrap()).unwrap()
    }
}
