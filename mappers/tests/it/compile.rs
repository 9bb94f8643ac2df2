//! Compiling in a child process, and what is kept of it.

use std::fs;
use std::path::{Path, PathBuf};

use domain::code::Code;
use domain::delivery::Failure;
use domain::mapper::Fault;
use tillgate_mappers::{Compiler, LoadError, MapSettings, Mappers, Plugin, Settings, Source};

use crate::{generate, mappers};

/// The standard mapper's component, which this program would also compile by itself.
const STANDARD: &[u8] = include_bytes!("../../../plugins/standard/standard.wasm");

fn child() -> Compiler {
    Compiler::Child { program: env!("CARGO_BIN_EXE_compile-plugin").into(), args: Vec::new() }
}

fn absent() -> Compiler {
    Compiler::Child { program: "/nonexistent/compiler".into(), args: Vec::new() }
}

/// The standard mapper with a section that does nothing, so that it is another component.
fn fresh(name: &str) -> Vec<u8> {
    let length = u8::try_from(name.len()).unwrap();
    [STANDARD, &[0, length + 1, length], name.as_bytes()].concat()
}

fn small(settings: Settings) -> Mappers {
    Mappers::new(Settings { runs_max: 2, threads: 1, ..settings }).unwrap()
}

/// The document that the plugin makes of an order, to tell whether it works.
fn document(mappers: &Mappers, plugin: &Plugin) -> Option<String> {
    let order = generate::order(3);
    mappers.map_order(plugin, &order, &MapSettings::default(), Source::default()).document
}

/// The one file of a folder.
fn only_file(folder: &Path, except: &[PathBuf]) -> PathBuf {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut others: Vec<_> = files.filter(|path| !except.contains(path)).collect();
    assert_eq!(others.len(), 1, "{others:?}");
    others.remove(0)
}

#[test]
fn what_the_child_compiles_answers_as_what_this_process_does() {
    let with_child = small(Settings { compiler: child(), ..Settings::default() });
    let one = with_child.load(&fresh("a")).unwrap();
    let alone = Settings { compiler: child(), compile_parallel: false, ..Settings::default() };
    let alone = small(alone);
    let two = alone.load(&fresh("a")).unwrap();
    let here = mappers().load(&fresh("a")).unwrap();
    let expected = document(mappers(), &here);
    assert!(expected.is_some());
    assert_eq!(document(&with_child, &one), expected);
    assert_eq!(document(&alone, &two), expected);
}

#[test]
fn a_compiler_that_is_not_there_is_our_fault_and_not_the_plugin_s() {
    let mappers = small(Settings { compiler: absent(), ..Settings::default() });
    let error = mappers.load(&fresh("b")).unwrap_err();
    assert!(matches!(error, LoadError::Compiler(_)), "{error:?}");
    let silent = Compiler::Child { program: "/bin/true".into(), args: Vec::new() };
    let mappers = small(Settings { compiler: silent, ..Settings::default() });
    let error = mappers.load(&fresh("b")).unwrap_err();
    assert!(matches!(error, LoadError::Compiler(_)), "{error:?}");
}

#[test]
fn a_compiler_that_is_ended_from_outside_says_nothing_about_the_plugin() {
    let ended = ["-c", "kill -KILL $$"].map(Into::into).into();
    let ended = Compiler::Child { program: "/bin/sh".into(), args: ended };
    let mappers = small(Settings { compiler: ended, ..Settings::default() });
    let error = mappers.load(&fresh("g")).unwrap_err();
    assert!(matches!(error, LoadError::Interrupted(_)), "{error:?}");
    let failure = Failure::from(&error);
    assert_eq!((failure.code, Fault::of_load(&failure)), (Code::CompileInterrupted, None));
    assert!(failure.detail.contains("try again"), "{failure}");
}

#[test]
fn what_was_compiled_once_is_not_compiled_again() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings {
        cache: Some(folder.path().join("compiled")),
        cache_key: [7; 32],
        compiler: child(),
        ..Settings::default()
    };
    let bytes = fresh("c");
    let first = small(settings.clone());
    let plugin = first.load(&bytes).unwrap();
    let expected = document(&first, &plugin);

    let without = small(Settings { compiler: absent(), ..settings });
    let by_bytes = without.load(&bytes).unwrap();
    assert_eq!(document(&without, &by_bytes), expected);
    let digest = by_bytes.digest();
    drop(by_bytes);
    let by_digest = without.compiled(digest).unwrap();
    assert_eq!(document(&without, &by_digest), expected);
    assert_eq!(
        (by_digest.contract(), by_digest.capabilities(), by_digest.size_bytes()),
        (plugin.contract(), plugin.capabilities(), bytes.len())
    );
    assert!(without.compiled([0; 32]).is_none());
}

#[test]
fn a_tampered_or_foreign_artifact_is_compiled_again_and_never_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings {
        cache: Some(folder.path().to_owned()),
        cache_key: [7; 32],
        ..Settings::default()
    };
    let bytes = fresh("d");
    let first = small(settings.clone());
    let standard = only_file(folder.path(), &[]);
    let digest = first.load(&bytes).unwrap().digest();
    let file = only_file(folder.path(), &[standard]);
    let whole = fs::read(&file).unwrap();

    // One bit of the code, one of the seal, a part of it, nothing, and more.
    let mut cases = Vec::new();
    for at in [whole.len() / 2, 3] {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        cases.push(changed);
    }
    cases.push(whole[..whole.len() - 1].to_vec());
    cases.push(Vec::new());
    cases.push([&whole[..], b"x"].concat());
    for (index, tampered) in cases.iter().enumerate() {
        fs::write(&file, tampered).unwrap();
        let unable = small(Settings { compiler: absent(), ..settings.clone() });
        assert!(unable.compiled(digest).is_none(), "case {index}");
        assert!(matches!(unable.load(&bytes), Err(LoadError::Compiler(_))), "case {index}");
        let able = small(settings.clone());
        assert!(document(&able, &able.load(&bytes).unwrap()).is_some());
        assert_eq!(fs::read(&file).unwrap(), whole, "compiled again and kept");
    }

    let other_key = Settings { cache_key: [8; 32], compiler: absent(), ..settings.clone() };
    assert!(small(other_key).compiled(digest).is_none(), "sealed by another installation");
    // What is good for one component is not good for another.
    let other = fresh("e");
    let able = small(settings.clone());
    let other_digest = able.load(&other).unwrap().digest();
    let name = |digest: [u8; 32]| {
        let hex = crate::hex(&digest);
        let old: String = file.file_name().unwrap().to_str().unwrap()[64..].to_owned();
        folder.path().join(hex + &old)
    };
    fs::copy(&file, name(other_digest)).unwrap();
    let unable = small(Settings { compiler: absent(), ..settings });
    assert!(unable.compiled(digest).is_some());
    assert!(unable.compiled(other_digest).is_none(), "the code of another component");
}

#[test]
fn a_folder_that_cannot_be_written_costs_time_and_nothing_else() {
    let folder = tempfile::NamedTempFile::new().unwrap();
    let settings = Settings { cache: Some(folder.path().to_owned()), ..Settings::default() };
    let mappers = small(settings);
    assert!(document(&mappers, &mappers.load(&fresh("f")).unwrap()).is_some());
}
