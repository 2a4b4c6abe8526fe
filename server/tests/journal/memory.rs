//! The store in memory under the contract.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use maru_protocol::{Epoch, Seq};
use maru_server::journal::{
    Batch, Outcome, PageRange, RoomId, Store,
    memory::{Memory, MemoryOptions, Storage},
};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::kit::{self, Bounds, Files, StoreUnderTest, WIDE, committed, message};

/// The storages of this process by their address, for as long as their test runs.
static STORAGES: LazyLock<Mutex<HashMap<String, Storage>>> = LazyLock::new(Mutex::default);

/// A storage that has an address.
pub struct MemoryPlace(String);

fn storage(address: &str) -> Storage {
    STORAGES.lock().unwrap_or_else(PoisonError::into_inner)[address].clone()
}

fn options(Bounds { queue, batch, outcomes }: Bounds) -> MemoryOptions {
    MemoryOptions { queue, batch, outcomes }
}

impl StoreUnderTest for MemoryPlace {
    fn new() -> Self {
        let (address, storage) = (Uuid::new_v4().to_string(), Storage::new(Epoch(Uuid::now_v7())));
        STORAGES.lock().unwrap_or_else(PoisonError::into_inner).insert(address.clone(), storage);
        Self(address)
    }

    fn address(&self) -> String {
        self.0.clone()
    }

    async fn open_at(address: &str, bounds: Bounds) -> (Arc<dyn Store>, mpsc::Receiver<Batch>) {
        let (journal, outcomes) = Memory::open(&storage(address), options(bounds)).unwrap();
        (journal, outcomes)
    }

    async fn open_files(address: &str) -> Files {
        let (store, outcomes) = Memory::open(&storage(address), MemoryOptions::default()).unwrap();
        Files { journal: store.clone(), files: store.clone(), sign_outs: store, outcomes }
    }

    /// Nothing lies on a disk that could be damaged.
    async fn verify_at(_: &str) {}

    /// What a room of it held went with it.
    async fn erased_at(_: &str, _: RoomId) {}

    async fn renew_at(_: &str) -> Result<(), String> {
        panic!("who makes a storage chooses its epoch")
    }

    fn make_older(_: &str) {
        panic!("no version before this one kept anything")
    }

    fn forget_names(_: &str) {
        panic!("no version before this one kept anything")
    }

    fn make_previous(_: &str) {
        panic!("no version before this one kept anything")
    }
}

impl Drop for MemoryPlace {
    fn drop(&mut self) {
        STORAGES.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}

crate::suite::contract!(MemoryPlace, not renewing: "nothing of it outlives its process: there is no \
    restored copy to renew and no older version to bring up");

/// Two over one storage number its rooms together, and each hears of its own entries only.
#[tokio::test]
async fn two_nodes_share_a_storage() {
    let place = MemoryPlace::new();
    let mut one = kit::Store::open(&place, WIDE).await;
    let mut other = kit::Store::open(&place, WIDE).await;
    let lobby = one.make("lobby").await;
    assert_eq!(other.make("LOBBY").await, lobby);
    for number in [1, 3, 5] {
        let append = message(&lobby, number);
        assert_eq!(one.say(append.clone()).await, committed(&append, number as u64));
        let append = message(&lobby, number + 1);
        assert_eq!(other.say(append.clone()).await, committed(&append, number as u64 + 1));
    }
    assert_eq!(one.page(&lobby, PageRange::Newest { limit: 9 }).await, [1, 2, 3, 4, 5, 6]);
    assert_eq!((one.close().await, other.close().await), (vec![], vec![]));
}

/// What a test commits at once, no open journal has heard of, and each can read.
#[tokio::test]
async fn what_is_committed_at_once_is_read_by_all() {
    let place = MemoryPlace::new();
    let store = kit::Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    let (first, retry) = (message(&lobby, 1), message(&lobby, 1));
    let outcomes = storage(&place.address()).commit(vec![first.clone(), retry.clone()]);
    assert_eq!(outcomes[0], committed(&first, 1));
    assert!(matches!(outcomes[1], Outcome::Known { .. }));
    assert_eq!(store.page(&lobby, PageRange::Newest { limit: 9 }).await, [1]);
    assert_eq!(storage(&place.address()).with_log(|log| log.head(lobby.id)), Seq::new(1).ok());
    assert!(!store.has_outcome());
    store.close().await;
}
