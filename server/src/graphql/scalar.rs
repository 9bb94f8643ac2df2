//! Scalars of our own. What stands in a variable or a document is read strictly, so that nothing is rounded or guessed.

use async_graphql::{Context, InputValueError, InputValueResult, Name, Scalar, ScalarType, Value};
use domain::time::Timestamp;
use serde_json::{Map, Value as Json};

use crate::error::Problem;

/// The largest whole number that every JSON reader takes as it stands: 2^53 − 1.
const LONG_MAX: i64 = (1 << 53) - 1;

/// A time on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct DateTime(pub(crate) Timestamp);

/// A point in time in UTC, as RFC 3339, for instance `2026-11-21T05:00:00Z`.
#[Scalar(name = "DateTime", specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        Timestamp::parse(text).map(Self).map_err(|error| InputValueError::custom(error.to_string()))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl From<Timestamp> for DateTime {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

/// A decimal on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Decimal(pub(crate) rust_decimal::Decimal);

/// A decimal number as a string, exact to its last digit, for instance `"12.50"`.
#[Scalar(name = "Decimal")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        // JSON numbers are refused: on most ways here they have been floats already.
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        read_decimal(text)
            .map(Self)
            .ok_or_else(|| InputValueError::custom("not a decimal such as \"12.50\""))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl From<rust_decimal::Decimal> for Decimal {
    fn from(number: rust_decimal::Decimal) -> Self {
        Self(number)
    }
}

/// Digits with at most one point between them, and a sign before them where it is below zero.
fn read_decimal(text: &str) -> Option<rust_decimal::Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let are_digits =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(whole) || !are_digits(fraction) {
        return None;
    }
    rust_decimal::Decimal::from_str_exact(text).ok()
}

/// A whole number on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Long(pub(crate) i64);

/// A whole number from −(2^53 − 1) to 2^53 − 1, as a JSON number.
#[Scalar(name = "Long")]
impl ScalarType for Long {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::Number(number) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        match number.as_i64() {
            Some(number) if (-LONG_MAX..=LONG_MAX).contains(&number) => Ok(Self(number)),
            _ => Err(InputValueError::custom("not a whole number of at most 53 bits")),
        }
    }

    fn to_value(&self) -> Value {
        Value::Number(self.0.into())
    }
}

impl From<i64> for Long {
    fn from(number: i64) -> Self {
        Self(number)
    }
}

/// A JSON object on the wire.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct JsonObject(pub(crate) Map<String, Json>);

/// An object of JSON with whatever in it. Numbers keep their digits.
#[Scalar(name = "JSONObject")]
impl ScalarType for JsonObject {
    fn parse(value: Value) -> InputValueResult<Self> {
        match json(value) {
            Some(Json::Object(fields)) => Ok(Self(fields)),
            _ => Err(InputValueError::custom("not an object of JSON")),
        }
    }

    fn to_value(&self) -> Value {
        let fields = self.0.iter().map(|(name, value)| (Name::new(name), graphql(value)));
        Value::Object(fields.collect())
    }
}

/// A file of the request that came with the operation. The library's own type panics where a caller makes one up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Upload(usize);

/// What the reader of forms puts in the place of a file, before the file's number.
const FILE: &str = "#__graphql_file__:";

/// A file, sent as the GraphQL multipart request specification has it.
#[Scalar(
    name = "Upload",
    specified_by_url = "https://github.com/jaydenseric/graphql-multipart-request-spec"
)]
impl ScalarType for Upload {
    fn parse(value: Value) -> InputValueResult<Self> {
        let number = match &value {
            Value::String(text) => text.strip_prefix(FILE).and_then(|number| number.parse().ok()),
            _ => None,
        };
        number
            .map(Self)
            .ok_or_else(|| InputValueError::custom("not a file: send it as multipart/form-data"))
    }

    fn to_value(&self) -> Value {
        Value::Null
    }
}

