//! What is refused before anything is compiled.

use std::fmt::Write;
use std::time::{Duration, Instant};

use tillgate_mappers::LoadError;

use crate::mappers;

/// Why these bytes are no plugin; in no time.
fn refusal(bytes: &[u8]) -> String {
    let begun = Instant::now();
    let error = mappers().load(bytes).unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(2), "{error}");
    assert!(matches!(error, LoadError::Rejected(_)), "{error:?}");
    error.to_string()
}

fn component(text: &str) -> Vec<u8> {
    wat::parse_str(format!("(component {text})")).unwrap()
}

/// A chain of components, each instantiating the one before it twice: 2^n instances.
fn chain(length: u32) -> Vec<u8> {
    let mut text = "(component $c0 (core module $m) (core instance (instantiate $m)))".to_owned();
    for index in 1..=length {
        let before = index - 1;
        write!(
            text,
            "(component $c{index} (alias outer 1 $c{before} (component $i)) \
             (instance (instantiate $i)) (instance (instantiate $i)))"
        )
        .unwrap();
    }
    write!(text, "(instance (instantiate $c{length}))").unwrap();
    component(&text)
}

#[test]
fn bytes_that_are_no_component() {
    assert!(refusal(b"").starts_with("is no WebAssembly"));
    assert!(refusal(b"MZ\x90\0").starts_with("is no WebAssembly"));
    assert!(refusal(b"\0asm\x01\0\0\0").starts_with("is a core module"));
    let whole = include_bytes!("../../../plugins/standard/standard.wasm");
    assert!(refusal(&whole[..whole.len() / 2]).starts_with("is no WebAssembly"));
    assert!(refusal(&vec![0; (24 << 20) + 1]).starts_with("is 25165825 bytes long"));
    assert!(refusal(&component("")).starts_with("does not export any of `order-mapper`"));
}

/// A component that exports empty instances of these names.
fn exporting(names: &[&str]) -> Vec<u8> {
    let exports = names.iter().fold(String::new(), |mut text, name| {
        write!(text, "(export \"tillgate:mapper/{name}\" (instance $i))").unwrap();
        text
    });
    component(&format!("(instance $i) {exports}"))
}

#[test]
fn exports_that_make_no_plugin() {
    let said = refusal(&exporting(&["describe@1.0.0"]));
    assert!(said.starts_with("does not export any of `order-mapper`"), "{said}");
    let said = refusal(&exporting(&["order-mapper@1.0.0"]));
    assert_eq!(said, "does not export `tillgate:mapper/describe`");
    for unserved in ["@2.0.0", "@0.9.0", "@1.0.0-rc.1", ""] {
        let said = refusal(&exporting(&["describe@1.0.0", &format!("order-mapper{unserved}")]));
        let named = format!("has `tillgate:mapper/order-mapper{unserved}`, of a version that");
        assert!(said.starts_with(&named), "{said}");
    }
    let said = refusal(&component(r#"(import "tillgate:mapper/logging@3.0.0" (instance))"#));
    assert!(said.starts_with("has `tillgate:mapper/logging@3.0.0`, of a version that"), "{said}");
}

#[test]
fn components_that_multiply() {
    for length in [12, 24, 40] {
        let said = refusal(&chain(length));
        assert!(said.contains("instances"), "{said}");
    }
    let nested = (0..6).fold(String::new(), |inner, _| format!("(component {inner})"));
    assert!(refusal(&component(&nested)).contains("levels of nesting"));
    assert!(refusal(&component(&"(component)".repeat(65))).contains("nested components"));
    assert!(
        refusal(&component("(import \"c\" (component))"))
            .contains("component or module is imported")
    );
    assert!(
        refusal(&component("(component $c) (export \"c\" (component $c))"))
            .contains("component or module is exported")
    );
}

#[test]
fn more_than_any_plugin_has() {
    let module = |body: &str| component(&format!("(core module {body})"));
    let cases = [
        ("functions", module(&"(func)".repeat(40_001))),
        ("memories", module(&"(memory 1)".repeat(5))),
        ("tables", module(&"(table 1 funcref)".repeat(65))),
        ("globals", module(&"(global i32 (i32.const 0))".repeat(20_001))),
        ("core types", module(&"(type (func))".repeat(10_001))),
        ("core modules", component(&"(core module)".repeat(65))),
        ("component types", component(&"(type u8)".repeat(2_001))),
        ("bytes in one function", module(&format!("(func {})", "nop ".repeat((1 << 20) + 1)))),
    ];
    for (what, bytes) in cases {
        let said = refusal(&bytes);
        assert!(said.contains(what), "{what}: {said}");
    }
}

#[test]
fn imports_that_plugins_do_not_get() {
    let said = refusal(&component(r#"(import "wasi:clocks/wall-clock@0.2.0" (instance))"#));
    assert!(said.starts_with("imports `wasi:clocks/wall-clock@0.2.0`"), "{said}");
    assert!(said.contains("--stub-wasi"), "{said}");
    let said = refusal(&component(r#"(import "tillgate:mapper/secrets@1.0.0" (instance))"#));
    assert!(said.starts_with("imports `tillgate:mapper/secrets@1.0.0`"), "{said}");
    let said = refusal(&component(r#"(import "wasi:http/outgoing-handler@0.2.0" (instance))"#));
    assert!(said.contains("no network"), "{said}");
}

#[test]
fn an_export_of_other_types_does_not_fit() {
    let bytes = exporting(&["describe@1.0.0", "order-mapper@1.0.0"]);
    let error = mappers().load(&bytes).unwrap_err();
    assert!(matches!(error, LoadError::Contract(..)), "{error:?}");
}
