//! `ping`: is the server there?

use maru_protocol::ServerFrame;

use crate::session::connection::Connection;

pub(in crate::session) fn run(connection: &Connection) {
    connection.answer(&ServerFrame::Pong);
}