impl Upload {
    /// The file's bytes; the problem names the argument.
    pub(crate) fn read(self, ctx: &Context<'_>, name: &str) -> Result<Vec<u8>, Problem> {
        let file = ctx.query_env.uploads.get(self.0);
        let file = file.ok_or_else(|| Problem::input(name, "is no file of this request"))?;
        Ok(file.content.to_vec())
    }
}

/// The same value as JSON; none where it holds something that JSON does not have.
fn json(value: Value) -> Option<Json> {
    Some(match value {
        Value::Null => Json::Null,
        Value::Boolean(truth) => Json::Bool(truth),
        Value::Number(number) => Json::Number(number),
        Value::String(text) => Json::String(text),
        Value::List(items) => Json::Array(items.into_iter().map(json).collect::<Option<_>>()?),
        Value::Object(fields) => {
            let fields =
                fields.into_iter().map(|(name, value)| Some((name.to_string(), json(value)?)));
            Json::Object(fields.collect::<Option<_>>()?)
        }
        Value::Enum(_) | Value::Binary(_) => return None,
    })
}

fn graphql(value: &Json) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Boolean(*truth),
        Json::Number(number) => Value::Number(number.clone()),
        Json::String(text) => Value::String(text.clone()),
        Json::Array(items) => Value::List(items.iter().map(graphql).collect()),
        Json::Object(fields) => Value::Object(
            fields.iter().map(|(name, value)| (Name::new(name), graphql(value))).collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_of_json_go_both_ways_with_all_digits() {
        let text = r#"{"a":[1.50,null,{"b":"x"}],"c":9007199254740993,"d":true}"#;
        let object = JsonObject(serde_json::from_str(text).unwrap());
        let again = JsonObject::parse(object.to_value()).ok();
        assert_eq!(again.as_ref(), Some(&object));
        assert_eq!(serde_json::to_string(&again.unwrap().0).unwrap(), text);
        assert!(JsonObject::parse(Value::List(Vec::new())).is_err());
        let word =
            Value::Object([(Name::new("a"), Value::Enum(Name::new("B")))].into_iter().collect());
        assert!(JsonObject::parse(word).is_err());
    }

    #[test]
    fn a_file_that_somebody_made_up_is_refused() {
        let read = |text: &str| Upload::parse(Value::String(text.to_owned())).ok();
        assert_eq!(read("#__graphql_file__:1"), Some(Upload(1)));
        for text in ["#__graphql_file__:", "#__graphql_file__:x", "#__graphql_file__:-1", "1", ""] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn decimals_are_exact_or_refused() {
        for text in ["0", "12.50", "-0.005", "79228162514264337593543950335"] {
            assert_eq!(read_decimal(text).map(|number| number.to_string()).as_deref(), Some(text));
        }
        let digits = "0.00000000000000000000000000001";
        for text in ["", "-", "1.", ".5", "1e5", "1_000", "+1", " 1", "1,5", "NaN", digits] {
            assert_eq!(read_decimal(text), None, "{text:?}");
        }
        assert!(Decimal::parse(Value::Number(1.into())).is_err());
    }

    #[test]
    fn long_numbers_fit_every_reader() {
        for number in [0, LONG_MAX, -LONG_MAX] {
            assert_eq!(Long::parse(Value::Number(number.into())).ok(), Some(Long(number)));
        }
        for value in [
            Value::Number((LONG_MAX + 1).into()),
            Value::Number(u64::MAX.into()),
            Value::String("1".to_owned()),
        ] {
            assert!(Long::parse(value).is_err());
        }
    }

    #[test]
    fn times_are_given_in_utc() {
        let text = Value::String("2026-11-21T00:00:00-05:00".to_owned());
        let read = DateTime::parse(text).ok().map(|at| at.to_value());
        assert_eq!(read, Some(Value::String("2026-11-21T05:00:00Z".to_owned())));
    }
}
