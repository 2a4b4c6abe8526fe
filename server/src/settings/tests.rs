use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::time::Duration;

use tempfile::TempDir;

use super::*;
use crate::{
    auth::Secret,
    limits::{Place, Rate},
};

/// A config folder of a test's own, and the variables to load it by.
struct Folder(TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        Self(folder)
    }

    fn variables(&self, variables: &[(&str, &str)]) -> Variables {
        let folder = ("MARU_CONFIG_DIR", self.0.path().to_str().unwrap());
        let all = variables.iter().chain([&folder]);
        all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn load(&self, variables: &[(&str, &str)]) -> Result<Settings, String> {
        Settings::load(&self.variables(variables)).map_err(|error| error.to_string())
    }
}

fn load(variables: &[(&str, &str)]) -> Result<Settings, String> {
    Folder::new(&[]).load(variables)
}

#[test]
fn the_defaults_are_valid_and_all_are_read() {
    let (environment, mut reader) = sources::gather(&Folder::new(&[]).variables(&[])).unwrap();
    let settings = Settings::read(environment, &mut reader).unwrap();
    assert_eq!(reader.unread(), Vec::<&String>::new(), "keys that nothing reads");
    assert_eq!(settings.environment, Environment::Development);
    assert_eq!(settings.http.listen.to_string(), "127.0.0.1:8080");
    assert!(settings.http.allowed_origins.allows("http://localhost:3000"));
    assert_eq!(settings.frontend, None);
    assert_eq!(settings.metrics.as_ref().unwrap().listen.port(), 9464);
    assert_eq!(settings.connection.timeout(), Duration::from_secs(50));
    assert_eq!(settings.chat.first_rooms[0].as_str(), "lobby");
    assert!(settings.server.workers.get() >= 1);
    assert_eq!(settings.limits().max_frame_bytes, 65_536);
    let SecretSource::File(path) = &settings.auth.secret else { panic!("a file") };
    assert_eq!(path.to_str(), Some("data/secret.key"));
}

#[test]
fn the_repository_s_own_files_are_valid() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../config");
    let variables = |name: &str, origins: &str| {
        let mut variables = Variables::new();
        variables.insert("MARU_CONFIG_DIR".into(), folder.into());
        variables.insert("MARU_ENVIRONMENT".into(), name.into());
        if !origins.is_empty() {
            variables.insert("MARU_HTTP__ALLOWED_ORIGINS".into(), origins.into());
        }
        variables
    };
    let settings = Settings::load(&variables("development", "")).unwrap();
    let frontend = settings.frontend.unwrap();
    assert_eq!((frontend.dir.to_str(), frontend.listen.port()), (Some("frontend/dist"), 3000));
    let settings = Settings::load(&variables("production", "https://a.example")).unwrap();
    assert_eq!(
        (settings.http.listen.to_string().as_str(), settings.frontend),
        ("0.0.0.0:8080", None)
    );
}

#[test]
fn later_sources_win() {
    let folder = Folder::new(&[
        ("default.toml", "[http]\nport = 1\nhost = \"127.0.0.2\"\n[server]\nname = \"a\""),
        ("development.toml", "[http]\nport = 2\n[server]\nname = \"b\""),
        ("production.toml", "[http]\nport = 3\nallowed_origins = [\"*\"]"),
    ]);
    let settings =
        folder.load(&[("MARU_SERVER__NAME", "0123"), ("MARU_METRICS__ENABLED", "false")]);
    let settings = settings.unwrap();
    assert_eq!(settings.http.listen.to_string(), "127.0.0.2:2");
    assert_eq!((settings.server.name.as_str(), settings.metrics), ("0123", None));
    let settings = folder.load(&[("MARU_ENVIRONMENT", "production"), ("MARU_HTTP__PORT", "8081")]);
    let settings = settings.unwrap();
    assert_eq!(settings.http.listen.to_string(), "0.0.0.0:8081", "production's own host");
    assert_eq!(settings.http.allowed_origins, AllowedOrigins::Any);
}

