//! Statements for both databases.
//!
//! A statement is prepared once per connection and found again by its text, so texts must not vary with the number of
//! rows or keys: a batch is one array per column on Postgres, and a few fixed sizes of `VALUES` on SQLite.

mod rows;

use sea_orm::{DbBackend, Statement, Value};

pub(crate) use rows::{Column, Rows, bytes, int, text, truth, uuid};

/// Which of the two databases it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// sea-orm's name of it.
    pub(crate) fn backend(self) -> DbBackend {
        match self {
            Self::Sqlite => DbBackend::Sqlite,
            Self::Postgres => DbBackend::Postgres,
        }
    }

    /// A statement whose parameters stand as `?`, in the order of `values`.
    pub(crate) fn statement(self, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
        Statement::from_sql_and_values(self.backend(), self.number(sql), values)
    }

    /// The condition that a column's value is one of a list; its one parameter is [`Dialect::ints`] or
    /// [`Dialect::texts`].
    pub(crate) fn in_list(self) -> &'static str {
        match self {
            Self::Sqlite => "IN (SELECT value FROM json_each(?))",
            Self::Postgres => "= ANY(?)",
        }
    }

    /// The parameter of [`Dialect::in_list`] for numbers.
    pub(crate) fn ints(self, list: impl IntoIterator<Item = i64>) -> Value {
        match self {
            Self::Sqlite => {
                let mut json = String::from("[");
                for (index, item) in list.into_iter().enumerate() {
                    if index > 0 {
                        json.push(',');
                    }
                    json.push_str(&item.to_string());
                }
                json.push(']');
                json.into()
            }
            Self::Postgres => list.into_iter().collect::<Vec<i64>>().into(),
        }
    }

    /// The parameter of [`Dialect::in_list`] for texts.
    pub(crate) fn texts<T: Into<String>>(self, list: impl IntoIterator<Item = T>) -> Value {
        let list: Vec<String> = list.into_iter().map(Into::into).collect();
        match self {
            Self::Sqlite => serde_json::Value::from(list).to_string().into(),
            Self::Postgres => list.into(),
        }
    }

    /// Postgres wants its parameters numbered.
    fn number(self, sql: &str) -> String {
        if self == Self::Sqlite {
            return sql.to_owned();
        }
        let mut numbered = String::with_capacity(sql.len() + 16);
        let mut count = 0;
        for (index, part) in sql.split('?').enumerate() {
            if index > 0 {
                count += 1;
                numbered.push('$');
                numbered.push_str(&count.to_string());
            }
            numbered.push_str(part);
        }
        numbered
    }
}
