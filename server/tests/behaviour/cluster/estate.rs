//! What servers share: a database, a NATS, a secret.

use crate::{
    nats::Nats,
    process::Server,
    services::{Database, settings},
};

/// Servers that are one chat. The fields go in this order: nobody misses what it is still using.
pub struct Cluster {
    pub nodes: Vec<Server>,
    pub nats: Nats,
    settings: Vec<(String, String)>,
    _database: Option<Database>,
}

impl Cluster {
    /// So many servers.
    pub fn start(count: usize) -> Self {
        let database = Database::make();
        let url = database.url();
        Self::over(count, &url, Some(database), &[])
    }

    /// Servers on a database that a test looks after, with more settings.
    pub fn over(
        count: usize,
        url: &str,
        database: Option<Database>,
        more: &[(&str, &str)],
    ) -> Self {
        let nats = Nats::start();
        let more = more.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        let settings = settings(url, &nats.url()).into_iter().chain(more).collect();
        let mut cluster = Self { nodes: Vec::new(), nats, settings, _database: database };
        (0..count).for_each(|_| cluster.add());
        cluster
    }

    /// One server more.
    pub fn add(&mut self) {
        self.add_with(&[]);
    }

    /// One more, with settings of its own.
    pub fn add_with(&mut self, more: &[(&str, &str)]) {
        let shared = self.settings.iter().map(|(k, v)| (k.as_str(), v.as_str()));
        let settings: Vec<(&str, &str)> = shared.chain(more.iter().copied()).collect();
        self.nodes.push(Server::start(&settings));
    }

    /// `kill -9` of one; the others keep their order.
    pub fn kill(&mut self, node: usize) {
        self.nodes.remove(node).kill();
    }
}