#[test]
fn lists_in_variables_are_separated_by_commas() {
    let settings = load(&[
        ("MARU_HTTP__ALLOWED_ORIGINS", "https://a.example, https://b.example,"),
        ("MARU_CHAT__FIRST_ROOMS", "lobby,사랑방 2"),
    ]);
    let settings = settings.unwrap();
    assert!(settings.http.allowed_origins.allows("https://b.example"));
    assert_eq!(settings.chat.first_rooms.len(), 2);
    assert!(load(&[("MARU_CHAT__FIRST_ROOMS", "")]).unwrap().chat.first_rooms.is_empty());
}

#[test]
fn production_demands_origins_wherever_it_runs() {
    assert_eq!(
        load(&[("MARU_ENVIRONMENT", "production")]).unwrap_err(),
        "http.allowed_origins is empty: name the pages that may connect, such as \
         https://chat.example.com, or \"*\" for any"
    );
    let origins = ("MARU_HTTP__ALLOWED_ORIGINS", "https://chat.example.com");
    assert!(load(&[("MARU_ENVIRONMENT", "production"), origins]).is_ok());
    assert_eq!(
        load(&[("MARU_ENVIRONMENT", "staging")]).unwrap_err(),
        "MARU_ENVIRONMENT is \"staging\": it is `development` (the default) or `production`"
    );
}

