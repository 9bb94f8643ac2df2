//! How a problem reaches a GraphQL caller: as data where the caller can mend it, as an error else.

use async_graphql::{ErrorExtensions as _, SimpleObject};

use super::r#type::ErrorCode;
use crate::error::Problem;

/// A problem on its way into a response's `errors`.
///
/// It has no `Display` on purpose: the library would take any displayable error as it is, without a code, and callers
/// would read "Internal server error" where they could have been told what to change.
#[derive(Clone, Debug)]
pub(crate) struct Failed(Problem);

impl From<Problem> for Failed {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<Failed> for async_graphql::Error {
    fn from(Failed(problem): Failed) -> Self {
        let message = spoken(&problem);
        let Problem { code, field, .. } = problem;
        async_graphql::Error::new(message).extend_with(|_, extensions| {
            extensions.set("code", code.as_str());
            if let Some(field) = field {
                extensions.set("field", field);
            }
        })
    }
}

/// The message with the argument's name before it, for whoever reads nothing else.
fn spoken(problem: &Problem) -> String {
    match &problem.field {
        Some(field) => format!("{}: {}", field.join("."), problem.message),
        None => problem.message.clone(),
    }
}

/// Something about the input that the caller can change.
#[derive(SimpleObject, PartialEq, Eq, Debug)]
pub(crate) struct UserError {
    /// Where in the arguments, from the outermost name inwards; null where no single one is to blame.
    field: Option<Vec<String>>,
    /// What is wrong, for people.
    message: String,
    /// What is wrong, for programs.
    code: ErrorCode,
}

impl From<Problem> for UserError {
    fn from(problem: Problem) -> Self {
        Self { field: problem.field, message: problem.message, code: problem.code.into() }
    }
}

/// What a payload is made of: the object where the action was done, the errors where the caller has to change something.
pub(crate) fn outcome<T>(done: Result<T, Problem>) -> Result<(Option<T>, Vec<UserError>), Failed> {
    match done {
        Ok(object) => Ok((Some(object), Vec::new())),
        Err(problem) if problem.is_users() => Ok((None, vec![problem.into()])),
        Err(problem) => Err(Failed(problem)),
    }
}

#[cfg(test)]
mod tests {
    use domain::code::Code;

    use super::*;

    #[test]
    fn every_code_is_either_data_or_an_error() {
        let data = [Code::NotFound, Code::BadUserInput, Code::UnknownProvider, Code::ShopTaken];
        let errors = [Code::Unauthenticated, Code::Forbidden, Code::Internal, Code::Throttled];
        for code in Code::ALL {
            let done = outcome::<()>(Err(Problem::new(*code, "m")));
            assert_eq!(done.is_ok(), Problem::new(*code, "m").is_users(), "{code}");
            assert!(!data.contains(code) || done.is_ok(), "{code}");
            assert!(!errors.contains(code) || done.is_err(), "{code}");
        }
    }

    #[test]
    fn an_error_carries_its_code_and_field() {
        let error = async_graphql::Error::from(Failed::from(Problem::input("a.b", "is wrong")));
        assert_eq!(error.message, "a.b: is wrong");
        let extensions = error.extensions.unwrap();
        assert_eq!(extensions.get("code"), Some(&"BAD_USER_INPUT".into()));
        assert_eq!(extensions.get("field"), Some(&vec!["a", "b"].into()));
    }
}
