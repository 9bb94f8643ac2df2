//! How much there is in a component type.

use wasmparser::{
    ComponentDefinedType, ComponentType, ComponentTypeDeclaration, InstanceTypeDeclaration,
};

/// Fields, cases, parameters and declarations of a type, those of types within it included. The parser bounds how deep
/// they nest.
pub(super) fn parts(ty: &ComponentType<'_>) -> u64 {
    match ty {
        ComponentType::Defined(defined) => defined_parts(defined),
        ComponentType::Func(function) => function.params.len() as u64 + 1,
        ComponentType::Component(declarations) => declarations.iter().map(in_component).sum(),
        ComponentType::Instance(declarations) => declarations.iter().map(in_instance).sum(),
        ComponentType::Resource { .. } => 1,
    }
}

fn in_component(declaration: &ComponentTypeDeclaration<'_>) -> u64 {
    match declaration {
        ComponentTypeDeclaration::Type(ty) => parts(ty).saturating_add(1),
        _ => 1,
    }
}

fn in_instance(declaration: &InstanceTypeDeclaration<'_>) -> u64 {
    match declaration {
        InstanceTypeDeclaration::Type(ty) => parts(ty).saturating_add(1),
        _ => 1,
    }
}

fn defined_parts(defined: &ComponentDefinedType<'_>) -> u64 {
    let parts = match defined {
        ComponentDefinedType::Record(fields) => fields.len(),
        ComponentDefinedType::Variant(cases) => cases.len(),
        ComponentDefinedType::Tuple(types) => types.len(),
        ComponentDefinedType::Flags(names) | ComponentDefinedType::Enum(names) => names.len(),
        _ => 1,
    };
    parts as u64
}
