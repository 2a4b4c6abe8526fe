#!/bin/sh
# Guess: One would expect tungstenite, which answers pings by itself, to have sent the pong when `read()` hands
#   the ping to the program.
# With: tungstenite 0.30.0 (Rust)
# Seen: The pong is only made ready. It leaves with the next call of `read()` or `flush()`. A program that
#   reads a ping and then does something long is silent for so long.
# Matters: A bot that awaits a database between two reads misses the server's deadline though it "answers pings
#   by itself". Flush after each ping, or keep one task that does nothing but read.
. "$(dirname "$0")/lib/finding.sh"

cat >main.rs <<'RS'
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;
use tungstenite::protocol::{Role, WebSocket};
use tungstenite::Message;

fn pair() -> (WebSocket<TcpStream>, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (peer, _) = listener.accept().unwrap();
    peer.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    (WebSocket::from_raw_socket(client, Role::Client, None), peer)
}

/// How many pongs of one byte reach the peer within half a second.
fn pongs(peer: &mut TcpStream) -> usize {
    let mut bytes = [0; 64];
    let length = peer.read(&mut bytes).unwrap_or(0);
    // Masked: two bytes of head, four of mask, one of payload.
    bytes[..length].chunks(7).filter(|frame| frame[0] == 0x8a).count()
}

fn ping(client: &mut WebSocket<TcpStream>, peer: &mut TcpStream) {
    peer.write_all(&[0x89, 1, b'p']).unwrap();
    assert!(matches!(client.read(), Ok(Message::Ping(_))));
}

fn main() {
    let (mut client, mut peer) = pair();
    ping(&mut client, &mut peer);
    println!("after the ping was read: {} pongs", pongs(&mut peer));
    peer.write_all(&[0x81, 1, b't']).unwrap();
    client.read().unwrap();
    println!("after the next read: {} pongs", pongs(&mut peer));

    let (mut client, mut peer) = pair();
    ping(&mut client, &mut peer);
    println!("another ping read: {} pongs", pongs(&mut peer));
    client.flush().unwrap();
    println!("after a flush: {} pongs", pongs(&mut peer));
}
RS
cargo_program tungstenite@=0.30.0 --no-default-features

same_as_seen "$program" <<'SEEN'
after the ping was read: 0 pongs
after the next read: 1 pongs
another ping read: 0 pongs
after a flush: 1 pongs
SEEN
