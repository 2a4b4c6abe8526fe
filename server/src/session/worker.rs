//! What every session of a worker thread shares.

use std::{rc::Rc, sync::Arc};

use crate::{
    fanout::Hub,
    limits::Unfinished,
    services::{Commands, RoomNames, Services},
    session::AdmissionQueue,
};

/// A worker thread, as its sessions know it: the services, and what is the thread's own.
pub struct Worker {
    /// What can be asked of the server.
    pub services: Arc<Services>,
    /// This thread's number at the ChatServer.
    pub number: usize,
    /// The thread's hub.
    pub hub: Rc<Hub>,
    /// What the thread's sessions ask of the engine.
    pub commands: Commands,
    /// Which rooms the thread's sessions found.
    pub names: Rc<RoomNames>,
    /// What the thread's clients have begun to say.
    pub unfinished: Rc<Unfinished>,
    /// Who comes next of those who are not in a room.
    pub turns: Rc<AdmissionQueue>,
}
