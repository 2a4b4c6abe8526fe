#!/bin/sh
# Guess: One would expect a client on tungstenite (tokio-tungstenite too) to receive each close code that is
#   registered, 1014 ("bad gateway") as well as its neighbours 1012 and 1013.
# With: tungstenite 0.30.0 (Rust)
# Seen: 1011, 1012, 1013 and 4014 arrive as sent and are echoed. 1014 counts as not allowed: the program is
#   handed 1002 with the reason "Protocol violation", which nobody sent, and the peer is answered 1002.
# Matters: A gateway that closes with 1014 while the server behind it restarts looks like a peer with a broken
#   protocol, in the client's log and in the gateway's own. A client that stays away after a protocol error
#   then stays away from a mere restart.
. "$(dirname "$0")/lib/finding.sh"

cat >main.rs <<'RS'
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use tungstenite::protocol::{Role, WebSocket};
use tungstenite::Message;

/// A client that is past its handshake, and the bare other end of its connection.
fn pair() -> (WebSocket<TcpStream>, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (peer, _) = listener.accept().unwrap();
    (WebSocket::from_raw_socket(client, Role::Client, None), peer)
}

fn main() {
    for code in [1011_u16, 1012, 1013, 1014, 4014] {
        let (mut client, mut peer) = pair();
        let [high, low] = code.to_be_bytes();
        peer.write_all(&[0x88, 2, high, low]).unwrap();
        let Ok(Message::Close(Some(read))) = client.read() else { panic!("no close") };
        client.flush().unwrap();

        // A masked close frame: two bytes of head, four of mask, two of code.
        let mut frame = [0; 8];
        peer.read_exact(&mut frame).unwrap();
        let echoed = u16::from_be_bytes([frame[6] ^ frame[2], frame[7] ^ frame[3]]);
        let read_code: u16 = read.code.into();
        println!("sent {code}: read {read_code} {:?}, answered {echoed}", read.reason.as_str());
    }
}
RS
cargo_program tungstenite@=0.30.0 --no-default-features

same_as_seen "$program" <<'SEEN'
sent 1011: read 1011 "", answered 1011
sent 1012: read 1012 "", answered 1012
sent 1013: read 1013 "", answered 1013
sent 1014: read 1002 "Protocol violation", answered 1002
sent 4014: read 4014 "", answered 4014
SEEN
