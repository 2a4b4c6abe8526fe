use serde_json::{Value, json};

use super::*;
use crate::clock::ManualClock;

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;
const START_MS: u64 = 1_795_000_000_000;

fn secret(text: &str) -> Secret {
    Secret::parse(&text.repeat(32)).unwrap()
}

const DAY: Duration = Duration::from_millis(DAY_MS);

/// A token holds for a day, and a family for ten.
const LIFETIMES: Lifetimes = Lifetimes { token: DAY, family: Duration::from_millis(10 * DAY_MS) };

/// Those of a server that signs with the first of these keys, and verifies with all.
fn of_keys(keys: &[&str], clock: &ManualClock) -> Identities {
    with_sign_outs(keys, LIFETIMES, &Arc::default(), clock)
}

fn with_sign_outs(
    keys: &[&str],
    lifetimes: Lifetimes,
    sign_outs: &Arc<SignOuts>,
    clock: &ManualClock,
) -> Identities {
    let mut keys = keys.iter().map(|key| secret(key));
    let keys = Keys { sign: keys.next().unwrap(), verify: keys.collect() };
    Identities::new(&keys, lifetimes, sign_outs.clone(), Arc::new(clock.clone())).unwrap()
}

fn setup() -> (Identities, ManualClock) {
    let clock = ManualClock::at(START_MS);
    (of_keys(&["a"], &clock), clock)
}

fn name(text: &str) -> DisplayName {
    DisplayName::parse(text).unwrap()
}

/// Base64url without padding (RFC 4648, section 5).
fn base64(bytes: &[u8]) -> String {
    const SYMBOLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let encode = |chunk: &[u8]| {
        let mut group = [0; 4];
        group[1..=chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes(group);
        let symbol = move |at: usize| SYMBOLS[(bits >> (18 - 6 * at)) as usize & 63] as char;
        (0..=chunk.len()).map(symbol).collect::<String>()
    };
    bytes.chunks(3).map(encode).collect()
}

/// A token with these parts, rightly signed by the server's own secret.
fn forged(header: &Value, claims: &[u8]) -> String {
    let message = format!("{}.{}", base64(header.to_string().as_bytes()), base64(claims));
    let signature = hs256_sign(secret("a").bytes(), message.as_bytes());
    format!("{message}.{}", base64(&signature))
}

fn hs256_sign(key: &[u8], message: &[u8]) -> Vec<u8> {
    use hmac::{KeyInit, Mac};
    let mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(key).unwrap();
    mac.chain_update(message).finalize().into_bytes().to_vec()
}

fn claims() -> Value {
    let now = START_MS / 1_000;
    json!({"iss": "maru", "sub": "guest-1", "name": "Ada", "iat": now, "exp": now + 60})
}

fn with(key: &str, value: Value) -> Vec<u8> {
    let mut claims = claims();
    claims[key] = value;
    claims.to_string().into_bytes()
}

fn hs256() -> Value {
    json!({"alg": "HS256", "typ": "JWT"})
}

#[test]
fn a_guest_stays_the_same_person() {
    let (identities, clock) = setup();
    let first = identities.admit(None, Some(name("Ada"))).unwrap();
    let id = first.user.id.0.strip_prefix("guest-").unwrap();
    assert_eq!(Uuid::parse_str(id).unwrap().get_version_num(), 7);
    assert_eq!(first.user.name.as_str(), "Ada");

    clock.advance_ms(DAY_MS / 2);
    let second = identities.admit(Some(&first.token), None).unwrap();
    assert_eq!(second.user, first.user);
    assert_ne!(second.token, first.token, "renewed");

    // The first token is over by now, the renewed one holds; so it does after a restart.
    clock.advance_ms(DAY_MS / 2 + 1_000);
    assert_eq!(identities.admit(Some(&first.token), None), Err(AuthError::InvalidToken));
    let restarted = of_keys(&["a"], &clock);
    let renamed = restarted.admit(Some(&second.token), Some(name("Ada L."))).unwrap();
    assert_eq!((renamed.user.id, renamed.user.name.as_str()), (first.user.id, "Ada L."));
    assert_eq!(restarted.admit(Some(&renamed.token), None).unwrap().user.name.as_str(), "Ada L.");
}

#[test]
fn two_guests_are_two_people() {
    let (identities, _) = setup();
    let admit = || identities.admit(None, Some(name("Ada"))).unwrap().user.id;
    assert_ne!(admit(), admit());
    assert_eq!(identities.admit(None, None), Err(AuthError::NameRequired));
    assert_eq!(AuthError::NameRequired.code(), ErrorCode::InvalidName);
}

#[test]
fn the_token_is_a_plain_jwt() {
    // Signed as RFC 7515 says, by other code than ours: what tests forge below would be good.
    let (identities, _) = setup();
    let good = forged(&hs256(), claims().to_string().as_bytes());
    assert_eq!(identities.admit(Some(&good), None).unwrap().user.id.0, "guest-1");
}

#[test]
fn other_algorithms_are_refused() {
    let (identities, _) = setup();
    let body = claims().to_string();
    for alg in ["none", "None", "HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA", "hs256", ""] {
        // Signed by HS256 with our secret all the same: only the name of the algorithm is wrong.
        let token = forged(&json!({"alg": alg, "typ": "JWT"}), body.as_bytes());
        assert_eq!(identities.admit(Some(&token), None), Err(AuthError::InvalidToken), "{alg}");
        let unsigned = format!("{}.", token.rsplit_once('.').unwrap().0);
        assert_eq!(identities.admit(Some(&unsigned), None), Err(AuthError::InvalidToken), "{alg}");
    }
    for header in [json!({"typ": "JWT"}), json!({"alg": "HS256", "crit": ["exp"]}), json!([])] {
        let token = forged(&header, body.as_bytes());
        assert_eq!(identities.admit(Some(&token), None), Err(AuthError::InvalidToken), "{header}");
    }
}

#[test]
fn keys_and_signers_of_other_algorithms_do_not_exist() {
    hs256::install();
    let key = EncodingKey::from_secret(secret("a").bytes()).unwrap();
    assert!(encode(&Header::new(Algorithm::HS512), &claims(), &key).is_err());
    let rsa = EncodingKey::from_rsa_der(b"not a key");
    assert!(encode(&Header::new(Algorithm::HS256), &claims(), &rsa).is_err());
    // Algorithm confusion: a public key taken for an HMAC secret.
    let (identities, _) = setup();
    let token = identities.admit(None, Some(name("Ada"))).unwrap().token;
    let public = DecodingKey::from_rsa_der(secret("a").bytes());
    assert!(decode::<Value>(&token, &public, &identities.validation).is_err());
}

#[test]
fn damaged_tokens_are_refused() {
    let (identities, clock) = setup();
    let good = identities.admit(None, Some(name("Ada"))).unwrap().token;
    for cut in 0..good.len() {
        let token = &good[..cut];
        assert_eq!(identities.admit(Some(token), None), Err(AuthError::InvalidToken), "{cut}");
    }
    for at in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let token = String::from_utf8(bytes).unwrap();
        assert_eq!(identities.admit(Some(&token), None), Err(AuthError::InvalidToken), "{at}");
    }
    for token in
        ["", ".", "..", "...", "a.b.c", &format!("{good}="), &format!("{good}.x"), "한.글.자"]
    {
        assert_eq!(identities.admit(Some(token), None), Err(AuthError::InvalidToken), "{token}");
    }
    let huge = format!("{good}{}", "A".repeat(100 * 1024));
    assert_eq!(identities.admit(Some(&huge), None), Err(AuthError::InvalidToken));
    // A name beside a bad token makes no guest of somebody who meant to be somebody.
    assert_eq!(identities.admit(Some("x"), Some(name("Ada"))), Err(AuthError::InvalidToken));

    let other = of_keys(&["b"], &clock);
    assert_eq!(other.admit(Some(&good), None), Err(AuthError::InvalidToken));
}

