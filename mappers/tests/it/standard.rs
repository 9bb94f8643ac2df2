//! The standard mapper, native and as a component.

use tillgate_mappers::{MapAnswer, MapSettings, Mappers, Settings};

use crate::orders::{line, order};

#[test]
fn smoke() {
    let mappers = Mappers::new(Settings::default()).unwrap();
    let order = order(vec![line(1, 2, "5.00")], "10.00");
    let body = b"{}".as_slice();
    let run = mappers.map_order(&mappers.standard(), &order, &MapSettings::default(), body);
    println!("{run:?} {:?}", mappers.describe(&mappers.standard()));
    assert!(matches!(run.result, Ok(MapAnswer::Mapped(_))));
}
