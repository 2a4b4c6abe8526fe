//! HTTP/1.1 (RFC 9112) as far as long-polling needs it: requests on a connection that is kept, and their
//! answers.

use httparse::{EMPTY_HEADER, Response, Status};

use crate::wire::WireError;

/// No answer's head comes near.
const MAX_HEAD: usize = 8 * 1024;
/// No answer of ours has as many headers.
const MAX_HEADERS: usize = 32;
/// No body of ours comes near: an answer to a poll has a server's outbox at most.
const MAX_BODY: usize = 16 << 20;

/// One whole answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// Its status.
    pub status: u16,
    /// What it carries.
    pub body: &'a [u8],
    /// Whether the connection can be asked again.
    pub keeps: bool,
    /// Bytes of it, its head included.
    pub length: usize,
}

/// The answer at the front of the buffer; `None` when it is not all there.
///
/// # Errors
/// [`WireError::Http`] for what is none, or has no length.
pub fn answer(buffer: &[u8]) -> Result<Option<Answer<'_>>, WireError> {
    let mut headers = [EMPTY_HEADER; MAX_HEADERS];
    let mut response = Response::new(&mut headers);
    let broken = |what: &str| WireError::Http(what.to_owned());
    let parsed = response.parse(buffer).map_err(|error| WireError::Http(error.to_string()))?;
    let Status::Complete(head) = parsed else {
        return if buffer.len() > MAX_HEAD {
            Err(broken("a head without an end"))
        } else {
            Ok(None)
        };
    };
    let of = |name: &str| {
        let mut found = response.headers.iter().filter(|it| it.name.eq_ignore_ascii_case(name));
        found.next().and_then(|header| std::str::from_utf8(header.value).ok())
    };
    let length = of("content-length").and_then(|value| value.trim().parse::<usize>().ok());
    let length = length.filter(|length| *length <= MAX_BODY);
    let end = head + length.ok_or_else(|| broken("no length of its body"))?;
    let keeps = !of("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
    let status = response.code.unwrap_or(0);
    Ok(buffer.get(head..end).map(|body| Answer { status, body, keeps, length: end }))
}

/// Appends a request without a body.
pub fn get(out: &mut Vec<u8>, host: &str, path: &str) {
    put(out, &["GET ", path, " HTTP/1.1\r\nHost: ", host, "\r\nAccept: */*\r\n\r\n"]);
}

/// Appends a request with a body.
pub fn post(out: &mut Vec<u8>, host: &str, path: &str, body: &[u8]) {
    let length = body.len().to_string();
    put(out, &["POST ", path, " HTTP/1.1\r\nHost: ", host, "\r\nAccept: */*\r\n"]);
    put(out, &["Content-Type: text/plain;charset=UTF-8\r\nContent-Length: ", &length, "\r\n\r\n"]);
    out.extend_from_slice(body);
}

fn put(out: &mut Vec<u8>, parts: &[&str]) {
    parts.iter().for_each(|part| out.extend_from_slice(part.as_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;

    const OK: &[u8] =
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\ncontent-length: 5\r\n\r\nhellorest";

    #[test]
    fn every_cut_of_an_answer_is_awaited() {
        let whole = answer(OK).unwrap().unwrap();
        assert_eq!((whole.status, whole.body, whole.keeps), (200, &b"hello"[..], true));
        assert_eq!(whole.length, OK.len() - 4);
        for cut in 0..whole.length {
            assert_eq!(answer(&OK[..cut]), Ok(None), "{cut}");
        }
    }

    #[test]
    fn a_refusal_is_an_answer_and_may_end_the_connection() {
        let refusal = b"HTTP/1.1 400 Bad Request\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n";
        let refusal = answer(refusal).unwrap().unwrap();
        assert_eq!((refusal.status, refusal.keeps), (400, false));
    }

    #[test]
    fn what_has_no_end_is_refused() {
        assert!(answer(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
        assert!(answer(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n").is_err());
        assert!(answer(b"RFB 003.008\n").is_err());
        let endless = [b"HTTP/1.1 200 OK\r\nX: ".as_slice(), &[b'x'; MAX_HEAD]].concat();
        assert!(answer(&endless).is_err());
    }

    #[test]
    fn a_request_says_how_long_it_is() {
        let mut out = Vec::new();
        post(&mut out, "h:1", "/p?q", b"40");
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with("POST /p?q HTTP/1.1\r\nHost: h:1\r\n"), "{text}");
        assert!(text.ends_with("Content-Length: 2\r\n\r\n40"), "{text}");
    }
}
