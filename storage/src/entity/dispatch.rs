//! POS orders on their way to the business's own POS.

pub(crate) mod pos_endpoint {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "pos_endpoint")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub business_id: Uuid,
        pub url: String,
        pub secret: Vec<u8>,
        pub previous_secret: Option<Vec<u8>>,
        pub previous_until: Option<i64>,
        pub failures: i64,
        pub paused_until: i64,
        pub gone_at: Option<i64>,
        pub created_at: i64,
        pub updated_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod outbox {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "outbox")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub business_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub external_id: i64,
        pub wanted_version: i64,
        pub sent_version: i64,
        pub state: String,
        pub attempts: i64,
        pub run_at: i64,
        pub lease_token: Option<i64>,
        pub failure_code: Option<String>,
        pub failure_detail: Option<String>,
        pub sent_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
