//! What a server is given to be one of several.

use super::Database;

/// What every server of these tests keeps its rooms in: with `MARU_TEST_STORE=cluster` a database of
/// its own and a NATS, as one of several would, otherwise a file.
pub fn store() -> Vec<(String, String)> {
    if std::env::var("MARU_TEST_STORE").is_ok_and(|store| store == "cluster") {
        // It goes with the Postgres of this run: a server that is killed and started again needs it.
        let database = std::mem::ManuallyDrop::new(Database::make());
        return shared(&database.url());
    }
    Vec::new()
}

/// The settings of a server on this database, beside others on the NATS of this run.
pub fn shared(url: &str) -> Vec<(String, String)> {
    let nats = std::env::var("MARU_TEST_NATS_URL").expect("scripts/with-services sets it");
    settings(url, &nats)
}

/// The settings of a server on this database and NATS.
pub fn settings(url: &str, nats: &str) -> Vec<(String, String)> {
    [
        ("MARU_JOURNAL__URL", url),
        ("MARU_JOURNAL__POOL", "3"),
        ("MARU_BUS__URL", nats),
        ("MARU_AUTH__SECRET", "a secret that all servers of this test share"),
    ]
    .map(|(k, v)| (k.to_owned(), v.to_owned()))
    .to_vec()
}
