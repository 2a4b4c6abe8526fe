//! As much of maru.v1 as `maru-load` asks for.

use maru_protocol::{
    About, ClientFrame, Covers, DisplayName, Entry, Epoch, Heartbeat, Limits, Message, Presence,
    Seq, ServerFrame, ServerInfo, SessionId, User, UserId, decode_client,
};
use uuid::Uuid;

use crate::{Floor, frames::framed};

impl Floor {
    /// A text of maru.v1 came; `None` ends the peer.
    pub fn text(&mut self, index: usize, payload: &[u8]) -> Option<()> {
        let frame = decode_client(std::str::from_utf8(payload).ok()?).ok()?;
        let answer = match frame {
            ClientFrame::Hello { name, .. } => self.welcome(index, name?)?,
            ClientFrame::Create { reference, room } => {
                self.room(room);
                ServerFrame::Ok { reference }
            }
            ClientFrame::Join { reference, room, .. } => {
                let number = self.room(room.clone());
                self.enter(index, number);
                let epoch = Epoch(Uuid::from_u128(1));
                let head = Seq::new(self.rooms[number].head).ok()?;
                let members = Presence { count: 1, users: Vec::new(), complete: false };
                let entries = Vec::new();
                let about = About::default();
                ServerFrame::Joined {
                    reference,
                    room,
                    epoch,
                    head,
                    members,
                    about,
                    entries,
                    covers: Covers::nothing_after(head),
                    updated: Vec::new(),
                    reset: false,
                }
            }
            ClientFrame::Send { reference, room, id, body: Some(body), .. } => {
                let number = *self.names.get(&room)?;
                let place = &mut self.rooms[number];
                place.head += 1;
                let (seq, at) = (Seq::new(place.head).ok()?, 1_700_000_000_000);
                let sender = self.peers.get(index)?.as_ref()?.user.clone()?;
                let entry = Message::of(room.clone(), seq, id, sender, at, body);
                let text = serde_json::to_vec(&ServerFrame::Entry(Entry::Message(entry))).ok()?;
                self.pending.push((number, framed(&text)));
                ServerFrame::Sent { reference, room, id, seq, at }
            }
            _ => return Some(()),
        };
        let answer = framed(&serde_json::to_vec(&answer).ok()?);
        self.peers.get_mut(index)?.as_mut()?.write(&answer).then_some(())
    }

    fn welcome(&mut self, index: usize, name: DisplayName) -> Option<ServerFrame> {
        let id = UserId(format!("guest-{}", Uuid::from_u128(index as u128)));
        let user = User { id, name };
        self.peers.get_mut(index)?.as_mut()?.user = Some(user.clone());
        Some(ServerFrame::Welcome {
            session: SessionId(Uuid::from_u128(index as u128)),
            user,
            // As long as Maru's.
            token: "x".repeat(300),
            limits: Limits {
                max_frame_bytes: 65_536,
                max_body_chars: 4_000,
                max_body_bytes: 16_384,
                max_name_chars: 40,
                max_room_name_chars: 64,
                max_rooms: 100,
                max_page: 100,
                max_replay: 500,
                max_roster: 200,
                max_file_bytes: 25 << 20,
                max_files: 10,
                max_mentions: 20,
            },
            heartbeat: Heartbeat { interval: 25_000, timeout: 50_000 },
            server: ServerInfo { name: "floor".to_owned(), version: "0".to_owned() },
            ticket: "x".repeat(300),
        })
    }
}
