//! The reference of the contract says what the contract says.

#[path = "../../examples/reference/markdown.rs"]
mod markdown;

use std::path::Path;

#[test]
fn the_reference_is_made_from_the_contract_as_it_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let written = std::fs::read_to_string(root.join("../docs/mapper-reference.md")).unwrap();
    let made = markdown::of(&root.join("wit")).unwrap();
    assert!(!made.contains("`?`"), "a type has no name on the page");
    assert!(
        written == made,
        "run: cargo run -q -p tillgate-mappers --example reference > docs/mapper-reference.md"
    );
}
