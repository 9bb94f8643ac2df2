//! What is uploaded is kept once, numbered, and given back as it came.

use domain::mapper::{MapperVersion, MapperVersionState};
use domain::page::{Direction, PageRequest};
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, Statement};
use storage::StoreError;

use crate::mapping::{plugin, rejected};
use crate::on_each_database;
use crate::world::{World, at};

async fn count(world: &World, table: &str) -> i64 {
    let conn = world.intruder().await;
    let backend = conn.get_database_backend();
    let sql = format!("SELECT count(*) FROM {table}");
    let row = conn.query_one_raw(Statement::from_string(backend, sql)).await.unwrap().unwrap();
    conn.close().await.unwrap();
    row.try_get_by_index(0).unwrap()
}

on_each_database! {
    async fn versions_are_numbered_and_the_same_bytes_are_one(world: World) {
        let tenant = &world.mine;
        let first = tenant.add_mapper_version(plugin("one", 1), at(5)).await.unwrap();
        let second = tenant.add_mapper_version(rejected("two", 2), at(6)).await.unwrap();
        assert_eq!((first.number, second.number), (1, 2));
        let mut renamed = plugin("one", 1);
        renamed.name = "another".into();
        let again = tenant.add_mapper_version(renamed, at(7)).await.unwrap();
        assert_eq!(again, first);
        assert_eq!(tenant.mapper_version(1).await.unwrap().as_ref(), Some(&first));
        assert_eq!(tenant.mapper_version_by_digest([2; 32]).await.unwrap(), Some(second.clone()));
        assert_eq!(tenant.mapper_version(3).await.unwrap(), None);

        let MapperVersion { size_bytes, capabilities, uploaded_at, failure, .. } = first;
        assert_eq!((size_bytes, uploaded_at, failure), (1_000, at(5), None));
        assert!(capabilities.map_order && !capabilities.map_product && capabilities.publish_product);
        assert_eq!(second.failure.unwrap().detail, "a golden test fails");
        assert_eq!(count(&world, "mapper_component").await, 2);
        world
    }
}

on_each_database! {
    async fn uploads_at_the_same_time_get_different_numbers(world: World) {
        let tenant = &world.mine;
        // Five plugins, each of them twice.
        let uploads = (0..10).map(|n| tenant.add_mapper_version(plugin("p", n % 5 + 1), at(5)));
        let versions = join_all(uploads).await;
        let mut numbers: Vec<u32> = versions.into_iter().map(|v| v.unwrap().number).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
        assert_eq!(count(&world, "mapper_component").await, 5);
        world
    }
}

on_each_database! {
    async fn a_component_comes_back_as_it_came(world: World) {
        let tenant = &world.mine;
        let mut random = 1_u32;
        let noise = std::iter::repeat_with(|| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            random.to_be_bytes()[0]
        });
        for (digest, component) in [
            (1, vec![7; 3 << 20]),
            (2, noise.take(100_000).collect()),
            (3, vec![]),
        ] {
            let mut new = plugin("p", digest);
            new.component.clone_from(&component);
            tenant.add_mapper_version(new, at(5)).await.unwrap();
            let stored = tenant.mapper_component([digest; 32]).await.unwrap();
            assert!(stored.as_ref() == Some(&component), "{digest}");
            assert_eq!(world.other.mapper_component([digest; 32]).await.unwrap(), None);
        }
        let conn = world.intruder().await;
        let backend = conn.get_database_backend();
        let sql = "SELECT encoding, length(component) FROM mapper_component ORDER BY digest";
        let rows = conn.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
        let kept = rows.iter().map(|row| row.try_get_by_index(0).unwrap());
        assert_eq!(kept.collect::<Vec<String>>(), ["zstd", "plain", "plain"]);

        conn.execute_unprepared("UPDATE mapper_component SET encoding = 'zstd'").await.unwrap();
        conn.close().await.unwrap();
        let broken = tenant.mapper_component([2; 32]).await;
        assert!(matches!(broken, Err(StoreError::Corrupt { .. })), "{broken:?}");
        world
    }
}

