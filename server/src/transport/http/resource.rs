//! Resources that are found by one spelling of their address, and refuse what they don't take in words.

use actix_web::{
    Resource,
    guard::{Guard, GuardContext},
    web,
};
use percent_encoding::percent_decode_str;

use super::ApiError;

/// A resource at this address, as it is written, which takes these methods.
///
/// The router decodes an address before it looks for a route: `/%72eadyz` would be `/readyz`. A proxy
/// in front that keeps `/readyz` to itself by comparing addresses as they come would let it through.
/// So what is fixed in an address has one spelling. What stands for a parameter may be encoded.
pub(in super::super) fn at(path: &'static str, methods: &'static str) -> Resource {
    below("", path, methods)
}

/// As [`at`], in a scope that begins so.
pub(super) fn below(scope: &'static str, path: &'static str, methods: &'static str) -> Resource {
    web::resource(path)
        .guard(AsWritten { scope, path })
        .default_service(web::to(move || async move { Err::<&str, _>(ApiError::Method(methods)) }))
}

/// Holds for an address in which all that is no parameter is spelled like this.
struct AsWritten {
    scope: &'static str,
    path: &'static str,
}

impl Guard for AsWritten {
    fn check(&self, context: &GuardContext<'_>) -> bool {
        // Not decoded.
        let came = context.head().uri.path();
        let Some(came) = came.strip_prefix(self.scope) else { return false };
        let (mut came, mut written) = (came.split('/'), self.path.split('/'));
        loop {
            match (came.next(), written.next()) {
                (None, None) => return true,
                (Some(came), Some(written)) if is_parameter(written) => {
                    if is_dots(came) {
                        return false;
                    }
                }
                (came, written) if came == written => {}
                _ => return false,
            }
        }
    }
}

fn is_parameter(segment: &str) -> bool {
    segment.starts_with('{')
}

/// Whether a segment is one of the two that a proxy takes for a way through folders (RFC 3986, section
/// 5.2.4), encoded or not.
fn is_dots(segment: &str) -> bool {
    let decoded: Vec<u8> = percent_decode_str(segment).collect();
    matches!(decoded.as_slice(), b"." | b"..")
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn holds(scope: &'static str, path: &'static str, address: &str) -> bool {
        let request = TestRequest::with_uri(address).to_srv_request();
        AsWritten { scope, path }.check(&request.guard_ctx())
    }

    #[test]
    fn what_is_fixed_has_one_spelling() {
        assert!(holds("", "/readyz", "/readyz") && holds("", "/readyz", "/readyz?a=%72"));
        for other in ["/%72eadyz", "/readyz/", "//readyz", "/./readyz", "/a/../readyz", "/Readyz"] {
            assert!(!holds("", "/readyz", other), "{other}");
        }
        let messages = "/rooms/{room}/messages";
        for room in ["lobby", "%6Cobby", "%EC%82%AC%EB%9E%91%EB%B0%A9", "a%2Fb", "...", ".a"] {
            assert!(
                holds("/api/v1", messages, &format!("/api/v1/rooms/{room}/messages")),
                "{room}"
            );
        }
        for room in [".", "..", "%2e%2E", "%2e", ".%2e"] {
            let address = format!("/api/v1/rooms/{room}/messages");
            assert!(!holds("/api/v1", messages, &address), "{room}");
        }
        for other in [
            "/%61pi/v1/rooms/lobby/messages",
            "/api/v1/rooms/lobby/%6Dessages",
            "/api/v1/rooms/lobby/messages/",
            "/api/v1//rooms/lobby/messages",
            "/api/v1/rooms/lobby",
            "/api%2Fv1/rooms/lobby/messages",
        ] {
            assert!(!holds("/api/v1", messages, other), "{other}");
        }
    }
}
