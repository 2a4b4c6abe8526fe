//! Signing people out everywhere: kept in the store, known by every node.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use maru_engine::Actor;
use maru_protocol::UserId;
use tokio::sync::Mutex;

use super::{Services, error::ServiceError};
use crate::{
    auth::SignOuts,
    clock::Clock,
    journal::{self, JournalError},
    services::access::Action,
};

/// How often a node looks for what others signed out: so long a token may still be good there.
const LOOK: Duration = Duration::from_secs(5);

/// What the store knows, brought to those who judge tokens.
pub struct SignOutSync {
    store: Arc<dyn journal::SignOuts>,
    known: Arc<SignOuts>,
    clock: Arc<dyn Clock>,
    /// The mark of what is known. Held while something is read, so that older knowledge never comes
    /// after newer.
    seen: Mutex<Option<u64>>,
}

impl SignOutSync {
    /// With all that the store knows by now.
    ///
    /// # Errors
    /// [`JournalError`]: without it nobody can be let in.
    pub async fn load(
        store: Arc<dyn journal::SignOuts>,
        known: Arc<SignOuts>,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>, JournalError> {
        let sync = Arc::new(Self { store, known, clock, seen: Mutex::new(None) });
        sync.look().await?;
        Ok(sync)
    }

    /// Looks for what other nodes keep, for as long as it is used. While the store is away, what is known
    /// stays: nobody can be signed out anew then.
    pub async fn run(sync: Weak<Self>) {
        loop {
            tokio::time::sleep(LOOK).await;
            let Some(sync) = sync.upgrade() else { return };
            if let Err(error) = sync.look().await {
                log::debug!(error:%; "who was signed out elsewhere is not known");
            }
        }
    }

    async fn look(&self) -> Result<(), JournalError> {
        let mut seen = self.seen.lock().await;
        // First: what changes between the two questions is seen the next time.
        let mark = self.store.sign_outs_mark().await?;
        if *seen != Some(mark) {
            let all = self.store.sign_outs().await?;
            self.known.replace(all.into_iter().map(|it| (it.person, it.at)));
            *seen = Some(mark);
        }
        Ok(())
    }

    pub(super) async fn sign_out(&self, person: UserId) -> Result<(), JournalError> {
        self.store.sign_out(person, self.clock.now_ms()).await?;
        self.look().await
    }
}

impl Services {
    /// Ends all that proves that somebody is this person, and their connections: at once here, within
    /// seconds on every other node.
    ///
    /// # Errors
    /// [`ServiceError`]. It may have been kept all the same.
    pub(crate) async fn sign_out(&self, actor: &Actor, person: UserId) -> Result<(), ServiceError> {
        let permit = self.access.ask(actor, Action::SignOut)?;
        self.guarded.sign_out(&permit, person.clone()).await?;
        log::info!(user:% = person; "signed out everywhere");
        Ok(())
    }
}
