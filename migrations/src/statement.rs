//! What the two databases do not share.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Stands at the end of a table that SQLite keeps in its primary key's tree; Postgres has only one kind of table.
const CLUSTERED: &str = "CLUSTERED";

/// Runs `statements` in order.
pub(crate) async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    for statement in statements {
        let sql = match manager.get_database_backend() {
            DbBackend::Sqlite => in_sqlite(statement),
            _ => statement.replace(CLUSTERED, ""),
        };
        manager.get_connection().execute_unprepared(&sql).await?;
    }
    Ok(())
}

/// Runs `statements` on Postgres only.
pub(crate) async fn run_on_postgres(
    manager: &SchemaManager<'_>,
    statements: &[&str],
) -> Result<(), DbErr> {
    match manager.get_database_backend() {
        DbBackend::Postgres => run(manager, statements).await,
        _ => Ok(()),
    }
}

/// Tells SQLite how selective the indexes of tables that are about to be made will be: (table, index, rows in all and
/// per value of the index's first column, first two, …), where a table without row ids is its own first index.
///
/// Nothing measures our tables, and by itself SQLite takes ten rows for what a business has: it would read all of them
/// by the primary key rather than enter an index. With figures that never change, neither do its plans. The tables are
/// made afterwards, which is when other connections take the figures up.
pub(crate) async fn plan_by(
    manager: &SchemaManager<'_>,
    figures: &[(&str, &str, &str)],
) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Sqlite {
        return Ok(());
    }
    let conn = manager.get_connection();
    conn.execute_unprepared("ANALYZE sqlite_schema").await?;
    for (table, index, rows) in figures {
        let sql = format!(
            "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('{table}', '{index}', '{rows}')"
        );
        conn.execute_unprepared(&sql).await?;
    }
    Ok(())
}

/// Drops `tables`, the last first.
pub(crate) async fn drop_all(manager: &SchemaManager<'_>, tables: &[&str]) -> Result<(), DbErr> {
    for table in tables.iter().rev() {
        let sql = format!("DROP TABLE {table}");
        manager.get_connection().execute_unprepared(&sql).await?;
    }
    Ok(())
}

fn in_sqlite(statement: &str) -> String {
    statement
        .replace(" UUID", " BLOB")
        .replace(" BYTEA", " BLOB")
        .replace(CLUSTERED, "WITHOUT ROWID")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_become_what_sqlite_stores() {
        assert_eq!(
            in_sqlite("CREATE TABLE t (id UUID, hash BYTEA, at BIGINT) CLUSTERED"),
            "CREATE TABLE t (id BLOB, hash BLOB, at BIGINT) WITHOUT ROWID"
        );
    }
}
