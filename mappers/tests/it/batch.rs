//! Many orders at once.

use std::time::Duration;

use tillgate_mappers::{MapJob, MapSettings, Mappers, Settings, Source};

use crate::{
    generate, hostile_component, hostile_plugin, mappers, outcome, settings, standard_plugin,
};

#[test]
fn a_batch_answers_in_its_order_and_one_bad_run_fails_alone() {
    let orders: Vec<_> = (0..64).map(generate::order).collect();
    let (good, bad) = (MapSettings::default(), settings(&[("do", "memory")]));
    let jobs: Vec<_> = orders
        .iter()
        .enumerate()
        .map(|(index, order)| MapJob {
            plugin: if index == 20 { hostile_plugin() } else { standard_plugin() },
            order,
            settings: if index == 20 { &bad } else { &good },
            source: Source::default(),
        })
        .collect();
    let runs = mappers().map_orders(&jobs);
    for (index, (run, job)) in runs.iter().zip(&jobs).enumerate() {
        let alone = mappers().map_order(job.plugin, job.order, job.settings, job.source);
        assert_eq!(outcome(run), outcome(&alone), "job {index}");
        assert_eq!(run.input_digest, alone.input_digest);
    }
    assert!(outcome(&runs[20]).unwrap_err().starts_with("PLUGIN_LIMIT"));
}

#[test]
fn a_batch_ends_when_its_time_is_used_up() {
    let order = generate::order(3);
    let (good, slow) = (MapSettings::default(), settings(&[("do", "loop")]));
    let few = Mappers::new(Settings { threads: 2, ..Settings::default() }).unwrap();
    // A plugin runs only where it was loaded.
    let plugin = few.load(&hostile_component()).unwrap();
    let job =
        |settings| MapJob { plugin: &plugin, order: &order, settings, source: Source::default() };
    let jobs: Vec<_> = (0..64).map(|index| job(if index < 4 { &good } else { &slow })).collect();
    let runs = few.map_orders_within(&jobs, Duration::from_millis(1));
    let begun = runs.iter().filter(|run| run.is_some()).count();
    // Each thread notices after the run that it was in.
    assert!((1..=6).contains(&begun), "{begun} of 64");
    assert!(runs[..begun].iter().all(Option::is_some), "the first ones");
    assert_eq!(few.map_orders(&jobs[..4]).len(), 4, "without a bound all of them are run");
}

#[test]
fn more_callers_than_places_wait_for_their_turn() {
    let narrow = Mappers::new(Settings { runs_max: 2, threads: 1, ..Settings::default() }).unwrap();
    let plugin = narrow.standard();
    let order = generate::order(3);
    let expected = outcome(&mappers().map_order(
        standard_plugin(),
        &order,
        &MapSettings::default(),
        Source::default(),
    ));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let run = narrow.map_order(
                        &plugin,
                        &order,
                        &MapSettings::default(),
                        Source::default(),
                    );
                    assert_eq!(outcome(&run), expected);
                }
            });
        }
    });
}
