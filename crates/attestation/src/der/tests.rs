use super::*;

#[test]
fn high_tag_numbers_are_read() {
    let mut reader = Reader::new(&[0xbf, 0x85, 0x40, 0x02, 0x05, 0x00]);
    let element = reader.element().unwrap();
    assert_eq!(element.tag, Tag::explicit(704));
    assert_eq!(element.content, [5, 0]);
    assert!(reader.is_empty());
}

#[test]
fn elements_end_within_what_holds_them() {
    for bytes in [
        &[0x30, 0x02, 0x05][..],
        &[0x30, 0x82, 0x01],
        &[0x30, 0x80, 0, 0],
        &[0x30, 0x85, 0, 0, 0, 0, 0],
        &[0xbf, 0xff, 0xff, 0xff, 0xff, 0x01, 0x00],
        &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
    ] {
        assert!(Reader::new(bytes).element().is_err(), "{bytes:x?}");
    }
}

#[test]
fn end_markers_are_found_at_their_level() {
    let bytes = [
        0x30, 0x80, 0x24, 0x80, 0x04, 0x02, 0, 0, 0, 0, 0x05, 0x00, 0, 0, 0x02,
    ];
    let mut reader = Reader::ber(&bytes);
    let mut outer = reader.open(Tag::SEQUENCE).unwrap();
    assert_eq!(outer.element().unwrap().content, [0x04, 0x02, 0, 0]);
    assert_eq!(outer.element().unwrap().raw, [0x05, 0x00]);
    outer.end().unwrap();
    assert!(reader.element().is_err());
}

#[test]
fn nesting_without_end_is_refused() {
    let bytes = [0x30, 0x80].repeat(1000);
    assert!(Reader::ber(&bytes).element().is_err());
}

#[test]
fn numbers_are_not_negative_and_fit() {
    assert_eq!(number(&[0, 0xff]), Some(255));
    assert_eq!(number(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 1]), Some(1));
    assert_eq!(number(&[0xff]), None);
    assert_eq!(number(&[1; 9]), None);
    assert_eq!(number(&[]), None);
}
