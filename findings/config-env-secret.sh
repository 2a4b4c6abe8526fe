#!/bin/sh
# Guess: One would expect `try_parsing(true)` of the crate config to concern the settings that are asked for as
#   numbers or booleans: one that is asked for as a string is the text of its variable.
# With: config 0.15.27 (Rust), features: toml
# Seen: The text is parsed first, whatever is asked later, and made into a text again: a secret 0123456789 is read
#   as 123456789, a room 1e3 as 1000, a name TRUE as true. And a float that is asked for as an integer is rounded
#   without a word: 1.9 for a limit of type u16 is 2.
# Matters: A token key of digits differs between this server and the service that signs, and every token is
#   refused; with most keys all is well. Leave `try_parsing` off, and ask for the type: text becomes a number
#   then, if a number is wanted.
. "$(dirname "$0")/lib/finding.sh"

cat >main.rs <<'RS'
use config::{Config, Environment, File, FileFormat, Map};

fn main() {
    for parsing in [false, true] {
        let variables: Map<String, String> =
            [("APP_SECRET", "0123456789"), ("APP_ROOM", "1e3"), ("APP_NAME", "TRUE"), ("APP_PORT", "8080")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into();
        let source = Environment::with_prefix("APP").try_parsing(parsing).source(Some(variables));
        let config = Config::builder().add_source(source).build().unwrap();
        let text = |key: &str| config.get_string(key).unwrap();
        println!(
            "try_parsing({parsing}): secret {}, room {}, name {}, port {}",
            text("secret"),
            text("room"),
            text("name"),
            config.get::<u16>("port").unwrap(),
        );
    }
    let file = File::from_str("limit = 1.9", FileFormat::Toml);
    let config = Config::builder().add_source(file).build().unwrap();
    println!("limit = 1.9: {}", config.get::<u16>("limit").unwrap());
}
RS
cargo_program config@=0.15.27 --no-default-features --features toml

same_as_seen "$program" <<'SEEN'
try_parsing(false): secret 0123456789, room 1e3, name TRUE, port 8080
try_parsing(true): secret 123456789, room 1000, name true, port 8080
limit = 1.9: 2
SEEN
