use proptest::prelude::*;

use super::*;

fn read(text: &str) -> (Packet, usize) {
    Packet::from_text(text).unwrap()
}

fn refused(text: &str) -> PacketError {
    Packet::from_text(text).unwrap_err()
}

#[test]
fn each_type_is_read() {
    assert_eq!(read("0").0, Packet::new(Kind::Connect, "/", None, ""));
    assert_eq!(read("0{}").0, Packet::new(Kind::Connect, "/", None, "{}"));
    assert_eq!(read("0/custom").0, Packet::new(Kind::Connect, "/custom", None, ""));
    let packet = Packet::new(Kind::Connect, "/custom", None, r#"{"a":1}"#);
    assert_eq!(read(r#"0/custom?x=1,{"a":1}"#).0, packet);
    assert_eq!(read("1/custom,").0, Packet::new(Kind::Disconnect, "/custom", None, ""));
    assert_eq!(read(r#"2["a"]"#).0, Packet::new(Kind::Event, "/", None, r#"["a"]"#));
    assert_eq!(read(r#"212["a",1]"#).0, Packet::new(Kind::Event, "/", Some(12), r#"["a",1]"#));
    assert_eq!(read("2[7]").0, Packet::new(Kind::Event, "/", None, "[7]"));
    assert_eq!(read("3/a,0[]").0, Packet::new(Kind::Ack, "/a", Some(0), "[]"));
    let binary = r#"["a",{"_placeholder":true,"num":0}]"#;
    let (packet, attachments) = read(&format!("51-/n,3{binary}"));
    assert_eq!((packet.data.as_str(), packet.id, attachments), (binary, Some(3), 1));
    assert_eq!(read(r#"50-["a"]"#).1, 0, "tf-rust-socketio says so");
}

#[test]
fn what_breaks_the_protocol_is_refused() {
    for text in ["", "7", "abc", "é"] {
        assert_eq!(refused(text), PacketError::Type, "{text:?}");
    }
    for text in [r#"5["a"]"#, r#"51["a"]"#, r#"511-["a"]"#, r#"5-["a"]"#, "599999999999999999999-"]
    {
        assert_eq!(refused(text), PacketError::Attachments, "{text:?}");
    }
    for text in ["2", "2{}", "2[]", "2[null]", "2[{}]", r#"2["a""#, r#"2["a"]x"#, "2abc[1]", "1x"] {
        assert_eq!(refused(text), PacketError::Data, "{text:?}");
    }
    for text in ["0[]", "01", "0x", "3[]", "31{}"] {
        assert_eq!(refused(text), PacketError::Data, "{text:?}");
    }
    assert_eq!(refused(r#"21234567890123456["a"]"#), PacketError::Id);
    assert_eq!(refused(&format!("0/{}", "n".repeat(300))), PacketError::Namespace);
}

#[test]
fn deep_nesting_costs_no_stack() {
    let deep = format!(r#"2["a",{}{}]"#, "[".repeat(500_000), "]".repeat(500_000));
    let (packet, _) = read(&deep);
    assert_eq!(packet.event().unwrap().1.len(), 1);
}

#[test]
fn an_event_is_its_name_and_its_arguments() {
    let packet = read(r#"2["na\u006de",{"a":[1]},"x"]"#).0;
    let (name, arguments) = packet.event().unwrap();
    let arguments: Vec<&str> = arguments.iter().map(|argument| argument.get()).collect();
    assert_eq!((name.as_str(), arguments), ("name", vec![r#"{"a":[1]}"#, r#""x""#]));
    assert_eq!(read("2[7,8]").0.event().unwrap().0, "7");
    assert!(read("0").0.event().is_none());
}

fn events() -> impl Strategy<Value = Packet> {
    let namespace = prop_oneof![Just("/".to_owned()), "/[a-z]{1,8}"];
    let id = proptest::option::of(0..1_000_000_u64);
    (namespace, id, "[a-z\"\\\\가]{0,8}", 0..4_usize).prop_map(|(namespace, id, name, count)| {
        let mut packet = Packet::new(Kind::Event, &namespace, id, "");
        packet.data = serde_json::json!([name, count]).to_string();
        packet.attachments = vec![Bytes::from_static(&[1, 2]); count];
        packet
    })
}

proptest! {
    #[test]
    fn no_text_panics(text in "[0-9]?[0-9/a,\\-]{0,6}[\\[\\]{}\"a-z0-9,]{0,40}") {
        if let Ok((packet, _)) = Packet::from_text(&text) {
            let _ = packet.event();
        }
    }

    #[test]
    fn what_is_encoded_is_read_back(packet in events()) {
        let Encoded { text, attachments } = packet.clone().encode();
        let (mut back, count) = Packet::from_text(&text).unwrap();
        prop_assert_eq!(count, attachments.len());
        back.attachments = attachments;
        prop_assert_eq!(back, packet);
    }
}
