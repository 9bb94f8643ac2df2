//! The component and the native function answer the same, and so does the component every time (F2).

use tillgate_mappers::MapAnswer;

use crate::{generate, mapped_with, mappers, settings, standard_plugin};

/// Orders to compare.
const ORDERS: u64 = 400;

#[test]
fn the_component_answers_as_the_native_function_does() {
    let (mut fine, mut refused) = (0, 0);
    for seed in 0..ORDERS {
        let order = generate::order(seed);
        for side in ["shop", "presentment"] {
            match mapped_with(&order, &[("currency", side)]) {
                Ok(_) => fine += 1,
                Err(said) => {
                    assert!(said.starts_with("TOTAL_MISMATCH"), "order {seed}: {said}");
                    refused += 1;
                }
            }
        }
    }
    assert!(fine > ORDERS && refused > 10, "{fine} fine, {refused} refused");
}

#[test]
fn the_same_input_gives_the_same_bytes_for_the_same_fuel() {
    for seed in 0..40 {
        let order = generate::order(seed);
        let settings = settings(&[]);
        let [one, two] = [(); 2]
            .map(|()| mappers().map_order(standard_plugin(), &order, &settings, b"{}".as_slice()));
        assert_eq!(one.document, two.document);
        assert_eq!(
            (one.input_digest, one.output_digest, one.plugin_digest, one.fuel, one.memory_bytes),
            (two.input_digest, two.output_digest, two.plugin_digest, two.fuel, two.memory_bytes)
        );
        let mapped = matches!(one.result, Ok(MapAnswer::Mapped(_)));
        assert_eq!(one.output_digest.is_some(), mapped);
    }
}

#[test]
fn the_input_digest_tells_inputs_apart() {
    let digest = |seed: u64, pairs: &[(&str, &str)], body: &[u8]| {
        let order = generate::order(seed);
        mappers().map_order(standard_plugin(), &order, &settings(pairs), body).input_digest
    };
    let first = digest(1, &[], b"a");
    assert_eq!(first, digest(1, &[], b"a"));
    assert_ne!(first, digest(2, &[], b"a"));
    assert_ne!(first, digest(1, &[("location", "1")], b"a"));
    assert_ne!(first, digest(1, &[], b"b"));
}
