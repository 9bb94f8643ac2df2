//! A business's own mappers, and what was run.

pub(crate) mod mapper_component {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "mapper_component")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub business_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub digest: Vec<u8>,
        pub component: Vec<u8>,
        pub encoding: String,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod mapper_version {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "mapper_version")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub business_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i64,
        pub digest: Vec<u8>,
        pub size_bytes: i64,
        pub contract: String,
        pub name: String,
        pub plugin_version: String,
        pub summary: String,
        pub settings_schema: String,
        pub capabilities: String,
        pub state: String,
        pub failure_code: Option<String>,
        pub failure_detail: Option<String>,
        pub golden_count: i64,
        pub uploaded_by: String,
        pub uploaded_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod mapper_config {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "mapper_config")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub business_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub config: i64,
        pub settings: String,
        pub digest: Vec<u8>,
        pub created_by: String,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod mapper_binding {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "mapper_binding")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub business_id: Uuid,
        pub revision: i64,
        pub active_version: i64,
        pub active_config: i64,
        pub canary_version: Option<i64>,
        pub canary_config: Option<i64>,
        pub canary_percent: Option<i64>,
        pub previous_version: Option<i64>,
        pub previous_config: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod mapper_change {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "mapper_change")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub business_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub revision: i64,
        pub kind: String,
        pub from_version: i64,
        pub from_config: i64,
        pub to_version: i64,
        pub to_config: i64,
        pub percent: Option<i64>,
        pub report_id: Option<Uuid>,
        pub reason: Option<String>,
        pub actor: Option<String>,
        pub at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod shadow_report {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "shadow_report")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub business_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub report_id: Uuid,
        pub candidate_version: i64,
        pub candidate_config: i64,
        pub active_version: i64,
        pub active_config: i64,
        pub state: String,
        pub body: Option<String>,
        pub created_by: String,
        pub created_at: i64,
        pub finished_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod mapper_work {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "mapper_work")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub business_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        pub work_id: Uuid,
        pub held_until: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod mapper_repair {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "mapper_repair")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub business_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub repair_id: Uuid,
        pub mapper_version: i64,
        pub mapper_config: i64,
        pub state: String,
        pub orders: Option<i64>,
        pub dead_letters: Option<i64>,
        pub detail: Option<String>,
        pub created_by: String,
        pub created_at: i64,
        pub finished_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod mapper_run {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "mapper_run")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub business_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub run_id: Uuid,
        pub delivery_id: Uuid,
        pub capability: String,
        pub external_id: i64,
        pub mapper_version: i64,
        pub mapper_config: i64,
        pub contract: String,
        pub host: String,
        pub plugin_digest: Vec<u8>,
        pub config_digest: Vec<u8>,
        pub input_digest: Vec<u8>,
        pub output_digest: Option<Vec<u8>>,
        pub outcome: String,
        pub failure_code: Option<String>,
        pub failure_detail: Option<String>,
        pub log: Option<String>,
        pub fuel: i64,
        pub duration_us: i64,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