#[test]
fn every_wrong_value_gets_its_sentence() {
    let long = "x".repeat(100);
    for (variable, value, sentence) in [
        ("SERVER__NAME", " ", "server.name is \" \": it is one line of 1 to 64 characters"),
        ("SERVER__NAME", &long, "server.name is xxx"),
        ("SERVER__WORKERS", "513", "a whole number from 0 to 512"),
        ("HTTP__HOST", "localhost", "http.host is localhost: it is an IP address"),
        (
            "HTTP__PORT",
            "99999",
            "http.port is 99999: a port is 1 to 65535 (0 picks a free one) (set by MARU_HTTP__PORT)",
        ),
        ("HTTP__PORT", "-1", "http.port is -1: a port is"),
        ("HTTP__PORT", "", "http.port is \"\": a port is"),
        ("HTTP__PORT", "9464", "metrics.port is 9464: http.port is the same"),
        (
            "HTTP__ALLOWED_ORIGINS",
            "https://a/b",
            "\"https://a/b\" is not an origin; an origin is scheme://host[:port]",
        ),
        ("HTTP__ALLOWED_ORIGINS", "*,https://a", "stands alone"),
        (
            "HTTP__MAX_CONNECTIONS",
            "0",
            "http.max_connections is 0: it is a whole number from 1 to 1000000",
        ),
        ("SOCKETIO__NODE", "a.b", "socketio.node is a.b: it is a name of at most 32 letters"),
        ("SOCKETIO__NODE", &long, "socketio.node is xxx"),
        ("METRICS__ENABLED", "yes", "metrics.enabled is yes: it is true or false"),
        ("METRICS__PORT", "65536", "metrics.port is 65536"),
        ("FRONTEND__PORT", "x", "frontend.port is x"),
        ("JOURNAL__PATH", "", "journal.path is \"\": it is a file's path"),
        ("JOURNAL__PATH", ":memory:", "journal.path is :memory:"),
        ("JOURNAL__PATH", "..", "journal.path is .."),
        ("JOURNAL__URL", "db.example", "journal.url is hidden: it is like postgres://user:"),
        ("JOURNAL__URL", "mysql://u:hush@h/db", "or empty to keep rooms in journal.path"),
        ("JOURNAL__URL", "postgres://u:hush@h/", "journal.url is hidden"),
        ("JOURNAL__URL", "postgres://u:hush@h/db x", "journal.url is hidden"),
        (
            "JOURNAL__URL",
            "postgres://u:hush@h/db",
            "auth.secret is empty: servers that share a journal (journal.url) share this key",
        ),
        ("JOURNAL__POOL", "1", "journal.pool is 1: it is a whole number from 2 to 100; one"),
        ("JOURNAL__TIMEOUT", "0s", "it is a duration from \"500ms\" to \"1m\""),
        ("JOURNAL__QUEUE", "0", "journal.queue is 0"),
        ("JOURNAL__BATCH", "1e3", "journal.batch is 1e3"),
        ("JOURNAL__KEEP_FREE", "1", "it is a size from \"0 B\" to \"1024 GiB\", in B, KiB, MiB or"),
        ("BUS__URL", "nats.example", "bus.url is hidden: it is like nats://host:4222"),
        ("BUS__URL", "nats://u:hush@", "or empty for one server alone"),
        ("BUS__URL", "nats://a:4222,http://b", "bus.url is hidden"),
        ("BUS__URL", "nats://a b", "bus.url is hidden"),
        ("BUS__PREFIX", "a.b", "bus.prefix is a.b: it is one word of 1 to 32 letters"),
        ("BUS__PREFIX", "", "bus.prefix is \"\""),
        ("HTTP__ANONYMOUS_READING", "1", "http.anonymous_reading is 1: it is true or false"),
        (
            "HTTP__ALLOWED_HOSTS",
            "a.example,http://b.example",
            "\"http://b.example\" is no host; a host is a name in ASCII, without scheme, port",
        ),
        ("METRICS__ALLOWED_HOSTS", "a:9464", "metrics.allowed_hosts is a:9464: \"a:9464\" is no"),
        ("AUTH__VERIFY_SECRETS", "hush", "auth.verify_secrets is hidden: each has at least 32 b"),
        ("AUTH__VERIFY_SECRETS", "a,b,c,d,e,f,g,h,i", "auth.verify_secrets is hidden: at most 8"),
        (
            "AUTH__GUEST_MAX_AGE",
            "1s",
            "auth.guest_max_age is 1s: it is a duration from \"1m\" to \"3650d\"",
        ),
        (
            "AUTH__GUEST_TTL",
            "1s",
            "auth.guest_ttl is 1s: it is a duration from \"1m\" to \"3650d\"",
        ),
        ("CHAT__MAX_ROOMS_PER_SESSION", "0", "chat.max_rooms_per_session is 0"),
        ("CHAT__MAX_PAGE", "1001", "chat.max_page is 1001"),
        ("CHAT__MAX_REPLAY", "0", "chat.max_replay is 0"),
        ("CHAT__MAX_REPLAY_BYTES", "513 KiB", "half of connection.outbox, which makes \"512 KiB\""),
        ("CHAT__MAX_REPLAY_BYTES", "1k", "it is a size from \"16 KiB\""),
        ("CHAT__MAX_ROSTER", "0", "chat.max_roster is 0"),
        ("CHAT__FLIPS", "0", "chat.flips is 0"),
        ("CHAT__FLIP_INTERVAL", "2h", "it is a duration from \"1ms\" to \"1h\""),
        ("CHAT__FIRST_ROOMS", "a/b", "\"a/b\" names no room; a name can't contain “/” (U+002F)"),
        ("CHAT__PRESENCE_INTERVAL", "1ms", "chat.presence_interval is 1ms"),
        ("CHAT__DIRECTORY_INTERVAL", "1000", "in ms, s, m, h or d"),
        (
            "CONNECTION__HEARTBEAT",
            "55s",
            "connection.heartbeat is 55s: it is a duration from \"100ms\" to \"50s\"",
        ),
        ("CONNECTION__HELLO_TIMEOUT", "0s", "connection.hello_timeout is 0s"),
        ("CONNECTION__MAX_FRAME", "16 KiB", "from \"48 KiB\" to \"1 MiB\""),
        ("CONNECTION__OUTBOX", "1 GiB", "connection.outbox is \"1 GiB\""),
        ("CONNECTION__RATE", "0", "connection.rate is 0"),
        ("CONNECTION__BURST", "49", "it is at least connection.rate, which is 50"),
        (
            "LIMITS__PERSON_MESSAGES",
            "10",
            "limits.person_messages is 10: it is like \"10/s burst 100\": so many a second, a minute",
        ),
        ("LIMITS__PERSON_MESSAGES", "0/s burst 1", "limits.person_messages is \"0/s burst 1\""),
        ("LIMITS__ADDRESS_JOINS", "1/s burst 0", "limits.address_joins is \"1/s burst 0\""),
        ("LIMITS__ADDRESS_READS", "1/s burst 2000000000", "limits.address_reads is"),
        ("LIMITS__PERSON_BYTES", "10/s burst 100", "it is like \"64 KiB/s burst 1 MiB\""),
        ("LIMITS__ADDRESS_CONNECTIONS", "0", "it is a whole number from 1 to 1000000000"),
        ("LIMITS__EXEMPT", "10.0.0.0/33", "\"10.0.0.0/33\" is no address or network; one is like"),
        ("LIMITS__SOCKETS", "15", "limits.sockets is 15: it is a whole number from 16 to 1000000"),
        ("LIMITS__UNFINISHED", "15", "limits.unfinished is 15"),
        ("LIMITS__PERSON_UPLOADS_AT_ONCE", "0", "limits.person_uploads_at_once is 0"),
        ("LIMITS__OUTBOXES", "1 KiB", "limits.outboxes is \"1 KiB\": it is a size from \"1 MiB\""),
        ("LIMITS__UNFINISHED_BYTES", "1 KiB", "limits.unfinished_bytes is \"1 KiB\""),
        ("LIMITS__DOWNLOADS", "0", "limits.downloads is 0: it is a whole number from 1 to 100000"),
        (
            "LIMITS__LEAST_RATE",
            "2 MiB",
            "limits.least_rate is \"2 MiB\": it is a size from \"0 B\"",
        ),
        ("LIMITS__STAY_AWAY", "2d", "limits.stay_away is 2d: it is a duration from \"100ms\" to"),
        ("PROXIES__TRUSTED", "gateway", "\"gateway\" is no address or network; one is like 192"),
        (
            "PROXIES__HEADER",
            "x-real-ip",
            "it is `x-forwarded-for`, `forwarded` or `proxy-protocol`",
        ),
        ("SHUTDOWN__GRACE", "11m", "shutdown.grace is 11m"),
        ("LOG__FILTER", "loud=nonsense=x", "log.filter is loud=nonsense=x"),
        ("LOG__FILTER", " ", "log.filter is \" \""),
        ("LOG__FORMAT", "xml", "log.format is xml: it is `human` or `json`"),
    ] {
        let error = load(&[(&format!("MARU_{variable}"), value)]).unwrap_err();
        assert!(error.contains(sentence), "{variable}={value}: {error}");
        assert!(!error.contains('\n') && error.chars().count() < 260, "{error}");
        assert!(!error.contains("hush"), "{error}");
    }
}

