//! Plugins that were built for older contracts: what was compiled then runs now, and answers the same bytes.
//!
//! The components in `tests/frozen` are never built again.

use std::sync::OnceLock;

use domain::refined::Order;
use sha2::{Digest, Sha256};
use tillgate_mappers::{Answer, ContractVersion, MapSettings, Plugin};

use crate::{generate, mappers, native, settings};

/// SHA-256 over the documents that the standard mapper of 1.0 made of the first orders when it was frozen.
const DOCUMENTS_1_0: &str = "492a2636fc97ca1844ef00e3cd9797b9f2a52de2c970aeb06a484ce75019f965";

fn standard_1_0() -> &'static Plugin {
    static PLUGIN: OnceLock<Plugin> = OnceLock::new();
    PLUGIN.get_or_init(|| mappers().load(include_bytes!("../frozen/standard-1.0.wasm")).unwrap())
}

fn hostile_1_0() -> &'static Plugin {
    static PLUGIN: OnceLock<Plugin> = OnceLock::new();
    PLUGIN.get_or_init(|| mappers().load(include_bytes!("../frozen/hostile-1.0.wasm")).unwrap())
}

/// An order with everything that later contracts added.
fn order(seed: u64) -> Order {
    Order { confirmation_number: Some("XPAV284CT".to_owned()), ..generate::order(seed) }
}

#[test]
fn a_plugin_of_an_older_contract_answers_the_bytes_that_it_always_did() {
    let plugin = standard_1_0();
    assert_eq!(plugin.contract(), ContractVersion::V1_0);
    assert_eq!(mappers().describe(plugin).unwrap().name, "standard");
    let mut documents = Sha256::new();
    for seed in 0..200 {
        let run = mappers().map_order(plugin, &order(seed), &MapSettings::default(), &b""[..]);
        match (&run.result, &run.document) {
            (Ok(Answer::Mapped(_)), Some(document)) => documents.update(document),
            (Err(failure), None) => documents.update(failure.failure().to_string()),
            other => panic!("order {seed}: {other:?}"),
        }
    }
    assert_eq!(crate::hex(&documents.finalize()), DOCUMENTS_1_0);
}

#[test]
fn every_field_of_an_older_record_arrives_as_it_was() {
    for seed in (0..60).filter(|seed| order(*seed).line_items.len() <= 8) {
        let order = order(seed);
        let shown = settings(&[("do", "show")]);
        let run = mappers().map_order(hostile_1_0(), &order, &shown, &b""[..]);
        let expected = format!("debug: {:?}", native::to_guest(&order));
        let added = "confirmation_number: Some(\"XPAV284CT\"), ";
        assert_eq!(run.log, [expected.replace(added, "")]);
    }
}

#[test]
fn another_contract_means_other_digests() {
    let order = order(1);
    let digest = |plugin: &Plugin| {
        mappers().map_order(plugin, &order, &MapSettings::default(), &b""[..]).input_digest
    };
    let newest = mappers().standard();
    if newest.contract() != ContractVersion::V1_0 {
        assert_ne!(digest(&newest), digest(standard_1_0()));
    }
    assert_eq!(digest(standard_1_0()), digest(hostile_1_0()), "only the contract counts");
}
