//! Every released contract is served: a component made of its text alone fits, one with another contract's records
//! does not.

use std::path::{Path, PathBuf};

use tillgate_mappers::{ContractVersion, LoadError};
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{ManglingAndAbi, Resolve};

use crate::mappers;

/// The folder of a contract's text.
fn folder(version: ContractVersion) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("wit").join(version.as_str())
}

/// A component that has every function of the contract, and does nothing in any of them.
fn dummy(resolve: &Resolve, package: wit_parser::PackageId) -> Vec<u8> {
    let world = resolve.select_world(&[package], Some("full-plugin")).unwrap();
    let mut module = dummy_module(resolve, world, ManglingAndAbi::Standard32);
    embed_component_metadata(&mut module, resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().encode().unwrap()
}

#[test]
fn every_contract_is_served_as_it_is_written() {
    for version in ContractVersion::ALL {
        let mut resolve = Resolve::default();
        let (package, _) = resolve.push_dir(folder(version)).unwrap();
        let plugin = mappers().load(&dummy(&resolve, package)).unwrap();
        assert_eq!(plugin.contract(), version);
        let can = plugin.capabilities();
        assert!(can.map_order && can.map_product && can.publish_product, "{can:?}");
    }
}

#[test]
fn the_records_of_one_contract_do_not_pass_for_those_of_another() {
    for version in ContractVersion::ALL {
        for claimed in ContractVersion::ALL.into_iter().filter(|claimed| *claimed != version) {
            let mut resolve = Resolve::default();
            let (package, _) = resolve.push_dir(folder(version)).unwrap();
            let claim = format!("{claimed}.0").parse().unwrap();
            resolve.packages[package].name.version = Some(claim);
            let error = mappers().load(&dummy(&resolve, package)).unwrap_err();
            assert!(matches!(error, LoadError::Contract(said, _) if said == claimed), "{error:?}");
            assert!(error.to_string().contains("fields"), "{error}");
        }
    }
}
