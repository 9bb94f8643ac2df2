//! Comparisons of all that a store has with what is held.

pub(crate) mod reconciliation {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "reconciliation")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub business_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub reconciliation_id: Uuid,
        pub connection_id: Uuid,
        pub kind: String,
        pub state: String,
        pub step: String,
        pub step_at: i64,
        pub window_from: Option<i64>,
        pub window_until: i64,
        pub after_id: Option<i64>,
        pub seen: i64,
        pub total: Option<i64>,
        pub missing: i64,
        pub stale: i64,
        pub vanished: i64,
        pub left_as_is: i64,
        pub healed: i64,
        pub unhealed: i64,
        pub attempts: i64,
        pub failure_code: Option<String>,
        pub failure_detail: Option<String>,
        pub revision: i64,
        pub started_by: String,
        pub approved_by: Option<String>,
        pub created_at: i64,
        pub finished_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod drift {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "drift")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub business_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub reconciliation_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub object_id: i64,
        pub kind: String,
        pub state: String,
        pub cause: String,
        pub cause_delivery_id: Option<Uuid>,
        pub cause_code: Option<String>,
        pub object_created_at: i64,
        pub store_updated_at: Option<i64>,
        pub held_updated_at: Option<i64>,
        pub healed_by: Option<Uuid>,
        pub found_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod certificate {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "certificate")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub business_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub certificate_id: Uuid,
        pub connection_id: Uuid,
        pub kind: String,
        pub period_from: i64,
        pub period_until: i64,
        pub state: String,
        pub after_id: Option<i64>,
        pub accounts: String,
        pub entries: String,
        pub store_digest: Vec<u8>,
        pub held_digest: Vec<u8>,
        pub attempts: i64,
        pub failure_code: Option<String>,
        pub failure_detail: Option<String>,
        pub revision: i64,
        pub created_by: String,
        pub created_at: i64,
        pub finished_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
