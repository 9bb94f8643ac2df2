//! What a business keeps of its mappers is bounded: what may not serve gives way, and what may is refused beyond that.

use domain::mapper::{COMPONENTS_MAX, CONFIGS_MAX, MapperVersionState, NoRoom};
use futures_util::future::join_all;
use sea_orm::ConnectionTrait;
use storage::StoreError;

use crate::mapping::{plugin, rejected};
use crate::on_each_database;
use crate::world::at;

on_each_database! {
    async fn retired_components_give_way_and_can_be_uploaded_again(world: World) {
        use MapperVersionState::{Retired, Validated};
        let tenant = &world.mine;
        let most = u8::try_from(COMPONENTS_MAX).unwrap();
        let uploads = (1..=most).map(|digest| tenant.add_mapper_version(plugin("p", digest), at(5)));
        assert!(join_all(uploads).await.iter().all(Result::is_ok));
        let another = || tenant.add_mapper_version(plugin("p", most + 1), at(6));
        let full = another().await.unwrap_err();
        assert!(matches!(full, StoreError::NoRoom(NoRoom::Components)), "{full}");
        assert_eq!(tenant.mapper_version_by_digest([most + 1; 32]).await.unwrap(), None);
        let theirs = world.other.add_mapper_version(plugin("p", 1), at(6)).await;
        assert_eq!(theirs.unwrap().number, 1);

        let retired = tenant.mapper_version_by_digest([7; 32]).await.unwrap().unwrap();
        tenant.set_mapper_version_state(retired.number, Validated, Retired, None).await.unwrap();
        assert!(tenant.mapper_component([7; 32]).await.unwrap().is_some(), "kept while there is room");
        let number = another().await.unwrap().number;
        assert_eq!(number, u32::from(most) + 1);
        assert_eq!(tenant.mapper_component([7; 32]).await.unwrap(), None);
        assert!(!tenant.keeps_mapper_component([7; 32]).await.unwrap());
        assert!(tenant.mapper_component([8; 32]).await.unwrap().is_some());
        let version = tenant.mapper_version(retired.number).await.unwrap().unwrap();
        assert_eq!(version.state, Retired);
        let gone = tenant.set_mapper_version_state(retired.number, Retired, Validated, None).await;
        assert!(matches!(gone, Err(StoreError::NotFound("mapper component"))), "{gone:?}");

        // The same bytes are the same version, once there is room for them.
        let again = || tenant.add_mapper_version(plugin("p", 7), at(7));
        let full = again().await.unwrap_err();
        assert!(matches!(full, StoreError::NoRoom(NoRoom::Components)), "{full}");
        tenant.set_mapper_version_state(number, Validated, Retired, None).await.unwrap();
        let back = again().await.unwrap();
        assert_eq!((back.number, back.state), (retired.number, Validated));
        assert!(tenant.mapper_component([7; 32]).await.unwrap().is_some());
        assert_eq!(tenant.mapper_component([most + 1; 32]).await.unwrap(), None);
        world
    }
}

on_each_database! {
    async fn rejected_components_give_way_one_at_a_time(world: World) {
        let tenant = &world.mine;
        let most = u8::try_from(COMPONENTS_MAX).unwrap();
        let uploads = (1..=most).map(|digest| tenant.add_mapper_version(rejected("p", digest), at(5)));
        assert!(join_all(uploads).await.iter().all(Result::is_ok));
        for digest in most + 1..=most + 2 {
            tenant.add_mapper_version(rejected("p", digest), at(6)).await.unwrap();
        }
        let mut kept = 0;
        for digest in 1..=most + 2 {
            kept += usize::from(tenant.mapper_component([digest; 32]).await.unwrap().is_some());
        }
        assert_eq!(kept, COMPONENTS_MAX);
        world
    }
}

on_each_database! {
    async fn one_config_too_many_is_refused(world: World) {
        let tenant = &world.mine;
        let add = |digest| tenant.add_mapper_config("{}".into(), [digest; 32], "me".into(), at(3));
        add(1).await.unwrap();
        let conn = world.intruder().await;
        let last_but_one = format!("UPDATE mapper_config SET config = {}", CONFIGS_MAX - 1);
        conn.execute_unprepared(&last_but_one).await.unwrap();
        conn.close().await.unwrap();
        assert_eq!(add(2).await.unwrap().number, CONFIGS_MAX);
        let full = add(3).await.unwrap_err();
        assert!(matches!(full, StoreError::NoRoom(NoRoom::Configs)), "{full}");
        assert_eq!(add(2).await.unwrap().number, CONFIGS_MAX, "what is there is no new one");
        world
    }
}
