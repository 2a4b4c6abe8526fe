//! The search beside the journal that the settings name.

use std::{sync::Arc, thread::JoinHandle};

use tokio::sync::watch;

use super::AppError;
use crate::{
    clock::Clock,
    journal::Journal,
    metrics::Metrics,
    search::{
        DirtyRooms, Finder, IndexReader, IndexWriter, Indexer, Pace, ReaderThread, Search,
        postgres, sqlite,
    },
    settings::Settings,
};

/// A search that runs.
pub(super) struct Searching {
    /// For those who ask.
    pub(super) search: Arc<dyn Search>,
    /// For the relay.
    pub(super) dirty: Arc<DirtyRooms>,
    indexer: JoinHandle<()>,
    /// Dropped, it ends the indexer.
    stop: watch::Sender<()>,
}

impl Searching {
    /// Starts it, unless it is switched off. An index that can't be opened or is to be built keeps
    /// nothing waiting.
    pub(super) fn start(
        settings: &Settings,
        journal: &Arc<dyn Journal>,
        clock: &Arc<dyn Clock>,
        metrics: &Arc<Metrics>,
    ) -> Result<Option<Self>, AppError> {
        if !settings.search.enabled {
            return Ok(None);
        }
        let dirty = Arc::new(DirtyRooms::default());
        let parts = (journal.clone(), clock.clone(), metrics.clone());
        let searching = match &settings.journal.url {
            Some(url) => {
                let (limit, epoch) = (settings.journal.timeout, journal.epoch());
                let index = postgres::index(url.reveal(), limit, epoch)?;
                Self::over(index, dirty, Pace::CLUSTER, parts)?
            }
            None => {
                let index = sqlite::index(settings.journal.search_path(), dirty.clone());
                Self::over(index, dirty, Pace::ALONE, parts)?
            }
        };
        Ok(Some(searching))
    }

    fn over(
        (writer, reader): (impl IndexWriter, impl IndexReader),
        dirty: Arc<DirtyRooms>,
        pace: Pace,
        (journal, clock, metrics): (Arc<dyn Journal>, Arc<dyn Clock>, Arc<Metrics>),
    ) -> Result<Self, AppError> {
        let reader = ReaderThread::start(reader)?;
        let finder = Finder::new(reader, journal.clone(), clock.clone(), metrics.clone());
        let (stop, stopped) = watch::channel(());
        let indexer = Indexer::new(writer, journal, dirty.clone(), clock, metrics, pace);
        let indexer = indexer.start(stopped)?;
        Ok(Self { search: Arc::new(finder), dirty, indexer, stop })
    }

    /// Ends the indexer between two steps.
    pub(super) async fn stop(self) {
        drop(self.stop);
        let joined = tokio::task::spawn_blocking(|| self.indexer.join());
        if !matches!(joined.await, Ok(Ok(()))) {
            log::error!("a bug: the search's indexer panicked");
        }
    }
}