#[test]
fn every_setting_has_a_wrong_value_in_a_file() {
    let (_, reader) = sources::gather(&Folder::new(&[]).variables(&[])).unwrap();
    for key in reader.values().keys() {
        let (section, name) = key.split_once('.').unwrap();
        let folder = Folder::new(&[("development.toml", &format!("[{section}]\n{name} = 1.5"))]);
        let error = folder.load(&[]).unwrap_err();
        assert!(error.starts_with(&format!("{key} is ")), "{key}: {error}");
        assert!(
            error.ends_with(&format!("(set by {}/development.toml)", folder.0.path().display()))
        );
    }
}

#[test]
fn unknown_keys_and_variables_are_named() {
    let unknown = |text: &str| Folder::new(&[("development.toml", text)]).load(&[]).unwrap_err();
    let error = unknown("[http]\nprot = 1");
    assert!(
        error.starts_with("http.prot in ") && error.ends_with("did you mean http.port?"),
        "{error}"
    );
    assert!(error.contains("development.toml"), "{error}");
    assert!(unknown("[htpp]\nport = 1").ends_with("did you mean http.port?"));
    assert!(unknown("http = 1").ends_with("it is a section, written [http]"));
    assert!(unknown("[http.port]\nx = 1").starts_with("http.port.x in "));
    assert!(unknown("[nowhere]").ends_with("`maru-server settings` lists them all"));

    let variable = |name: &str| load(&[(name, "1")]).unwrap_err();
    for wrong in ["MARU_HTTP_PORT", "MARU_HTTP__PROT", "MARU_http__port"] {
        let sentence = format!("the variable {wrong} is no setting: did you mean MARU_HTTP__PORT?");
        assert_eq!(variable(wrong), sentence);
    }
    assert!(variable("MARU_X").ends_with("`maru-server settings` lists them all"));
}

