//! The compiling child, from the inside.

use std::io::{self, Read, Write};

use rustix::process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit};
use wasmtime::Engine;

use crate::engine::compiling;

/// Address space of the child.
pub(super) const MEMORY_BYTES_MAX: u64 = 2 << 30;
/// What the answer begins with: machine code follows, or why there is none.
pub(super) const COMPILED: u8 = 0;
pub(super) const REFUSED: u8 = 1;

/// The whole life of a compiling child: limits itself, reads a component, and writes what the compiler made of it.
/// For the gateway that started it; call it first thing in a process, and end the process after it.
///
/// The input is two bytes (whether several threads may be used; seconds of processor time) and the component; the output
/// is a byte and what `COMPILED` or `REFUSED` says.
pub fn compile_child(mut input: impl Read, mut output: impl Write) -> io::Result<()> {
    let mut head = [0; 2];
    input.read_exact(&mut head)?;
    let [parallel, seconds] = head;
    limit(seconds)?;
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    match compile(&bytes, parallel == 1) {
        Ok(code) => {
            output.write_all(&[COMPILED])?;
            output.write_all(&code)?;
        }
        Err(error) => {
            output.write_all(&[REFUSED])?;
            output.write_all(format!("{error:#}").as_bytes())?;
        }
    }
    output.flush()
}

fn compile(bytes: &[u8], parallel: bool) -> wasmtime::Result<Vec<u8>> {
    Engine::new(&compiling(parallel))?.precompile_component(bytes)
}

/// Takes away what a compiler does not need. Nothing of it can be had back.
fn limit(seconds: u8) -> io::Result<()> {
    let limits = [
        (Resource::Cpu, u64::from(seconds)),
        (Resource::As, MEMORY_BYTES_MAX),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
    ];
    for (resource, most) in limits {
        // The harder limit on processor time comes later, since it would end the process without saying why.
        let more = if resource == Resource::Cpu { most + 1 } else { most };
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(more) })?;
    }
    // A gateway that is killed cannot end its children.
    set_parent_process_death_signal(Some(Signal::KILL))?;
    Ok(())
}
