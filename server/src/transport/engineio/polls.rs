//! Polls, which are answered before the routes are asked. There is one for each delivery to a client that
//! polls; found by a route it costs the server 1.4 times as much.

use std::{
    convert::Infallible,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_http::Response;
use actix_web::{
    ResponseError as _,
    body::{BodySize, BoxBody, EitherBody, MessageBody},
    dev::RequestHead,
    http::{
        Method, StatusCode,
        header::{self, HeaderValue},
    },
};
use bytes::Bytes;

use super::{door::Door, link::Unwritten, query::Query, sid::Sid};
use crate::wire::engineio::REVISION;

/// The polls of the sessions behind a door, at these paths.
#[derive(Clone)]
pub struct Polls {
    /// Where the door is, spelled as in a request.
    pub paths: &'static [&'static str],
    /// The door.
    pub door: Rc<Door>,
}

/// A request that is nothing but a poll, of somebody who may.
pub struct Polled {
    door: Rc<Door>,
    sid: Sid,
    page: Option<HeaderValue>,
}

impl Polls {
    /// The poll that a request is. Whatever else it is, and what is to be refused, is for
    /// [`route`](super::route).
    #[must_use]
    pub fn find(&self, head: &RequestHead) -> Option<Polled> {
        if head.method != Method::GET || !self.paths.contains(&head.uri.path()) {
            return None;
        }
        let query = Query::parse(head.uri.query()?).ok()?;
        let is_poll = query.transport.as_deref() == Some("polling")
            && query.revision.as_deref() == Some(REVISION);
        let sid = query.sid.as_deref().filter(|_| is_poll)?;
        let sid = self.door.homes.sids.parse(sid)?;
        let page = self.door.admission.admit(head).ok()?.cloned();
        Some(Polled { door: self.door.clone(), sid, page })
    }
}

impl Polled {
    /// Waits for what there is for the client.
    pub async fn answer(self) -> Response<EitherBody<PollBody>> {
        let mut response = match self.door.poll(self.sid).await {
            Ok(body) => text(body).map_body(|_, body| EitherBody::left(body)),
            Err(refusal) => {
                let refused: Response<BoxBody> = refusal.error_response().into();
                refused.map_body(|_, body| EitherBody::right(body))
            }
        };
        if let Some(page) = self.page {
            may_be_read_by(page, &mut response);
        }
        response
    }
}

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=UTF-8");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// What clients of Engine.IO are told.
pub(super) fn text<B>(body: B) -> Response<B> {
    let mut response = Response::with_body(StatusCode::OK, body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, TEXT);
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    response
}

/// As the routes' own answers: a page of another origin is given what it asked for (Fetch, section 3.2).
fn may_be_read_by<B>(page: HeaderValue, response: &mut Response<B>) {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, page);
    headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    headers.insert(header::VARY, HeaderValue::from_static("Origin"));
}

/// The body of an answer to a poll, which goes when it is written.
pub struct PollBody {
    packets: Bytes,
    _unwritten: Unwritten,
}

impl PollBody {
    pub(super) fn new(packets: Vec<u8>, unwritten: Unwritten) -> Self {
        Self { packets: packets.into(), _unwritten: unwritten }
    }
}

impl MessageBody for PollBody {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.packets.len() as u64)
    }

    fn poll_next(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        let packets = std::mem::take(&mut self.get_mut().packets);
        Poll::Ready((!packets.is_empty()).then_some(Ok(packets)))
    }
}
