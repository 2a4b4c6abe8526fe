//! Which pages may talk to this server (RFC 6454: a page's origin is its scheme, host and port).

/// The origins that may open a WebSocket. A WebSocket is not bound by CORS: without this check any
/// page that a person visits could open one from their browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origins {
    /// Every page.
    Any,
    /// These, spelled as browsers spell them: lower case, no default port, no slash at the end.
    Only(Vec<String>),
}

impl Origins {
    /// Whether a page of this origin may.
    #[must_use]
    pub fn allow(&self, origin: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Only(allowed) => allowed.iter().any(|known| known.eq_ignore_ascii_case(origin)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_named_ones() {
        let origins = Origins::Only(vec!["https://chat.example".into()]);
        assert!(origins.allow("https://chat.example"));
        for other in ["http://chat.example", "https://chat.example.evil", "null", ""] {
            assert!(!origins.allow(other), "{other}");
        }
        assert!(Origins::Any.allow("null"));
    }
}
