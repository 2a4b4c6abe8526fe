//! tokio-tungstenite, the way its own chat example goes: one task and one bounded channel per
//! connection. The room is what follows `/room/` in the path; each text is repeated to the room.

use std::{cell::RefCell, collections::HashMap, io, rc::Rc};

use futures_util::{SinkExt, StreamExt};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc::{self, Receiver, Sender},
    task::LocalSet,
};
use tokio_tungstenite::{
    WebSocketStream, accept_hdr_async_with_config,
    tungstenite::{
        Error, Message,
        handshake::server::{Request, Response},
        protocol::WebSocketConfig,
    },
};

/// Messages that wait for one member; who is further behind is let go.
const WAITING: usize = 1_024;
/// Its documentation's advice for many connections.
const READ_BUFFER: usize = 4 * 1_024;

struct Member {
    number: u64,
    outbox: Sender<Message>,
}

type Rooms = Rc<RefCell<HashMap<String, Vec<Member>>>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok());
    let port: u16 = port.ok_or_else(|| io::Error::other("the first argument is the port"))?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    LocalSet::new().run_until(accept(listener)).await
}

async fn accept(listener: TcpListener) -> io::Result<()> {
    let rooms = Rooms::default();
    for number in 0.. {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let rooms = rooms.clone();
        tokio::task::spawn_local(async move {
            // A connection that broke concerns nobody else.
            let _ = connection(stream, number, rooms).await;
        });
    }
    Ok(())
}

async fn connection(stream: TcpStream, number: u64, rooms: Rooms) -> Result<(), Error> {
    let mut room = String::new();
    let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER);
    // The crate's signature, not ours: its error is a whole response.
    #[allow(clippy::result_large_err)]
    let path = |request: &Request, response: Response| {
        let path = request.uri().path();
        room = path.rsplit_once("/room/").map(|(_, room)| room.to_owned()).unwrap_or_default();
        Ok(response)
    };
    let socket = accept_hdr_async_with_config(stream, path, Some(config)).await?;
    let (outbox, waiting) = mpsc::channel(WAITING);
    rooms.borrow_mut().entry(room.clone()).or_default().push(Member { number, outbox });
    let ended = talk(socket, waiting, &room, &rooms).await;
    if let Some(members) = rooms.borrow_mut().get_mut(&room) {
        members.retain(|member| member.number != number);
    }
    ended
}

async fn talk(
    mut socket: WebSocketStream<TcpStream>,
    mut waiting: Receiver<Message>,
    room: &str,
    rooms: &Rooms,
) -> Result<(), Error> {
    loop {
        tokio::select! {
            message = waiting.recv() => {
                let Some(message) = message else { return Ok(()) };
                socket.feed(message).await?;
                // What waits goes with it, in one write.
                while let Ok(message) = waiting.try_recv() {
                    socket.feed(message).await?;
                }
                socket.flush().await?;
            }
            message = socket.next() => match message {
                Some(Ok(message @ Message::Text(_))) => repeat(&message, room, rooms),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error),
                None => return Ok(()),
            },
        }
    }
}

/// The text is shared, not copied; who is too far behind loses the channel, and so the connection.
fn repeat(message: &Message, room: &str, rooms: &Rooms) {
    if let Some(members) = rooms.borrow_mut().get_mut(room) {
        members.retain(|member| member.outbox.try_send(message.clone()).is_ok());
    }
}