#[test]
fn what_kubernetes_says_of_a_service_is_no_setting() {
    let links = [
        ("MARU_SERVICE_HOST", "10.0.0.1"),
        ("MARU_SERVER_SERVICE_PORT_HTTP", "80"),
        ("MARU_PORT", "tcp://10.0.0.1:80"),
        ("MARU_HTTP_PORT", "tcp://10.0.0.1:80"),
        ("MARU_PORT_80_TCP_ADDR", "10.0.0.1"),
    ];
    assert_eq!(load(&links).unwrap().http.listen.port(), 8080);
}

#[test]
fn files_that_cannot_be_read() {
    let folder = Folder::new(&[("development.toml", "[auth]\nsecret = \"hush-hush-hush\nx")]);
    let error = folder.load(&[]).unwrap_err();
    let file = folder.0.path().join("development.toml");
    let start = format!("can't read {}: TOML parse error at line ", file.display());
    assert!(error.starts_with(&start), "{error}");
    assert!(!error.contains('\n') && !error.contains("hush"), "{error}");
    let gone = Variables::from([("MARU_CONFIG_DIR".into(), "/no/such".into())]);
    let error = Settings::load(&gone).unwrap_err().to_string();
    assert_eq!(error, "MARU_CONFIG_DIR is /no/such: there is no such folder");
}

#[test]
fn secrets_are_never_shown() {
    let short = "hush-hush-hush";
    let error = load(&[("MARU_AUTH__SECRET", short)]).unwrap_err();
    assert!(error.starts_with("auth.secret is hidden: it has at least 32 bytes"), "{error}");
    assert!(!error.contains("hush"), "{error}");

    let long = "hush-".repeat(10);
    let two = format!("{long},{long}");
    let folder = Folder::new(&[]);
    let url = "postgres://maru:hush@db.example/maru?sslmode=require";
    let variables = folder.variables(&[
        ("MARU_AUTH__SECRET", &long),
        ("MARU_AUTH__VERIFY_SECRETS", &two),
        ("MARU_HTTP__PORT", "81"),
        ("MARU_JOURNAL__URL", url),
    ]);
    let settings = Settings::load(&variables).unwrap();
    assert!(!format!("{settings:?}").contains("hush"));
    assert_eq!(settings.journal.url.unwrap().reveal(), url);
    let shown = effective(&variables).unwrap();
    assert!(!shown.contains("hush") && shown.contains("secret = \"(hidden)\""), "{shown}");
    assert!(shown.contains("verify_secrets = [\"(hidden)\"]"), "{shown}");
    assert!(shown.contains("url = \"(hidden)\"  # MARU_JOURNAL__URL\n"), "{shown}");
    assert!(shown.contains("port = 81  # MARU_HTTP__PORT\n"), "{shown}");
    assert!(shown.contains("first_rooms = [\"lobby\"]\n"), "{shown}");
}

/// Every secret, with a value that is one.
fn secrets() -> Vec<(&'static str, String)> {
    let value = |key: &str| match key {
        "journal.url" => "postgres://maru:hush@db.example/maru".to_owned(),
        "bus.url" => "nats://maru:hush@nats.example:4222".to_owned(),
        "auth.verify_secrets" => format!("{}\n{}", "hush-a".repeat(8), "hush-b".repeat(8)),
        _ => "hush-".repeat(10),
    };
    values::SECRETS.into_iter().map(|key| (key, value(key))).collect()
}

