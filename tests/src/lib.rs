//! What scenario tests and benchmarks share.

pub mod bench;
pub mod kill;
mod postgres;
pub mod world;

pub use postgres::fresh_postgres;

/// Prints a line of a report.
pub fn print_line(text: &str) {
    use std::io::Write;
    // A closed pipe is the reader's choice.
    let _ = writeln!(std::io::stdout(), "{text}");
}
