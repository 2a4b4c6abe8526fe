//! Which characters cannot be seen, or change what is around them.

/// Default_Ignorable_Code_Point: has no glyph of its own
/// (Unicode 16, `DerivedCoreProperties.txt`).
pub(crate) fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Bidirectional controls (Unicode, `PropList.txt`, Bidi_Control): they can turn the text around a
/// name.
pub(crate) fn is_bidi_control(c: char) -> bool {
    matches!(c,
        '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// The joiner and the selector that emoji sequences are made of: invisible alone, welcome between
/// emoji.
pub(crate) fn is_emoji_glue(c: char) -> bool {
    matches!(c, '\u{200D}' | '\u{FE0F}')
}

/// A letter, mark or symbol by its category that is blank by its glyph (Unicode 16, the code charts):
/// the Braille pattern without dots, the filler of Khitan, the blanks of the hieroglyphs, the
/// notehead that is none.
pub(crate) fn is_blank(c: char) -> bool {
    matches!(c, '\u{2800}' | '\u{13441}'..='\u{13442}' | '\u{16FE4}' | '\u{1D159}')
}

/// Something that a reader can see.
pub(crate) fn is_visible(c: char) -> bool {
    // Of what is blank by its glyph only this: names of before must stay readable.
    !c.is_whitespace() && !c.is_control() && !is_ignorable(c) && c != '\u{2800}'
}

/// Outer white space dropped, inner runs made one space each.
pub(crate) fn collapse_spaces(text: &str) -> String {
    let mut words = text.split_whitespace();
    let mut out = String::with_capacity(text.len());
    if let Some(first) = words.next() {
        out.push_str(first);
    }
    for word in words {
        out.push(' ');
        out.push_str(word);
    }
    out
}