#[test]
fn a_token_ends_at_its_second() {
    let (identities, clock) = setup();
    let token = identities.admit(None, Some(name("Ada"))).unwrap().token;
    clock.advance_ms(DAY_MS - 1);
    assert!(identities.admit(Some(&token), None).is_ok());
    clock.advance_ms(1);
    assert_eq!(identities.admit(Some(&token), None), Err(AuthError::InvalidToken));
}

#[test]
fn wrong_claims_are_refused_even_when_signed() {
    let (identities, _) = setup();
    let refused = |claims: &[u8], what: &str| {
        let token = forged(&hs256(), claims);
        assert_eq!(identities.admit(Some(&token), None), Err(AuthError::InvalidToken), "{what}");
    };
    refused(&with("name", json!("")), "no name");
    refused(&with("name", json!("\u{202e}Ada")), "bidi override");
    refused(&with("name", json!("x".repeat(41))), "long name");
    refused(&with("name", json!(7)), "a number for a name");
    refused(&with("sub", json!("")), "no sub");
    refused(&with("sub", json!("x".repeat(129))), "long sub");
    refused(&with("sub", json!("a\nb")), "control character");
    refused(&with("iss", json!("mallory")), "another issuer");
    refused(&with("aud", json!("another service")), "another audience");
    refused(&with("exp", json!("tomorrow")), "no number");
    refused(&with("exp", json!(-1)), "negative");
    refused(&with("generation", json!("first")), "no generation");
    for claim in ["iss", "sub", "name", "iat", "exp"] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(claim);
        refused(claims.to_string().as_bytes(), claim);
    }
    refused(b"{\"iss\":\"maru\",\"sub\":\"\xff\xfe\"}", "not UTF-8");
    refused(b"[]", "no object");
    refused(b"", "nothing");
    refused(&[b'['; 2_000], "deep nesting");
    assert!(
        identities
            .admit(Some(&forged(&hs256(), &with("sub", json!("x".repeat(128))))), None)
            .is_ok()
    );
}

