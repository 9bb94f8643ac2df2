//! Many rows in few statements.

use std::fmt::Write as _;

use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use uuid::Uuid;

use super::Dialect;
use crate::error::StoreError;

/// Rows of one `VALUES` on SQLite. A statement's text has places for a power of two of rows, so that a table has eight
/// statements and not one for each number of rows; places that are too many stay empty. Each statement is a trip to the
/// thread that holds the connection and back, which takes longer than most statements do.
const SQLITE_ROWS_MAX: usize = 128;
/// Rows of one statement on Postgres, where the text does not depend on their number.
const POSTGRES_ROWS_MAX: usize = 2_048;

/// A column of a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    name: &'static str,
    kind: Kind,
    nullable: bool,
    key: bool,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Uuid,
    Bytes,
    Int,
    Text,
    Truth,
}

/// A column of ids.
pub(crate) const fn uuid(name: &'static str) -> Column {
    Column::new(name, Kind::Uuid)
}

/// A column of bytes.
pub(crate) const fn bytes(name: &'static str) -> Column {
    Column::new(name, Kind::Bytes)
}

/// A column of whole numbers.
pub(crate) const fn int(name: &'static str) -> Column {
    Column::new(name, Kind::Int)
}

/// A column of text.
pub(crate) const fn text(name: &'static str) -> Column {
    Column::new(name, Kind::Text)
}

/// A column of yes and no.
pub(crate) const fn truth(name: &'static str) -> Column {
    Column::new(name, Kind::Truth)
}

impl Column {
    const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, nullable: false, key: false }
    }

    /// The same column where a value may be missing.
    pub(crate) const fn or_null(self) -> Self {
        Self { nullable: true, ..self }
    }

    /// The same column where [`Rows::update`] is to find the row by it. A column may stand twice: to be found by its
    /// old value, and to get its new one.
    pub(crate) const fn key(self) -> Self {
        Self { key: true, ..self }
    }

    fn postgres_type(self) -> &'static str {
        match self.kind {
            Kind::Uuid => "uuid",
            Kind::Bytes => "bytea",
            Kind::Int => "bigint",
            Kind::Text => "text",
            Kind::Truth => "boolean",
        }
    }

    /// The array of this column's values, and which of them are present: an array of sea-orm holds no nulls.
    fn array(self, values: impl Iterator<Item = Value>) -> (Value, Vec<bool>) {
        let mut present = Vec::new();
        let mut mark = |is_some: bool| {
            if self.nullable {
                present.push(is_some);
            }
        };
        macro_rules! collect {
            ($variant:ident, $type:ty) => {
                values
                    .map(|value| {
                        let value = if let Value::$variant(value) = value { value } else { None };
                        mark(value.is_some());
                        value.unwrap_or_default()
                    })
                    .collect::<Vec<$type>>()
                    .into()
            };
        }
        let array = match self.kind {
            Kind::Uuid => collect!(Uuid, Uuid),
            Kind::Bytes => collect!(Bytes, Vec<u8>),
            Kind::Int => collect!(BigInt, i64),
            Kind::Text => collect!(String, String),
            Kind::Truth => collect!(Bool, bool),
        };
        (array, present)
    }
}

/// Rows to write, all of the same columns.
#[derive(Debug)]
pub(crate) struct Rows {
    columns: &'static [Column],
    values: Vec<Value>,
}

impl Rows {
    /// No rows yet.
    pub(crate) fn new(columns: &'static [Column]) -> Self {
        Self { columns, values: Vec::new() }
    }

    /// Adds a row: a value for each column, in their order.
    pub(crate) fn push(&mut self, row: impl IntoIterator<Item = Value>) {
        self.values.extend(row);
        debug_assert!(
            self.values.len().is_multiple_of(self.columns.len()),
            "a value for each column"
        );
    }

