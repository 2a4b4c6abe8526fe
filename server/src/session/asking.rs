//! Requests that change no membership: making rooms, the directory, history, search.

use maru_protocol::{ErrorCode, Query, Ref, RoomName, Seq, ServerFrame};

use crate::{
    journal::{Created, Page, RoomQuery, RoomRecord},
    runtime::messages::{Describe, RoomMade, Watch},
    search::{SearchPage, SearchRequest},
    session::{
        Session,
        pages::{self, Place},
        refusal::Refusal,
    },
};

/// Most rooms in a `rooms` answer.
const DIRECTORY_PAGE: u32 = 100;

impl Session {
    pub(crate) async fn create(&self, reference: Ref, name: RoomName) -> Result<(), Refusal> {
        let at = self.worker.clock.now_ms();
        match self.worker.journal.create(name, at).await? {
            Created::New(record) => {
                self.worker.server.send(RoomMade(record)).await?;
                self.answer(&ServerFrame::Ok { reference });
                Ok(())
            }
            Created::Existing(record) => {
                let message = format!("there is a room “{}” already: join it", record.name);
                Err(Refusal::new(ErrorCode::RoomExists, message))
            }
        }
    }

    pub(crate) async fn history(
        &self,
        reference: Ref,
        name: &RoomName,
        place: Place,
    ) -> Result<(), Refusal> {
        let options = &self.worker.options;
        let wanted = place.wanted(options.limits.max_page);
        let wanted = wanted.map_err(|why| Refusal::new(ErrorCode::Malformed, why))?;
        let record = self.find(name).await?;
        let page =
            pages::read(&*self.worker.journal, record.id, wanted, options.page_bytes).await?;
        let Some(Page { entries, head, .. }) = page else {
            let message = "there is no message of this id in the room";
            return Err(Refusal::new(ErrorCode::MessageNotFound, message));
        };
        let epoch = self.worker.journal.epoch();
        self.answer(&ServerFrame::Page { reference, room: record.name, epoch, head, entries });
        Ok(())
    }

    /// Only for who is in the room, as pinning is.
    pub(crate) async fn pinned(&self, reference: Ref, name: &RoomName) -> Result<(), Refusal> {
        let room = self.joined(name)?;
        let mut messages = self.worker.journal.pinned(room).await?;
        // As much as a page has; what is left out can be read by its seq.
        let mut left = self.worker.options.page_bytes;
        messages.retain(|message| {
            let fits = message.text_bytes() <= left;
            left = if fits { left - message.text_bytes() } else { 0 };
            fits
        });
        self.answer(&ServerFrame::Pinned { reference, room: name.clone(), messages });
        Ok(())
    }

    /// In a room that need not be joined, as its history can be read as well.
    pub(crate) async fn own_reactions(
        &self,
        reference: Ref,
        name: &RoomName,
        targets: Vec<Seq>,
    ) -> Result<(), Refusal> {
        let most = self.worker.options.limits.max_page;
        if targets.len() > usize::try_from(most).unwrap_or(usize::MAX) {
            let message = format!("ask for at most {most} messages at once, not {}", targets.len());
            return Err(Refusal::new(ErrorCode::Malformed, message));
        }
        let person = self.user().ok_or(ErrorCode::HelloRequired)?.id.clone();
        let RoomRecord { id, name: room, .. } = self.find(name).await?;
        let (head, messages) = self.worker.journal.own_reactions(id, person, targets).await?;
        self.answer(&ServerFrame::OwnReactions { reference, room, head, messages });
        Ok(())
    }

    /// In a room that need not be joined, as its history can be read as well; or in all that are.
    pub(crate) async fn search(
        &self,
        reference: Ref,
        query: Query,
        room: Option<&RoomName>,
        more: Option<String>,
    ) -> Result<(), Refusal> {
        let Some(search) = &self.worker.search else {
            let message = "this server has no search: its operator switched it off".to_owned();
            return Err(Refusal { code: ErrorCode::Unavailable, message, retry_after: None });
        };
        let rooms = match room {
            Some(name) => vec![self.find(name).await?.id],
            None => self.rooms.iter().map(|joined| joined.id).collect(),
        };
        let bytes = self.worker.options.page_bytes;
        let SearchPage { hits, more } =
            search.find(SearchRequest { query, rooms, more, bytes }).await?;
        self.answer(&ServerFrame::Results { reference, hits, more });
        Ok(())
    }

    pub(crate) async fn directory(
        &mut self,
        reference: Ref,
        query: Option<String>,
        watch: Option<bool>,
    ) -> Result<(), Refusal> {
        if let Some(on) = watch {
            self.worker.hub.watch(&self.peer, on);
            // Before the rooms are described: what changes after that is told.
            self.known |= on;
            self.worker.server.send(Watch { session: self.id, on }).await?;
        }
        // A query longer than any name finds nothing; it need not be looked for.
        let most = maru_protocol::MAX_ROOM_NAME_CHARS;
        let contains = query.map(|query| query.chars().take(most).collect());
        let query = RoomQuery { contains, limit: DIRECTORY_PAGE };
        let records = self.worker.journal.rooms(query).await?;
        let rooms = self.worker.server.send(Describe(records)).await?;
        self.answer(&ServerFrame::Rooms { reference, rooms });
        Ok(())
    }
}
