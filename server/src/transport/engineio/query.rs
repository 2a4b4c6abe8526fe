//! What a request of Engine.IO says behind its path.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::Refusal;

/// What is looked at. There is one request for each delivery to a client that polls, so nothing is copied.
#[derive(Default)]
pub(super) struct Query<'a> {
    pub(super) revision: Option<Cow<'a, str>>,
    pub(super) transport: Option<Cow<'a, str>>,
    pub(super) sid: Option<Cow<'a, str>>,
    b64: Option<Cow<'a, str>>,
}

impl<'a> Query<'a> {
    /// Passes over what is not known: clients put numbers against caches there.
    ///
    /// # Errors
    /// [`Refusal::Bad`] for what is said twice, or is no UTF-8.
    pub(super) fn parse(text: &'a str) -> Result<Self, Refusal> {
        let mut query = Self::default();
        for (name, value) in text.split('&').filter_map(|pair| pair.split_once('=')) {
            let field = match name {
                "EIO" => &mut query.revision,
                "transport" => &mut query.transport,
                "sid" => &mut query.sid,
                "b64" => &mut query.b64,
                _ => continue,
            };
            let value = match value.contains('%') {
                true => percent_decode_str(value).decode_utf8().map_err(|_| Refusal::Bad)?,
                false => value.into(),
            };
            if field.replace(value).is_some() {
                return Err(Refusal::Bad);
            }
        }
        Ok(query)
    }

    /// Whether the client reads no binary messages.
    pub(super) fn base64(&self) -> bool {
        matches!(self.b64.as_deref(), Some("1" | "true"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_what_clients_say() {
        let query = Query::parse("EIO=4&transport=polling&t=Pq%2B1x&sid=a_-1&b64=1").unwrap();
        assert_eq!(query.revision.as_deref(), Some("4"));
        assert_eq!((query.transport.as_deref(), query.base64()), (Some("polling"), true));
        assert_eq!(query.sid.as_deref(), Some("a_-1"));
        let none = Query::parse("").unwrap();
        assert!(none.sid.is_none() && !none.base64());
        assert_eq!(Query::parse("sid=%61b").unwrap().sid.as_deref(), Some("ab"));
    }

    #[test]
    fn what_can_not_be_read_is_refused() {
        assert_eq!(Query::parse("sid=a&sid=b").err(), Some(Refusal::Bad));
        assert_eq!(Query::parse("sid=%ff").err(), Some(Refusal::Bad));
        assert!(Query::parse("t=1&t=2&x&=").is_ok());
    }
}
