//! The contract as Markdown, from its own comments.

use std::error::Error;
use std::fmt::Write;
use std::path::Path;

use wit_parser::{
    Docs, Function, Interface, InterfaceId, PackageId, Resolve, Type, TypeDef, TypeDefKind, World,
    WorldItem, WorldKey,
};

/// The newest version, which is the one that is described.
const NEWEST: &str = "1.1";
/// What stands above everything.
const HEAD: &str = "\
# The mapper contract

This page is made from the comments of `mappers/wit` by

```sh
cargo run -q -p tillgate-mappers --example reference > docs/mapper-reference.md
```

and a test compares the two. How to write a mapper stands in [mappers.md](mappers.md).

The newest version of the contract is described. Every released version is served, so a mapper that was built for an older one
goes on running; what it lacks stands below the version's name.

In Rust and Python the dashes of a name are underscores (`line_items`), in JavaScript a capital follows them (`lineItems`).

**Metafields are not held yet.** Neither the gateway's subscriptions nor its reads ask the store for them, so `metafields` is an
empty list in every order, line, customer, product and variant, and rules of the standard mapper that name a metafield find none.
";
/// The interfaces in the order in which an author meets them.
const ORDER: [&str; 7] = [
    "describe",
    "order-mapper",
    "product-mapper",
    "product-publisher",
    "types",
    "product-types",
    "logging",
];

type Done<T> = Result<T, Box<dyn Error>>;

/// The page, from the folder that holds a folder for each version.
pub(crate) fn of(wit: &Path) -> Done<String> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(wit.join(NEWEST))?;
    let page = Page { resolve: &resolve, text: HEAD.to_owned() };
    page.written(package)
}

struct Page<'a> {
    resolve: &'a Resolve,
    text: String,
}