#[test]
fn nothing_shows_the_token() {
    let (identities, _) = setup();
    let admitted = identities.admit(None, Some(name("Ada"))).unwrap();
    assert!(!format!("{admitted:?}").contains(&admitted.token));
    assert_eq!(format!("{:?}", secret("a")), "Secret(hidden)");
}

#[test]
fn a_ticket_fetches_files_and_proves_nothing_else() {
    let (identities, clock) = setup();
    let Admitted { user, token, ticket, .. } = identities.admit(None, Some(name("Ada"))).unwrap();
    assert_eq!(identities.ticket_holder(&ticket), Ok(user.id.clone()));
    assert_eq!(identities.identify(&token), Ok(user));
    assert_eq!(identities.ticket_holder(&token), Err(AuthError::InvalidTicket));
    assert_eq!(identities.identify(&ticket), Err(AuthError::InvalidToken));
    let other = of_keys(&["b"], &clock);
    assert_eq!(other.ticket_holder(&ticket), Err(AuthError::InvalidTicket));
    // Also one with all that either has.
    let exp = START_MS / 1_000 + 60;
    let both = json!({"iss": "maru", "sub": "guest-1", "name": "Ada", "aud": "files", "exp": exp});
    let both = forged(&hs256(), both.to_string().as_bytes());
    assert!(identities.ticket_holder(&both).is_ok());
    assert_eq!(identities.identify(&both), Err(AuthError::InvalidToken));
    let right = json!({"iss": "maru", "sub": "guest-1", "aud": "files", "exp": exp});
    for (key, wrong) in [
        ("aud", json!("others")),
        ("aud", json!(null)),
        ("iss", json!("others")),
        ("exp", json!(START_MS / 1_000)),
        ("exp", json!(null)),
        ("sub", json!("")),
        ("sub", json!("a\nb")),
    ] {
        let mut claims = right.clone();
        claims[key] = wrong;
        let ticket = forged(&hs256(), claims.to_string().as_bytes());
        let holder = identities.ticket_holder(&ticket);
        assert_eq!(holder, Err(AuthError::InvalidTicket), "{claims}");
    }
    let unsigned = forged(&json!({"alg": "none"}), right.to_string().as_bytes());
    assert_eq!(identities.ticket_holder(&unsigned), Err(AuthError::InvalidTicket));
}

#[test]
fn a_ticket_stays_the_same_for_half_a_day_and_holds_for_at_least_another() {
    let (identities, clock) = setup();
    let first = identities.admit(None, Some(name("Ada"))).unwrap();
    let again = || identities.admit(Some(&first.token), None).unwrap().ticket;
    let mut changes = 0;
    let mut last = first.ticket.clone();
    for _ in 0..24 {
        clock.advance_ms(DAY_MS / 24 - 1);
        let ticket = again();
        changes += u32::from(ticket != last);
        last = ticket;
    }
    assert_eq!(changes, 2, "addresses stay, so that browsers keep what they fetched");
    assert_eq!(identities.ticket_holder(&first.ticket), Err(AuthError::InvalidTicket));
    clock.advance_ms(DAY_MS / 2 - 1);
    assert!(identities.ticket_holder(&last).is_ok());
    clock.advance_ms(DAY_MS / 2 + 1);
    assert_eq!(identities.ticket_holder(&last), Err(AuthError::InvalidTicket));
}

#[test]
fn rotating_the_key_makes_nobody_a_stranger() {
    let clock = ManualClock::at(START_MS);
    let before = of_keys(&["a"], &clock);
    let ada = before.admit(None, Some(name("Ada"))).unwrap();
    // In a cluster every node knows the new key before one signs with it.
    let prepared = of_keys(&["a", "b"], &clock);
    let rotated = of_keys(&["b", "a"], &clock);
    let renewed = rotated.admit(Some(&ada.token), None).unwrap();
    assert_eq!(renewed.user, ada.user);
    assert_eq!(rotated.ticket_holder(&ada.ticket), Ok(ada.user.id.clone()));
    assert_eq!(prepared.identify(&renewed.token), Ok(ada.user.clone()));
    assert_eq!(prepared.ticket_holder(&renewed.ticket), Ok(ada.user.id.clone()));
    // The first signs: what is renewed needs the others no more, and their removal ends what is not.
    let after = of_keys(&["b"], &clock);
    assert_eq!(after.identify(&renewed.token), Ok(ada.user));
    assert_eq!(after.identify(&ada.token), Err(AuthError::InvalidToken));
    assert_eq!(after.ticket_holder(&ada.ticket), Err(AuthError::InvalidTicket));
    assert_eq!(before.identify(&renewed.token), Err(AuthError::InvalidToken));
}

