//! The plot: each ratio as a bar, with a mark where it was to end.

use std::fmt::Write;

use crate::work::{Bar, Row, Samples};

const LEFT: f64 = 320.0;
const WIDTH: f64 = 420.0;
const STEP: f64 = 30.0;

/// An SVG of the lines that have a ratio to a floor.
pub fn draw(rows: &[Row], samples: &[Samples]) -> String {
    let lines: Vec<(&str, f64, f64)> = rows
        .iter()
        .zip(samples)
        .filter_map(|(row, samples)| match row.bar {
            Bar::TimesUpTo(most) => Some((row.name, samples.ratio()?, most)),
            _ => None,
        })
        .collect();
    let most = lines.iter().map(|(_, ratio, bar)| ratio.max(*bar)).fold(1.0, f64::max);
    let x = |ratio: f64| LEFT + ratio / most * WIDTH;
    let height = 40.0 + STEP * lines.len() as f64;
    // Readable on a dark page as well: the plot brings its own paper.
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {height}\" role=\"img\" \
         font-family=\"sans-serif\" font-size=\"13\">\n<title>CPU of Maru as a multiple of the \
         floor's; the mark is the aim</title>\n<rect width=\"100%\" height=\"100%\" \
         fill=\"#fff\"/>\n",
        LEFT + WIDTH + 70.0
    );
    for (number, (name, ratio, bar)) in lines.iter().enumerate() {
        let y = 10.0 + STEP * number as f64;
        let colour = if ratio <= bar { "#2f7d4f" } else { "#b5542c" };
        // Writing to a string can't fail.
        let _ = write!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{name}</text>\n\
             <rect x=\"{LEFT}\" y=\"{y}\" width=\"{:.1}\" height=\"18\" fill=\"{colour}\"/>\n\
             <path d=\"M{:.1} {}v24\" stroke=\"#111\" stroke-width=\"2\"/>\n\
             <text x=\"{:.1}\" y=\"{}\">{ratio:.2}</text>\n",
            LEFT - 8.0,
            y + 14.0,
            x(*ratio) - LEFT,
            x(*bar),
            y - 3.0,
            x(ratio.max(*bar)) + 8.0,
            y + 14.0,
        );
    }
    let _ = write!(
        svg,
        "<path d=\"M{one:.1} 4V{end}\" stroke=\"#888\" stroke-dasharray=\"3 3\"/>\n\
         <text x=\"{one:.1}\" y=\"{label}\" text-anchor=\"middle\" fill=\"#555\">floor = 1</text>\n\
         </svg>\n",
        one = x(1.0),
        end = height - 22.0,
        label = height - 8.0,
    );
    svg
}
