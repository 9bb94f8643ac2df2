//! What we know of the store.

pub(crate) mod shopify_order {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "shopify_order")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub business_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub order_id: i64,
        pub connection_id: Uuid,
        pub delivery_id: Uuid,
        pub name: String,
        pub number: i64,
        pub source_name: Option<String>,
        pub test: bool,
        pub financial_status: String,
        pub fulfillment_status: Option<String>,
        pub currency: String,
        pub subtotal: String,
        pub total_tax: String,
        pub total: String,
        pub current_total: String,
        pub customer_id: Option<i64>,
        pub line_count: i64,
        pub created_at: i64,
        pub processed_at: Option<i64>,
        pub cancelled_at: Option<i64>,
        pub closed_at: Option<i64>,
        pub updated_at: i64,
        pub authority: String,
        pub body_hash: Vec<u8>,
        pub written_at: i64,
        pub removed_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod shopify_line_item {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "shopify_line_item")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub business_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub order_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub line_item_id: i64,
        pub block: i64,
        pub position: i64,
        pub product_id: Option<i64>,
        pub variant_id: Option<i64>,
        pub sku: Option<String>,
        pub title: String,
        pub variant_title: Option<String>,
        pub quantity: i64,
        pub current_quantity: i64,
        pub unit_price: String,
        pub discount: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod shopify_product {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "shopify_product")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub business_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub product_id: i64,
        pub connection_id: Uuid,
        pub delivery_id: Uuid,
        pub title: String,
        pub handle: Option<String>,
        pub vendor: Option<String>,
        pub product_type: Option<String>,
        pub status: String,
        pub tags: String,
        pub variants_complete: bool,
        pub created_at: Option<i64>,
        pub updated_at: i64,
        pub authority: String,
        pub body_hash: Vec<u8>,
        pub written_at: i64,
        pub removed_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod shopify_product_variant {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "shopify_product_variant")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub business_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub product_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub variant_id: i64,
        pub position: i64,
        pub title: String,
        pub sku: Option<String>,
        pub barcode: Option<String>,
        pub price: String,
        pub compare_at_price: Option<String>,
        pub inventory_item_id: Option<i64>,
        pub inventory_quantity: Option<i64>,
        pub taxable: bool,
        pub updated_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
