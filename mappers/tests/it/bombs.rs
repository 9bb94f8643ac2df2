//! Bombs: components that are small to upload and large to look at, to compile or to start. Each is refused in seconds,
//! by the count or by the child's limits, and takes no memory of this process.
//!
//! They are made of the standard mapper with something at its end, so that nothing but the bomb itself is refused.

use std::fmt::Write as _;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tillgate_mappers::{Compiler, LoadError, MapSettings, Mappers, Plugin, Settings, Source};

use crate::generate;

const STANDARD: &[u8] = include_bytes!("../../../plugins/standard/standard.wasm");
/// Processor time that a child may use for a bomb, in seconds: a compiler that is itself not optimised uses more.
const CHILD_SECONDS_MAX: u64 = if cfg!(debug_assertions) { 20 } else { 10 };
/// How long a look that refuses may take by the clock, on a busy machine and not optimised.
const LOOK_MAX: Duration = Duration::from_secs(10);
/// How much this process may grow in all of this, in KiB.
const GROWTH_KIB_MAX: u64 = 512 << 10;

/// An engine that compiles in a child.
fn mappers() -> &'static Mappers {
    static MAPPERS: OnceLock<Mappers> = OnceLock::new();
    MAPPERS.get_or_init(|| {
        let program = env!("CARGO_BIN_EXE_compile-plugin").into();
        let compiler = Compiler::Child { program, args: Vec::new() };
        Mappers::new(Settings { runs_max: 2, threads: 1, compiler, ..Settings::default() }).unwrap()
    })
}

/// The most memory that this process ever had, in KiB.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// The standard mapper and then these sections of a component.
fn with_sections(sections: &[u8]) -> Vec<u8> {
    [STANDARD, sections].concat()
}

/// The standard mapper with what a component of this text has.
fn with_component(text: &str) -> Vec<u8> {
    let component = wat::parse_str(format!("(component {text})")).unwrap();
    // Its own head is left out.
    nested_after_standard(&component)
}

/// A component as a section of the standard one.
fn nested_after_standard(component: &[u8]) -> Vec<u8> {
    with_sections(&[&[4], &*length(component.len()), component].concat())
}

/// The standard mapper with a core module of this text that nobody starts.
fn with_module(text: &str) -> Vec<u8> {
    let module = wat::parse_str(format!("(module {text})")).unwrap();
    with_sections(&[&[1], &*length(module.len()), &module].concat())
}

/// The standard mapper with a core module of these sections that nobody starts.
fn with_raw_module(sections: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    for (id, section) in sections {
        module.push(*id);
        module.extend(length(section.len()));
        module.extend(section);
    }
    with_sections(&[&[1], &*length(module.len()), &module].concat())
}

/// The type of a function without parameters and results, and so many functions of it.
fn functions(count: usize) -> [(u8, Vec<u8>); 2] {
    [(1, vec![1, 0x60, 0, 0]), (3, [length(count), vec![0; count]].concat())]
}

/// Functions with bodies of so many instructions that do nothing.
fn with_code(bodies: &[usize]) -> Vec<u8> {
    let [types, functions] = functions(bodies.len());
    let bodies: Vec<Vec<u8>> = bodies
        .iter()
        .map(|nops| [length(nops + 2), vec![0], vec![1; *nops], vec![0x0b]].concat())
        .collect();
    let code = [length(bodies.len()), bodies.concat()].concat();
    with_raw_module(&[types, functions, (10, code)])
}

/// A table's segment that names one function so many times.
fn with_elements(count: usize) -> Vec<u8> {
    let [types, functions] = functions(1);
    let segment = [vec![1, 0, 0x41, 0, 0x0b], length(count), vec![0; count]].concat();
    with_raw_module(&[types, functions, (9, segment), (10, vec![1, 2, 0, 0x0b])])
}

fn length(mut bytes: usize) -> Vec<u8> {
    let mut encoded = Vec::new();
    loop {
        let low = u8::try_from(bytes & 0x7f).unwrap();
        bytes >>= 7;
        encoded.push(if bytes > 0 { low | 0x80 } else { low });
        if bytes == 0 {
            return encoded;
        }
    }
}

fn many(count: usize, text: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut all, at| {
        write!(all, "{}", text(at)).unwrap();
        all
    })
}

/// Processor time that children of this process have used, in seconds.
fn children_seconds() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let ticks =
        fields.split_whitespace().skip(13).take(2).map(|ticks| ticks.parse::<u64>().unwrap());
    // The unit is the same on every Linux.
    ticks.sum::<u64>() / 100
}

/// What became of a component, with what it may take at most.
fn load(what: &str, component: &[u8]) -> Result<Plugin, LoadError> {
    // One compiles at a time, and waiting for the turn is nobody's fault.
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let (begun, before) = (Instant::now(), children_seconds());
    let loaded = mappers().load(component);
    let (elapsed, used) = (begun.elapsed(), children_seconds() - before);
    drop(turn);
    assert!(used <= CHILD_SECONDS_MAX, "{what} used {used} s of a child");
    if matches!(loaded, Err(LoadError::Rejected(_))) {
        assert!(elapsed < LOOK_MAX, "{what} took {elapsed:?}");
        assert_eq!(used, 0, "{what}");
    }
    loaded
}