#[test]
fn a_token_is_renewed_for_as_long_as_its_family_holds() {
    let (identities, clock) = setup();
    let first = identities.admit(None, Some(name("Ada"))).unwrap();
    let mut stolen = first.token;
    // Whoever has it comes twice a day.
    for half_day in 1..20 {
        clock.advance_ms(DAY_MS / 2);
        let admitted = identities.admit(Some(&stolen), None);
        stolen = admitted.unwrap_or_else(|error| panic!("{half_day}: {error}")).token;
    }
    clock.advance_ms(DAY_MS / 2 - 1);
    assert!(identities.identify(&stolen).is_ok());
    let last = identities.admit(Some(&stolen), Some(name("Eve"))).unwrap().token;
    clock.advance_ms(1);
    for token in [stolen, last] {
        assert_eq!(identities.identify(&token), Err(AuthError::InvalidToken));
        assert_eq!(identities.admit(Some(&token), None), Err(AuthError::InvalidToken));
    }
    // A new family is another person.
    let again = identities.admit(None, Some(name("Ada"))).unwrap();
    assert_ne!(again.user.id, first.user.id);
    clock.advance_ms(DAY_MS - 1);
    assert!(identities.identify(&again.token).is_ok());
}

#[test]
fn a_shorter_bound_holds_for_tokens_that_are_there() {
    let (identities, clock) = setup();
    let token = identities.admit(None, Some(name("Ada"))).unwrap().token;
    let shorter = Lifetimes { family: DAY / 2, ..LIFETIMES };
    let shorter = with_sign_outs(&["a"], shorter, &Arc::default(), &clock);
    assert!(shorter.identify(&token).is_ok());
    clock.advance_ms(DAY_MS / 2);
    assert!(identities.identify(&token).is_ok());
    assert_eq!(shorter.identify(&token), Err(AuthError::InvalidToken));
}

#[test]
fn a_token_of_an_older_server_begins_a_family() {
    let (identities, clock) = setup();
    let old = forged(&hs256(), &with("exp", json!(START_MS / 1_000 + 3_650 * 86_400)));
    clock.advance_ms(10 * DAY_MS - 1);
    let renewed = identities.admit(Some(&old), None).unwrap().token;
    assert!(identities.identify(&renewed).is_ok());
    clock.advance_ms(1);
    for token in [&old, &renewed] {
        assert_eq!(identities.identify(token), Err(AuthError::InvalidToken));
    }
    for wrong in [json!("yesterday"), json!(-1)] {
        let token = forged(&hs256(), &with("auth_time", wrong));
        assert_eq!(identities.identify(&token), Err(AuthError::InvalidToken));
    }
}

#[test]
fn who_is_signed_out_is_so_everywhere() {
    let clock = ManualClock::at(START_MS);
    let (here, there) = (Arc::<SignOuts>::default(), Arc::<SignOuts>::default());
    let near = with_sign_outs(&["a"], LIFETIMES, &here, &clock);
    let far = with_sign_outs(&["a"], LIFETIMES, &there, &clock);
    let ada = near.admit(None, Some(name("Ada"))).unwrap();
    let ben = near.admit(None, Some(name("Ben"))).unwrap();
    let mut changes = here.watch();
    here.replace([(ada.user.id.clone(), START_MS)]);
    assert!(changes.has_changed().unwrap());
    changes.mark_unchanged();
    let ended = |by: &Identities, Admitted { token, ticket, .. }: &Admitted| {
        assert_eq!(by.identify(token), Err(AuthError::InvalidToken));
        assert_eq!(by.admit(Some(token), Some(name("Eve"))), Err(AuthError::InvalidToken));
        assert_eq!(by.ticket_holder(ticket), Err(AuthError::InvalidTicket));
    };
    ended(&near, &ada);
    assert!(near.identify(&ben.token).is_ok() && near.ticket_holder(&ben.ticket).is_ok());
    // A node that has not heard of it lets them in; what it gives them ends as soon as it hears.
    clock.advance_ms(60_000);
    let late = far.admit(Some(&ada.token), None).unwrap();
    ended(&near, &late);
    there.replace([(ada.user.id.clone(), START_MS)]);
    ended(&far, &late);
    ended(&far, &ada);
    // Sooner or later than the clocks say: what was made in their generation is good.
    assert!(!here.ended(&ada.user.id, START_MS) && here.ended(&ada.user.id, START_MS - 1));
    assert_eq!(here.generation(&ben.user.id), 0);
}