#[test]
fn every_secret_can_lie_in_a_file_of_its_own() {
    let texts = secrets();
    let files: Vec<(String, &str)> =
        texts.iter().map(|(key, text)| (key.replace('.', "-"), text.as_str())).collect();
    let named: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let folder = Folder::new(&named);
    let of = |key: &str| folder.0.path().join(key.replace('.', "-")).display().to_string();
    // As an editor leaves it.
    fs::write(of("auth.secret"), format!(" {}\n\n", "hush-".repeat(10))).unwrap();
    let variable = |key: &str| format!("{}_FILE", values::variable(key));
    let set: Vec<(String, String)> =
        texts.iter().map(|(key, _)| (variable(key), of(key))).collect();
    let set: Vec<(&str, &str)> = set.iter().map(|(name, path)| (&**name, &**path)).collect();
    let settings = folder.load(&set).unwrap();
    assert!(!format!("{settings:?}").contains("hush"));
    let keys = settings.auth.keys().unwrap();
    assert!(keys.sign == Secret::parse(&"hush-".repeat(10)).unwrap(), "without what is around it");
    assert_eq!(keys.verify.len(), 2, "one in each line");
    assert_eq!(settings.journal.url.unwrap().reveal(), "postgres://maru:hush@db.example/maru");
    assert_eq!(settings.bus.url.unwrap().reveal(), "nats://maru:hush@nats.example:4222");
    let shown = effective(&folder.variables(&set)).unwrap();
    assert!(!shown.contains("hush"), "{shown}");
    assert!(shown.contains("secret = \"(hidden)\"  # MARU_AUTH__SECRET_FILE\n"), "{shown}");
    assert!(shown.contains("verify_secrets = [\"(hidden)\"]  # MARU_AUTH__VERIFY"), "{shown}");
    // What is wrong in it is said without it, and with where it is from.
    for (key, _) in &texts {
        fs::write(of(key), "hush").unwrap();
        let Err(error) = folder.load(&set) else { continue };
        let ends = format!("(set by {})", variable(key));
        assert!(
            error.starts_with(&format!("{key} is hidden: ")) && error.ends_with(&ends),
            "{error}"
        );
        fs::write(of(key), texts.iter().find(|it| it.0 == *key).unwrap().1.as_str()).unwrap();
    }
}

#[test]
fn a_file_without_its_secret_stops_the_start_with_a_sentence() {
    let folder = Folder::new(&[("empty", " \n\n"), ("long", &"x".repeat(65 * 1024))]);
    fs::write(folder.0.path().join("binary"), b"hush\xff".repeat(10)).unwrap();
    fs::write(folder.0.path().join("right"), "hush-".repeat(10)).unwrap();
    let at = |name: &str| folder.0.path().join(name).display().to_string();
    for (key, _) in secrets() {
        let variable = format!("{}_FILE", values::variable(key));
        let refusal = |path: &str| folder.load(&[(&variable, path)]).unwrap_err();
        for (path, why) in [
            (at("missing"), "there is no such file"),
            (at("empty"), "it is empty: write the secret into it"),
            (at("binary"), "it is no text in UTF-8"),
            (at("long"), "it is longer than 64 KiB, as no secret is"),
            (at("."), "it can't be read: "),
            (at("empty/x"), "it can't be read: "),
        ] {
            let error = refusal(&path);
            assert!(error.starts_with(&format!("{variable} is {path:?}: {why}")), "{error}");
            assert!(!error.contains("hush") && !error.contains('\n'), "{error}");
        }
        assert!(refusal("").contains("name a file, or don't set the variable"));
        // The secret itself in the place of its file's name.
        let error = refusal("hush-hush-hush-hush-hush-hush-hush-hush");
        assert!(error.contains("there is no such file") && !error.contains("hush"), "{error}");
        let beside = values::variable(key);
        let right = at("right");
        let error = folder.load(&[(&variable, &right), (&beside, "hush")]).unwrap_err();
        let both = format!("{beside} and {variable} are both set: one of them holds the secret");
        assert!(error.starts_with(&both), "{error}");
    }
    // An empty one beside it is none.
    let right = at("right");
    let set = [("MARU_AUTH__SECRET_FILE", right.as_str()), ("MARU_AUTH__SECRET", "")];
    let secret = folder.load(&set).unwrap().auth.keys().unwrap().sign;
    assert!(secret == Secret::parse(&"hush-".repeat(10)).unwrap());
    // The file wins over what a settings file says, as a variable does.
    let toml = format!("[auth]\nsecret = \"{}\"", "other-".repeat(10));
    let folder = Folder::new(&[("development.toml", &toml)]);
    let secret = folder.load(&set).unwrap().auth.keys().unwrap().sign;
    assert!(secret == Secret::parse(&"hush-".repeat(10)).unwrap());
    // What is no secret has no file.
    let error = load(&[("MARU_HTTP__PORT_FILE", "/run/port")]).unwrap_err();
    assert!(error.starts_with("the variable MARU_HTTP__PORT_FILE is no setting"), "{error}");
}

