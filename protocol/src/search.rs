//! Looking for what was said.

use serde::{Deserialize, Serialize};

use crate::Message;
use crate::limits::MAX_QUERY_CHARS;
use crate::unicode::{collapse_spaces, is_visible};

/// Why a query was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// Nothing to look for.
    #[error("a search needs at least one visible character")]
    Empty,
    /// Longer than the bound.
    #[error("a search has at most {MAX_QUERY_CHARS} characters")]
    TooLong,
}

/// What somebody looks for: words, all of which a message has to contain; 1 to 100 characters, white
/// space trimmed and collapsed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Query(
    #[cfg_attr(feature = "generate", ts(type = "string"), schemars(length(min = 1, max = 100)))]
    String,
);

impl Query {
    /// Checks a text.
    ///
    /// # Errors
    /// [`QueryError`] says which rule it breaks.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        if text.len() > 4 * MAX_QUERY_CHARS || text.chars().count() > MAX_QUERY_CHARS {
            return Err(QueryError::TooLong);
        }
        if !text.chars().any(is_visible) {
            return Err(QueryError::Empty);
        }
        Ok(Self(collapse_spaces(text)))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Query {
    type Error = QueryError;
    fn try_from(text: String) -> Result<Self, QueryError> {
        Self::parse(&text)
    }
}

impl From<Query> for String {
    fn from(query: Query) -> Self {
        query.0
    }
}

/// A message that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Hit {
    /// The message as it is now.
    pub message: Message,
    /// The part of its text around the first match, cut into what matched and what did not.
    pub excerpt: Vec<Run>,
}

/// A piece of an excerpt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Run {
    /// As it stands in the message.
    pub text: String,
    /// It matched.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "generate", ts(optional, as = "Option<bool>"))]
    pub hit: bool,
}
