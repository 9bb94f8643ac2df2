//! Shadow runs begin, go on, and end once.

use domain::mapper::ShadowState;
use storage::StoreError;

use crate::mapping::shadow;
use crate::on_each_database;
use crate::world::at;

on_each_database! {
    async fn a_report_is_written_until_it_ends(world: World) {
        let tenant = &world.mine;
        let mut report = shadow(5);
        tenant.add_shadow_report(report.clone()).await.unwrap();
        assert_eq!(tenant.shadow_report(report.id).await.unwrap(), Some(report.clone()));
        report.body = Some(r#"{"percent":40}"#.into());
        tenant.update_shadow_report(report.clone()).await.unwrap();
        report.body = Some(r#"{"differences":[]}"#.into());
        (report.state, report.finished_at) = (ShadowState::Done, Some(at(9)));
        tenant.update_shadow_report(report.clone()).await.unwrap();
        assert_eq!(tenant.shadow_report(report.id).await.unwrap(), Some(report.clone()));

        let mut again = report.clone();
        again.state = ShadowState::Failed;
        for late in [
            tenant.update_shadow_report(again.clone()).await,
            world.other.update_shadow_report(again).await,
            tenant.update_shadow_report(shadow(6)).await,
            tenant.add_shadow_report(report.clone()).await,
        ] {
            assert!(matches!(late, Err(StoreError::Conflict(_))), "{late:?}");
        }
        assert_eq!(tenant.shadow_report(report.id).await.unwrap(), Some(report.clone()));
        assert_eq!(world.other.shadow_report(report.id).await.unwrap(), None);
        world
    }
}
