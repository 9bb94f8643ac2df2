//! Writes the reference of the contract as Markdown: `cargo run -p tillgate-mappers --example reference >
//! docs/mapper-reference.md`.
#![expect(clippy::print_stdout, reason = "what it writes goes to a file")]

#[path = "reference/markdown.rs"]
mod markdown;

use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("wit");
    print!("{}", markdown::of(&wit)?);
    Ok(())
}