impl Page<'_> {
    fn written(mut self, id: PackageId) -> Done<String> {
        let package = &self.resolve.packages[id];
        writeln!(self.text, "\n## `{}`", package.name)?;
        self.paragraph(&package.docs)?;
        writeln!(self.text, "\n## Worlds\n")?;
        writeln!(self.text, "A mapper is written for one of these.\n")?;
        writeln!(self.text, "| world | meaning | exports |\n|---|---|---|")?;
        for world in package.worlds.values() {
            self.world(&self.resolve.worlds[*world])?;
        }
        let place = |name: &str| ORDER.iter().position(|known| *known == name);
        let mut interfaces: Vec<_> = package.interfaces.iter().collect();
        interfaces.sort_by_key(|(name, _)| place(name).unwrap_or(ORDER.len()));
        for (name, interface) in interfaces {
            self.interface(name, *interface)?;
        }
        Ok(self.text)
    }

    fn world(&mut self, world: &World) -> Done<()> {
        let exports: Vec<_> =
            world.exports.iter().filter_map(|(key, item)| self.key(key, item)).collect();
        writeln!(
            self.text,
            "| `{}` | {} | {} |",
            world.name,
            line(&world.docs),
            exports.join(", ")
        )?;
        Ok(())
    }

    fn key(&self, key: &WorldKey, item: &WorldItem) -> Option<String> {
        match (key, item) {
            (WorldKey::Interface(id), WorldItem::Interface { .. }) => {
                let name = self.resolve.interfaces[*id].name.as_deref()?;
                Some(format!("[`{name}`](#{name})"))
            }
            _ => None,
        }
    }

    fn interface(&mut self, name: &str, id: InterfaceId) -> Done<()> {
        let interface: &Interface = &self.resolve.interfaces[id];
        writeln!(self.text, "\n## {name}")?;
        self.paragraph(&interface.docs)?;
        for function in interface.functions.values() {
            self.function(function)?;
        }
        for id in interface.types.values() {
            self.type_def(&self.resolve.types[*id])?;
        }
        Ok(())
    }

    fn function(&mut self, function: &Function) -> Done<()> {
        let parameters: Vec<_> = function
            .params
            .iter()
            .map(|parameter| format!("{}: {}", parameter.name, self.type_name(&parameter.ty)))
            .collect();
        let result = function.result.as_ref().map(|ty| format!(" -> {}", self.type_name(ty)));
        writeln!(self.text, "\n### `{}`\n", function.name)?;
        writeln!(
            self.text,
            "```wit\n{}: func({}){}\n```",
            function.name,
            parameters.join(", "),
            result.unwrap_or_default()
        )?;
        self.paragraph(&function.docs)
    }

    /// A type's name, as the contract writes it.
    fn type_name(&self, ty: &Type) -> String {
        let Type::Id(id) = ty else {
            return plain(ty).to_owned();
        };
        let def = &self.resolve.types[*id];
        match (&def.name, &def.kind) {
            (Some(name), _) => name.clone(),
            (None, TypeDefKind::Option(inner)) => format!("option<{}>", self.type_name(inner)),
            (None, TypeDefKind::List(inner)) => format!("list<{}>", self.type_name(inner)),
            (None, TypeDefKind::Result(both)) => {
                let side = |ty: &Option<Type>| {
                    ty.as_ref().map_or_else(|| "_".to_owned(), |ty| self.type_name(ty))
                };
                format!("result<{}, {}>", side(&both.ok), side(&both.err))
            }
            (None, other) => other.as_str().to_owned(),
        }
    }

    fn paragraph(&mut self, docs: &Docs) -> Done<()> {
        if let Some(text) = &docs.contents {
            writeln!(self.text, "\n{}", text.trim())?;
        }
        Ok(())
    }

    fn type_def(&mut self, def: &TypeDef) -> Done<()> {
        let name = def.name.as_deref().unwrap_or_default();
        let rows: Vec<[String; 3]> = match &def.kind {
            TypeDefKind::Record(record) => record
                .fields
                .iter()
                .map(|field| {
                    [field.name.clone(), code(&self.type_name(&field.ty)), line(&field.docs)]
                })
                .collect(),
            TypeDefKind::Variant(variant) => variant
                .cases
                .iter()
                .map(|case| {
                    let ty = case.ty.as_ref().map(|ty| code(&self.type_name(ty)));
                    [case.name.clone(), ty.unwrap_or_default(), line(&case.docs)]
                })
                .collect(),
            TypeDefKind::Enum(all) => all
                .cases
                .iter()
                .map(|case| [case.name.clone(), String::new(), line(&case.docs)])
                .collect(),
            // An alias of a type of another interface stands there.
            TypeDefKind::Type(Type::Id(_)) => return Ok(()),
            TypeDefKind::Type(ty) => {
                writeln!(self.text, "\n### {name}\n\n`{}`", self.type_name(ty))?;
                return self.paragraph(&def.docs);
            }
            _ => return Ok(()),
        };
        let kind = def.kind.as_str();
        writeln!(self.text, "\n### {name}\n\n*{kind}*")?;
        self.paragraph(&def.docs)?;
        let has_types = rows.iter().any(|[_, ty, _]| !ty.is_empty());
        let head = if has_types {
            "| name | type | meaning |\n|---|---|---|"
        } else {
            "| name | meaning |\n|---|---|"
        };
        writeln!(self.text, "\n{head}")?;
        for [name, ty, meaning] in rows {
            if has_types {
                writeln!(self.text, "| `{name}` | {ty} | {meaning} |")?;
            } else {
                writeln!(self.text, "| `{name}` | {meaning} |")?;
            }
        }
        Ok(())
    }
}

/// A comment in the cell of a table.
fn line(docs: &Docs) -> String {
    let text = docs.contents.as_deref().unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

/// A type that has no parts.
fn plain(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "bool",
        Type::S64 => "s64",
        Type::S32 => "s32",
        Type::U64 => "u64",
        Type::U32 => "u32",
        Type::String => "string",
        _ => "?",
    }
}