    /// How many rows.
    pub(crate) fn len(&self) -> usize {
        self.values.len() / self.columns.len()
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Inserts the rows into `table`; `tail` is what follows the rows, for instance `ON CONFLICT DO NOTHING`. Returns
    /// how many rows were written.
    pub(crate) async fn insert(
        self,
        conn: &impl ConnectionTrait,
        dialect: Dialect,
        table: &str,
        tail: &str,
    ) -> Result<u64, StoreError> {
        let head = self.insert_head(table);
        self.execute(conn, dialect, &head, tail).await
    }

    /// Inserts the rows into `table`; `tail` ends in `RETURNING` and what to return of each row that was written.
    pub(crate) async fn insert_returning(
        self,
        conn: &impl ConnectionTrait,
        dialect: Dialect,
        table: &str,
        tail: &str,
    ) -> Result<Vec<QueryResult>, StoreError> {
        let head = self.insert_head(table);
        self.query(conn, dialect, &head, tail).await
    }

    /// Runs `head`, the rows as a table expression, and `tail` as [`Rows::execute`] does, and returns what comes back.
    pub(crate) async fn query(
        self,
        conn: &impl ConnectionTrait,
        dialect: Dialect,
        head: &str,
        tail: &str,
    ) -> Result<Vec<QueryResult>, StoreError> {
        let mut returned = Vec::new();
        for statement in self.statements(dialect, head, tail) {
            returned.extend(conn.query_all_raw(statement).await?);
        }
        Ok(returned)
    }

    /// Runs `head`, the rows as a table expression with the columns `column1`, `column2`, …, and `tail`: neither has
    /// parameters. Returns how many rows were written.
    pub(crate) async fn execute(
        self,
        conn: &impl ConnectionTrait,
        dialect: Dialect,
        head: &str,
        tail: &str,
    ) -> Result<u64, StoreError> {
        let mut written = 0;
        for statement in self.statements(dialect, head, tail) {
            written += conn.execute_raw(statement).await?.rows_affected();
        }
        Ok(written)
    }

    /// Updates the rows of `table` that the key columns find, with the values of the others and with `set`, where
    /// `condition` holds; both may be empty and have no parameters. Returns how many rows were found.
    pub(crate) async fn update(
        self,
        conn: &impl ConnectionTrait,
        dialect: Dialect,
        table: &str,
        set: &str,
        condition: &str,
    ) -> Result<u64, StoreError> {
        let mut sets: Vec<String> = Vec::new();
        let mut conditions: Vec<String> = Vec::new();
        for (index, column) in self.columns.iter().enumerate() {
            let (name, place) = (column.name, index + 1);
            if column.key {
                conditions.push(format!("{table}.{name} = batch.column{place}"));
            } else {
                sets.push(format!("{name} = batch.column{place}"));
            }
        }
        sets.extend(Some(set).filter(|set| !set.is_empty()).map(str::to_owned));
        conditions.extend(Some(condition).filter(|text| !text.is_empty()).map(str::to_owned));
        let head = format!("UPDATE {table} SET {} FROM (", sets.join(", "));
        let tail = format!(") AS batch WHERE {}", conditions.join(" AND "));
        self.execute(conn, dialect, &head, &tail).await
    }

    fn insert_head(&self, table: &str) -> String {
        let names: Vec<_> = self.columns.iter().map(|column| column.name).collect();
        format!("INSERT INTO {table} ({}) ", names.join(", "))
    }

    fn statements(self, dialect: Dialect, head: &str, tail: &str) -> Vec<Statement> {
        let columns = self.columns;
        let mut left = self.len();
        let mut values = self.values.into_iter();
        let mut statements = Vec::new();
        while left > 0 {
            let rows = left.min(match dialect {
                Dialect::Sqlite => SQLITE_ROWS_MAX,
                Dialect::Postgres => POSTGRES_ROWS_MAX,
            });
            left -= rows;
            let chunk: Vec<Value> = values.by_ref().take(rows * columns.len()).collect();
            let (source, values) = match dialect {
                Dialect::Sqlite => sqlite_source(columns, rows, chunk),
                Dialect::Postgres => postgres_source(columns, rows, chunk),
            };
            let sql = format!("{head}{source}{tail}");
            statements.push(Statement::from_sql_and_values(dialect.backend(), sql, values));
        }
        statements
    }
}

/// `VALUES (?,?),(?,?)` without the places that stay empty. The parameters have no numbers: the driver would look each up
/// in a list of all.
fn sqlite_source(columns: &[Column], rows: usize, mut chunk: Vec<Value>) -> (String, Vec<Value>) {
    debug_assert!(!columns[0].nullable, "it tells rows from empty places");
    let places = rows.next_power_of_two();
    chunk.resize(places * columns.len(), Value::BigInt(None));
    let row = format!("({})", vec!["?"; columns.len()].join(","));
    let values = vec![row.as_str(); places].join(",");
    (format!("SELECT * FROM (VALUES {values}) WHERE column1 IS NOT NULL"), chunk)
}

/// One array per column, and one more for each column that may be null.
fn postgres_source(columns: &[Column], rows: usize, chunk: Vec<Value>) -> (String, Vec<Value>) {
    let mut by_column: Vec<Vec<Value>> = columns.iter().map(|_| Vec::with_capacity(rows)).collect();
    for (index, value) in chunk.into_iter().enumerate() {
        by_column[index % columns.len()].push(value);
    }
    let (mut picked, mut arrays, mut names) = (String::new(), String::new(), String::new());
    let mut values = Vec::with_capacity(columns.len() * 2);
    for (index, (column, of_column)) in columns.iter().zip(by_column).enumerate() {
        let place = index + 1;
        let comma = if index == 0 { "" } else { ", " };
        let (array, present) = column.array(of_column.into_iter());
        values.push(array);
        // Writing to a String cannot fail.
        let _ = write!(arrays, "{comma}${}::{}[]", values.len(), column.postgres_type());
        let _ = write!(names, "{comma}c{place}");
        if column.nullable {
            values.push(present.into());
            let _ = write!(arrays, ", ${}::boolean[]", values.len());
            let _ = write!(names, ", p{place}");
            let _ = write!(picked, "{comma}CASE WHEN p{place} THEN c{place} END AS column{place}");
        } else {
            let _ = write!(picked, "{comma}c{place} AS column{place}");
        }
    }
    (format!("SELECT {picked} FROM UNNEST({arrays}) AS u({names})"), values)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column] = &[int("a"), text("b").or_null()];