#[test]
fn what_counts_as_too_much_is_not_even_compiled() {
    let doubled = |length: usize| {
        let first = "(component $c0 (core module $m) (core instance (instantiate $m)))".to_owned();
        let chain = many(length, |at| {
            format!(
                "(component $c{} (alias outer 1 $c{at} (component $i)) (instance (instantiate $i)) (instance (instantiate $i)))",
                at + 1
            )
        });
        format!("{first}{chain}(instance (instantiate $c{length}))")
    };
    let canon = format!(
        "(import \"f\" (func $f)) {}",
        many(10_001, |_| "(core func (canon lower (func $f)))".to_owned())
    );
    let cases = [
        ("instances in all", with_instance(with_component(&doubled(20)))),
        ("nested components", with_component(&doubled(64))),
        (
            "aliases",
            with_component(&format!(
                "(type $t u8) (component {})",
                many(100_001, |_| "(alias outer 1 $t (type))".to_owned())
            )),
        ),
        ("lifted or lowered functions", with_component(&canon)),
        (
            "parts of component types",
            with_component(&format!(
                "(type (instance {}))",
                many(50_001, |at| format!("(export \"e{at}\" (func))"))
            )),
        ),
        (
            "parts of component types",
            with_component(&many(6, |_| {
                format!("(type (enum {}))", many(9_000, |at| format!("\"e{at}\" ")))
            })),
        ),
        ("component types", with_component(&"(type u8)".repeat(2_001))),
        ("functions", with_code(&vec![0; 1_000_000])),
        ("bytes in one function", with_code(&[7 << 20])),
        ("bytes of code", with_code(&[1_000_000; 17])),
        (
            "bytes of data",
            with_module(&format!(
                "(memory 1) (data (i32.const 0) \"{}\")",
                "x".repeat((16 << 20) + 1)
            )),
        ),
        ("bytes of data", with_elements((16 << 20) + 1)),
        ("element segments", with_module(&"(elem func)".repeat(4_001))),
    ];
    let before = peak_kib();
    for (what, bytes) in cases {
        let error = load(what, &bytes).expect_err(what);
        assert!(matches!(error, LoadError::Rejected(_)), "{what}: {error:?}");
        assert!(error.to_string().contains(what), "{what}: {error}");
    }
    let grown = peak_kib() - before;
    assert!(grown < GROWTH_KIB_MAX, "{grown} KiB");
}

/// Whether these are compiled or not depends on the compiler's version; what counts is what they may take.
#[test]
fn what_the_compiler_labours_over_is_bounded() {
    let locals = "(local i64) ".repeat(49_000);
    let cases = [
        ("many locals", with_module(&many(40, |_| format!("(func {locals})")))),
        (
            "many blocks",
            with_module(&format!("(func {} {})", "block ".repeat(5_000), "end ".repeat(5_000))),
        ),
        (
            "large tables of branches",
            with_module(&many(60, |_| {
                format!(
                    "(func (param i32) block block local.get 0 br_table {} end end)",
                    "0 1 ".repeat(4_000)
                )
            })),
        ),
        (
            "values that all live",
            with_module(&format!(
                "(func (param i64) (result i64) {} {})",
                "local.get 0 i64.const 3 i64.mul ".repeat(60_000),
                "i64.add ".repeat(59_999)
            )),
        ),
        ("many small functions", with_module(&"(func (result i32) i32.const 1)".repeat(5_000))),
    ];
    let before = peak_kib();
    for (what, bytes) in cases {
        match load(what, &bytes) {
            // A section that nothing uses does not change what the rest answers.
            Ok(plugin) => {
                let order = generate::order(3);
                let run = mappers().map_order(
                    &plugin,
                    &order,
                    &MapSettings::default(),
                    Source::default(),
                );
                assert!(run.document.is_some(), "{what}");
            }
            Err(LoadError::Limit(_) | LoadError::Compile(_)) => {}
            Err(error) => panic!("{what}: {error:?}"),
        }
    }
    let grown = peak_kib() - before;
    assert!(grown < GROWTH_KIB_MAX, "{grown} KiB");
}

/// What would take its memory only when it is started is refused before.
#[test]
fn what_starts_too_large_is_refused() {
    let started = |module: &str| {
        // A component of its own, so that its index spaces are its own.
        with_component(&format!("(core module $m {module}) (core instance (instantiate $m))"))
    };
    let instantiated = |module: &str| {
        let inner = started(module);
        // The nested component is the first one after those that the standard mapper has, of which there are none.
        with_instance(inner)
    };
    for (what, module) in [("memory", "(memory 65536)"), ("table", "(table 10000000 funcref)")] {
        let error = load(what, &instantiated(module)).unwrap_err();
        assert!(matches!(error, LoadError::TooLarge(_)), "{what}: {error:?}");
        assert!(error.to_string().contains(what), "{what}: {error}");
    }
}

/// Instantiates the component that stands last.
fn with_instance(mut component: Vec<u8>) -> Vec<u8> {
    let nested = nested_components(STANDARD);
    let instance = [&[1, 0], &*length(nested), &[0]].concat();
    component.push(5);
    component.extend(length(instance.len()));
    component.extend(instance);
    component
}

/// Components that stand directly in one.
fn nested_components(component: &[u8]) -> usize {
    let (mut at, mut count) = (8, 0);
    while at < component.len() {
        let id = component[at];
        at += 1;
        let (mut size, mut shift) = (0, 0);
        loop {
            let byte = component[at];
            at += 1;
            size |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        count += usize::from(id == 4);
        at += size;
    }
    count
}
