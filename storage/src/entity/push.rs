//! Stock and products on their way to the store.

pub(crate) mod inventory_policy {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "inventory_policy")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub business_id: Uuid,
        pub ownership: String,
        pub basis: String,
        pub buffer: i64,
        pub negative: String,
        pub updated_by: String,
        pub updated_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod push_location {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "push_location")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub business_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub connection_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub location_id: i64,
        pub is_primary: bool,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod stock_push {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "stock_push")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub business_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub connection_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub inventory_item_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub location_id: i64,
        pub variant_id: i64,
        pub pos_product_id: String,
        pub generation: i64,
        pub state: String,
        pub attempts: i64,
        pub run_at: i64,
        pub lease_token: Option<i64>,
        pub level: Option<i64>,
        pub buffer: Option<i64>,
        pub target: Option<i64>,
        pub hold: Option<String>,
        pub failure_code: Option<String>,
        pub failure_detail: Option<String>,
        pub is_known: bool,
        pub known: Option<i64>,
        pub known_at: Option<i64>,
        pub changed_at: Option<i64>,
        pub sending: Option<i64>,
        pub sent: Option<i64>,
        pub sent_at: Option<i64>,
        pub updated_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod product_push {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "product_push")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub business_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub connection_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub pos_product_id: String,
        pub sync_log_id: Uuid,
        pub state: String,
        pub attempts: i64,
        pub run_at: i64,
        pub lease_token: Option<i64>,
        pub hold: Option<String>,
        pub failure_code: Option<String>,
        pub failure_detail: Option<String>,
        pub making: bool,
        pub product_id: Option<i64>,
        pub listing: Option<String>,
        pub pushed_at: Option<i64>,
        pub updated_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