on_each_database! {
    async fn a_state_is_noted_with_its_reason(world: World) {
        use MapperVersionState::{Rejected, Retired, Validated};
        let tenant = &world.mine;
        tenant.add_mapper_version(plugin("one", 1), at(5)).await.unwrap();
        let failure = rejected("one", 1).failure;
        let noted = tenant.set_mapper_version_state(1, Validated, Rejected, failure.clone()).await.unwrap();
        assert_eq!((noted.state, &noted.failure), (Rejected, &failure));
        assert_eq!(tenant.mapper_version(1).await.unwrap(), Some(noted));
        let noted = tenant.set_mapper_version_state(1, Rejected, Validated, None).await.unwrap();
        assert_eq!((noted.state, &noted.failure), (Validated, &None));
        assert_eq!(tenant.mapper_version(1).await.unwrap(), Some(noted));
        for missing in [
            tenant.set_mapper_version_state(2, Rejected, Validated, None).await,
            world.other.set_mapper_version_state(1, Rejected, Validated, None).await,
        ] {
            assert!(matches!(missing, Err(StoreError::NotFound(_))), "{missing:?}");
        }

        // It was retired while it was examined, which brings it not back.
        tenant.set_mapper_version_state(1, Validated, Retired, None).await.unwrap();
        for found in [Validated, Rejected] {
            let late = tenant.set_mapper_version_state(1, Validated, found, None).await;
            assert!(matches!(late, Err(StoreError::Conflict(_))), "{late:?}");
            assert_eq!(tenant.mapper_version(1).await.unwrap().unwrap().state, Retired);
        }
        world
    }
}

on_each_database! {
    async fn settings_that_give_the_same_are_one_config(world: World) {
        let tenant = &world.mine;
        let add = |settings: &str, digest| {
            tenant.add_mapper_config(settings.to_owned(), [digest; 32], "me".into(), at(3))
        };
        assert_eq!(tenant.newest_mapper_config().await.unwrap(), 0);
        let first = add(r#"{"a":1}"#, 1).await.unwrap();
        let second = add(r#"{"a":2}"#, 2).await.unwrap();
        assert_eq!((first.number, second.number), (1, 2));
        assert_eq!(add(r#"{"a":"1"}"#, 1).await.unwrap(), first);
        assert_eq!(tenant.mapper_config(1).await.unwrap(), Some(first));
        assert_eq!(tenant.mapper_config_by_digest([2; 32]).await.unwrap(), Some(second));
        assert_eq!(tenant.newest_mapper_config().await.unwrap(), 2);
        assert_eq!(tenant.mapper_config(0).await.unwrap(), None);
        let theirs = world.other.add_mapper_config("{}".into(), [1; 32], "me".into(), at(4)).await;
        assert_eq!(theirs.unwrap().number, 1);
        assert_eq!(world.other.newest_mapper_config().await.unwrap(), 1);
        world
    }
}

on_each_database! {
    async fn another_business_has_versions_of_its_own(world: World) {
        world.mine.add_mapper_version(plugin("one", 1), at(5)).await.unwrap();
        let request = PageRequest { limit: 5, direction: Direction::Forward, cursor: None };
        assert!(world.other.mapper_versions(&request).await.unwrap().rows.is_empty());
        assert_eq!(world.other.mapper_version(1).await.unwrap(), None);
        assert_eq!(world.other.mapper_version_by_digest([1; 32]).await.unwrap(), None);
        let theirs = world.other.add_mapper_version(plugin("one", 1), at(6)).await.unwrap();
        assert_eq!((theirs.number, theirs.uploaded_at), (1, at(6)));
        assert_eq!(count(&world, "mapper_component").await, 2);
        world
    }
}
