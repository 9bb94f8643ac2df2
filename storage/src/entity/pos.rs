//! The POS's catalogue, orders and stock ledger.

pub(crate) mod pos_product {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "pos_product")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub business_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub pos_product_id: String,
        pub sku: Option<String>,
        pub name: String,
        pub price: String,
        pub currency: String,
        pub active: bool,
        pub updated_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod link {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "link")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub business_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub variant_id: i64,
        pub pos_product_id: String,
        pub origin: String,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod pos_order {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "pos_order")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub business_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub external_id: i64,
        pub pos_order_id: Uuid,
        pub version: i64,
        pub delivery_id: Uuid,
        pub source_hash: Vec<u8>,
        pub document_hash: Vec<u8>,
        pub number: String,
        pub state: String,
        pub currency: String,
        pub total: String,
        pub refunded_total: String,
        pub line_count: i64,
        pub unlinked_lines: i64,
        pub mapper_version: i64,
        pub mapper_config: i64,
        pub placed_at: i64,
        pub created_at: i64,
        pub updated_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod pos_order_version {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "pos_order_version")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub business_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub external_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i64,
        pub delivery_id: Uuid,
        pub run_id: Uuid,
        pub source_hash: Vec<u8>,
        pub document_hash: Vec<u8>,
        pub document: String,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod stock_movement {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "stock_movement")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub business_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub movement_id: Uuid,
        pub pos_product_id: String,
        pub location: String,
        pub quantity: i64,
        pub reason: String,
        pub order_id: Option<i64>,
        pub line_item_id: Option<i64>,
        pub number: Option<i64>,
        pub block: i64,
        pub delivery_id: Option<Uuid>,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod stock_level {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "stock_level")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub business_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub pos_product_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub location: String,
        pub quantity: i64,
        pub updated_at: i64,
        pub counted_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
