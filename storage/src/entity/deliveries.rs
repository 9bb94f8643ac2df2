//! What came in, and what becomes of it.

pub(crate) mod delivery {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "delivery")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub business_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub delivery_id: Uuid,
        pub connection_id: Uuid,
        pub source: String,
        pub topic: String,
        pub webhook_id: String,
        pub event_id: Option<String>,
        pub api_version: Option<String>,
        pub triggered_at: Option<i64>,
        pub received_at: i64,
        pub body_hash: Vec<u8>,
        pub body: Vec<u8>,
        pub body_encoding: String,
        pub erased_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod inbox {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "inbox")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub business_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub delivery_id: Uuid,
        pub state: String,
        pub attempts: i64,
        pub run_at: i64,
        pub lease_token: Option<i64>,
        pub outcome: Option<String>,
        pub failure_code: Option<String>,
        pub failure_detail: Option<String>,
        pub object_type: Option<String>,
        pub object_id: Option<i64>,
        pub finished_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