#[test]
fn the_bus_is_for_servers_that_share_a_journal() {
    let url = "nats://maru:hush@a.example:4222, tls://b.example";
    let folder = Folder::new(&[]);
    let variables = folder.variables(&[("MARU_BUS__URL", url)]);
    let (_, mut reader) = sources::gather(&variables).unwrap();
    let bus = Bus::read(&mut reader, true).unwrap();
    assert_eq!((bus.url.as_ref().unwrap().reveal(), bus.prefix.as_str()), (url, "maru"));
    assert!(!format!("{bus:?}").contains("hush"));
    let error = Bus::read(&mut reader, false).unwrap_err().to_string();
    let sentence = "bus.url is hidden: servers that hear of each other share a journal: set \
                    journal.url too (set by MARU_BUS__URL)";
    assert_eq!(error, sentence);
    assert_eq!(load(&[]).unwrap().bus.url, None);
}

#[test]
fn limits_are_read_as_they_are_written() {
    let settings = load(&[
        ("MARU_LIMITS__PERSON_MESSAGES", "3/m burst 7"),
        ("MARU_LIMITS__ADDRESS_BYTES", "1 KiB/s burst 2 MiB"),
        ("MARU_LIMITS__EXEMPT", "192.0.2.7, 2001:db8::/32"),
        ("MARU_PROXIES__TRUSTED", "10.0.0.0/8,::1"),
        ("MARU_PROXIES__HEADER", "forwarded"),
    ]);
    let Settings { limits, proxies, .. } = settings.unwrap();
    let quota = limits.accounts.person.rate(Rate::Messages).unwrap();
    assert_eq!((quota.every, quota.burst.get()), (Duration::from_secs(20), 7));
    let quota = limits.accounts.address.rate(Rate::Bytes).unwrap();
    assert_eq!((quota.every.as_nanos(), quota.burst.get()), (1_000_000_000 / 1_024, 2 << 20));
    assert_eq!(limits.accounts.person.rate(Rate::Handshakes), None);
    assert_eq!(limits.accounts.address.places(Place::Connections), Some(2_000));
    let shown: Vec<String> = limits.accounts.exempt.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["192.0.2.7/32", "2001:db8::/32"]);
    let trusts = |address: &str| proxies.trusts(address.parse().unwrap());
    assert!(
        trusts("10.9.9.9") && trusts("::ffff:10.9.9.9") && trusts("::1") && !trusts("11.0.0.1")
    );
    assert_eq!(proxies.says, ProxySays::Forwarded);
}

#[test]
fn what_is_shown_can_be_set() {
    let odd = [
        ("MARU_LIMITS__EXEMPT", "10.0.0.0/8,::1"),
        ("MARU_PROXIES__TRUSTED", "10.0.0.7"),
        ("MARU_LIMITS__PERSON_JOINS", "1/m burst 2"),
        ("MARU_SERVER__NAME", "\"a\\ # b"),
        ("MARU_HTTP__ALLOWED_ORIGINS", "https://a,https://b"),
        ("MARU_METRICS__ENABLED", "false"),
        ("MARU_CONNECTION__OUTBOX", "2 MiB"),
    ];
    let folder = Folder::new(&[]);
    let shown = effective(&folder.variables(&odd)).unwrap();
    let again = Folder::new(&[("development.toml", &shown)]);
    let (a, b) = (folder.load(&odd).unwrap(), again.load(&[]).unwrap());
    assert_eq!(format!("{a:?}"), format!("{b:?}"), "{shown}");
}

#[test]
fn variables_are_picked_out() {
    let pair = |name: &str, value: &[u8]| (name.into(), OsStr::from_bytes(value).to_owned());
    let picked = variables([pair("PATH", b"\xff"), pair("MARU_HTTP__PORT", b"1")]).unwrap();
    assert_eq!(picked, Variables::from([("MARU_HTTP__PORT".into(), "1".into())]));
    let error = variables([pair("MARU_SERVER__NAME", b"\xff")]).unwrap_err();
    assert!(error.to_string().starts_with("the variable MARU_SERVER__NAME is not UTF-8"));
}
