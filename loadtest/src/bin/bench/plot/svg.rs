//! Bars, headings and the floor's line, one below the other.

use std::fmt::Write;

const WIDTH: f64 = 820.0;
const LEFT: f64 = 326.0;
/// The longest bar; behind it is room for its number.
const LONGEST: f64 = 414.0;
const STEP: f64 = 24.0;
const THICK: f64 = 14.0;

/// The paper changes with the reader's theme; where that is not asked for it is white.
const STYLE: &str = "
  .paper { fill: #ffffff } .number { paint-order: stroke; stroke: #ffffff; stroke-width: 5px }
  text { fill: #24292f; font: 13px system-ui, sans-serif }
  .title { font-size: 16px; font-weight: 600 } .group { font-weight: 600 } .note { fill: #59636e }
  .maru { fill: #2f7d5b } .other { fill: #a8b0b9 } .missed { fill: #b5542c }
  .floor { stroke: #59636e; stroke-dasharray: 3 3 } .mark { stroke: #24292f; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #15181c } .number { stroke: #15181c } text { fill: #e6e9ec } .note { fill: #9aa4ae }
    .maru { fill: #4fb487 } .other { fill: #59636e } .missed { fill: #d9774c }
    .floor { stroke: #9aa4ae } .mark { stroke: #e6e9ec }
  }
";

/// One bar.
pub struct Bar {
    /// What it tells of.
    pub name: String,
    /// How long it is: 1 is the floor.
    pub value: f64,
    /// Where it was to end.
    pub mark: Option<f64>,
    /// Its colour, by the name of a class.
    pub class: &'static str,
}

impl Bar {
    /// Where it ends, or its mark.
    pub fn end(&self) -> f64 {
        self.mark.map_or(self.value, |mark| mark.max(self.value))
    }
}

/// A drawing that grows downwards.
pub struct Svg {
    title: &'static str,
    body: String,
    y: f64,
}

impl Svg {
    /// An empty drawing.
    pub fn new(title: &'static str) -> Self {
        Self { title, body: String::new(), y: 8.0 }
    }

    /// What follows, and how to read it.
    pub fn heading(&mut self, text: &str, note: &str) {
        self.y += 30.0;
        self.text(16.0, "title", "start", text);
        self.y += 20.0;
        self.text(16.0, "note", "start", note);
        self.y += 14.0;
    }

    /// What the next bars tell of.
    pub fn subheading(&mut self, text: &str) {
        self.y += 20.0;
        self.text(16.0, "group", "start", text);
        self.y += 8.0;
    }

    /// Bars on a scale that ends at `most`, and the floor's line through them.
    pub fn bars(&mut self, bars: &[Bar], most: f64) {
        let x = |value: f64| LEFT + value / most * LONGEST;
        let (top, one, bottom) = (self.y, x(1.0), self.y + STEP * bars.len() as f64);
        for (number, bar) in bars.iter().enumerate() {
            self.bar(bar, top + STEP * number as f64, x(bar.value), bar.mark.map(x));
        }
        // Writing to a string can't fail.
        let _ = writeln!(self.body, "<path class=\"floor\" d=\"M{one:.1} {top:.1}V{bottom:.1}\"/>");
        // Above the line: a number is never crossed out.
        for bar in bars {
            self.y += 16.5;
            self.text(LEFT - 10.0, "", "end", &bar.name);
            self.text(x(bar.end()) + 8.0, "number", "start", &number(bar.value));
            self.y += STEP - 16.5;
        }
        self.y += 14.0;
        self.text(one, "note", "middle", "floor = 1");
        self.y += 4.0;
    }

    fn bar(&mut self, bar: &Bar, top: f64, end: f64, mark: Option<f64>) {
        let (y, length, class) = (top + (STEP - THICK) / 2.0, end - LEFT, bar.class);
        let _ = writeln!(
            self.body,
            "<rect class=\"{class}\" x=\"{LEFT}\" y=\"{y:.1}\" width=\"{length:.1}\" \
             height=\"{THICK}\" rx=\"2\"/>"
        );
        if let Some(at) = mark {
            let (top, height) = (y - 3.0, THICK + 6.0);
            let _ = writeln!(self.body, "<path class=\"mark\" d=\"M{at:.1} {top:.1}v{height}\"/>");
        }
    }

    fn text(&mut self, x: f64, class: &str, anchor: &str, text: &str) {
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        let y = self.y;
        let _ = writeln!(
            self.body,
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>"
        );
    }

    /// The whole file.
    pub fn end(self) -> String {
        let (title, height) = (self.title, self.y + 12.0);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height:.0}\" \
             role=\"img\">\n<title>{title}</title>\n<style>{STYLE}</style>\n<rect class=\"paper\" \
             width=\"100%\" height=\"100%\" rx=\"6\"/>\n{}</svg>\n",
            self.body
        )
    }
}

/// Three digits that matter.
fn number(value: f64) -> String {
    match value {
        value if value < 9.995 => format!("{value:.2}"),
        value if value < 99.95 => format!("{value:.1}"),
        value => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits() {
        assert_eq!([0.946, 26.9, 176.3].map(number), ["0.95", "26.9", "176"]);
        assert_eq!([9.999, 99.99].map(number), ["10.0", "100"]);
    }

    #[test]
    fn names_cannot_break_the_drawing() {
        let mut svg = Svg::new("t");
        svg.subheading("a < b & c");
        assert!(svg.end().contains("a &lt; b &amp; c"));
    }
}
