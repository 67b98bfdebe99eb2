use super::*;

fn read(bytes: &[u8]) -> Result<SourceText, String> {
    SourceText::from_bytes("a.py", bytes).map_err(|error| error.to_string())
}

#[test]
fn coding_lines_are_found_as_python_finds_them() {
    let encoding = |bytes: &[u8]| read(bytes).unwrap().encoding().name();
    assert_eq!(encoding(b"# -*- coding: latin-1 -*-\n"), "latin-1");
    assert_eq!(
        encoding(b"#!/usr/bin/env python\n# vim: set fileencoding=cp1252 :\n"),
        "cp1252"
    );
    assert_eq!(encoding(b"\n#coding=ISO-8859-15\n"), "iso-8859-15");
    assert_eq!(encoding(b" \t\x0c# coding : nope coding:\tKOI8_R\r\n"), "koi8-r");
    assert_eq!(encoding(b"#coding:utf-8-unix"), "utf-8");
    // Not in the third line, not behind code, not in a string.
    for none in [
        &b"\n\n# coding: latin-1\n"[..],
        b"x = 1\n# coding: latin-1\n",
        b"'coding: latin-1'\n",
        b"# encoding\n",
    ] {
        assert_eq!(encoding(none), "utf-8");
    }
}

#[test]
fn what_is_not_text_is_refused() {
    let refused = |bytes: &[u8]| read(bytes).unwrap_err();
    insta::assert_snapshot!(refused(b"x = 1\n\0"), @"`a.py` is a binary file, not Python text (a NUL byte on line 2)");
    insta::assert_snapshot!(refused(b"\r\n\r# \xe9\n"), @"`a.py` is not valid utf-8: the byte 0xe9 on line 3");
    insta::assert_snapshot!(refused(b"# coding: klingon\n"),
        @"`a.py` is declared as `klingon`, an encoding that is not understood; saving it as UTF-8 helps");
    insta::assert_snapshot!(refused(b"\xef\xbb\xbf# coding: latin-1\n"),
        @"`a.py` begins with a UTF-8 byte order mark but is declared as `latin-1`");
    insta::assert_snapshot!(refused(b"# coding: ascii\n\n# \x80"), @"`a.py` is not valid ascii: the byte 0x80 on line 3");
}

#[test]
fn every_byte_comes_back() {
    for name in [
        "latin-1",
        "cp1252",
        "cp1250",
        "cp1251",
        "koi8-r",
        "iso-8859-2",
        "iso-8859-5",
        "iso-8859-15",
        "mac-roman",
    ] {
        let mut bytes = format!("# coding: {name}\n").into_bytes();
        let defined = |byte: &u8| read(&[&bytes[..], &[*byte]].concat()).is_ok();
        let upper: Vec<u8> = (1..=255).filter(defined).collect();
        assert!(upper.len() > 245, "{name}");
        bytes.extend(upper);
        assert_eq!(read(&bytes).unwrap().to_bytes(), bytes, "{name}");
    }
    let marked = "\u{feff}x = 'é'\r\ny = 2\r".as_bytes();
    let text = read(marked).unwrap();
    assert!(text.has_byte_order_mark() && text.as_str().starts_with('x'));
    assert_eq!(text.to_bytes(), marked);
}

#[test]
fn lines_end_in_three_ways() {
    let text = SourceText::from_str("a.py", "a\nbb\r\nccc\r\x0cd\u{2028}e\n");
    let lines: Vec<&str> = (1..=text.line_count()).map(|line| text.line(line)).collect();
    assert_eq!(lines, ["a", "bb", "ccc", "\x0cd\u{2028}e", ""]);
    assert_eq!(text.line_end(), "\n");
    assert_eq!(SourceText::from_str("a.py", "a\r\nb\r\nc\n").line_end(), "\r\n");
    assert_eq!(SourceText::from_str("a.py", "a\rb\r").line_end(), "\r");
    assert_eq!(SourceText::from_str("a.py", "").line_end(), "\n");
}

#[test]
fn places_are_those_of_ast() {
    let text = SourceText::from_str("a.py", "é = 1\r\n\tx = '日本'; y\n");
    let y = text.as_str().find('y').unwrap() as u32;
    assert_eq!(text.position(y), LineColumn { line: 2, column: 15 });
    assert_eq!(text.offset(LineColumn { line: 2, column: 15 }), Some(y));
    assert_eq!(text.display_column(y), 20);
    // Inside of a character, behind a line, behind the text.
    assert_eq!(text.offset(LineColumn { line: 1, column: 1 }), None);
    assert_eq!(text.offset(LineColumn { line: 2, column: 90 }), None);
    assert_eq!(text.offset(LineColumn { line: 9, column: 0 }), None);
}

proptest::proptest! {
    #[test]
    fn places_and_offsets_are_inverse(source in "[a\\t\\r\\né日]{0,40}") {
        let text = SourceText::from_str("a.py", &source);
        for (offset, _) in source.char_indices() {
            let place = text.position(offset as u32);
            proptest::prop_assert_eq!(text.offset(place), Some(offset as u32));
        }
    }

    #[test]
    fn bytes_survive(bytes in proptest::collection::vec(1u8.., 0..60)) {
        if let Ok(text) = SourceText::from_bytes("a.py", &bytes) {
            proptest::prop_assert_eq!(text.to_bytes(), bytes);
        }
    }
}