    fn rows(count: i64) -> Rows {
        let mut rows = Rows::new(COLUMNS);
        for number in 0..count {
            rows.push([number.into(), Some("x").filter(|_| number % 2 == 0).into()]);
        }
        rows
    }

    #[test]
    fn sqlite_has_few_texts_for_any_number_of_rows() {
        let texts: std::collections::BTreeSet<_> = (1..=300)
            .flat_map(|count| rows(count).statements(Dialect::Sqlite, "INSERT INTO t ", ""))
            .map(|statement| statement.sql)
            .collect();
        assert_eq!(texts.len(), 8);
    }

    #[test]
    fn sqlite_leaves_the_places_empty_that_are_too_many() {
        let statements = rows(131).statements(Dialect::Sqlite, "INSERT INTO t (a, b) ", "");
        let sizes: Vec<usize> = statements
            .iter()
            .map(|statement| statement.values.as_ref().map_or(0, |values| values.0.len()))
            .collect();
        assert_eq!(sizes, [2 * 128, 2 * 4]);
        assert_eq!(
            statements[1].sql,
            "INSERT INTO t (a, b) \
             SELECT * FROM (VALUES (?,?),(?,?),(?,?),(?,?)) WHERE column1 IS NOT NULL"
        );
        let values = &statements[1].values.as_ref().unwrap().0;
        assert_eq!(
            values[4..],
            [130_i64.into(), Some("x").into(), Value::BigInt(None), Value::BigInt(None)]
        );
    }

    #[test]
    fn postgres_has_one_array_per_column_and_one_for_its_nulls() {
        let statements = rows(3).statements(Dialect::Postgres, "INSERT INTO t (a, b) ", "");
        assert_eq!(
            statements[0].sql,
            "INSERT INTO t (a, b) SELECT c1 AS column1, CASE WHEN p2 THEN c2 END AS column2 \
             FROM UNNEST($1::bigint[], $2::text[], $3::boolean[]) AS u(c1, c2, p2)"
        );
        assert_eq!(
            statements[0].values.as_ref().map(|values| values.0.clone()),
            Some(vec![
                vec![0_i64, 1, 2].into(),
                vec!["x".to_owned(), String::new(), "x".to_owned()].into(),
                vec![true, false, true].into(),
            ])
        );
    }
}
