//! The plot: ratios to the floor as bars. One panel tells what Maru aims at, one where others are.

mod svg;

use self::svg::{Bar as Shape, Svg};
use crate::{
    beside::{Beside, Cell, Column, Work},
    servers::Kind,
    work::{Bar, Row, Samples, Table},
};

/// An SVG of what has a ratio to a floor.
pub fn draw(floor: &Table, beside: Option<&Beside>) -> String {
    let aims: Vec<Shape> = floor
        .rows
        .iter()
        .zip(&floor.samples)
        .filter_map(|(row, samples)| aim(row, samples))
        .collect();
    let mut svg = Svg::new("CPU and memory as a multiple of a floor's");
    if !aims.is_empty() {
        let least = 1.0;
        let most = aims.iter().map(Shape::end).fold(least, f64::max);
        svg.heading(
            "Maru beside the floor",
            "CPU, times the floor's; the mark is the aim, green where it is reached",
        );
        svg.bars(&aims, most);
    }
    let Some(beside) = beside else { return svg.end() };
    let groups: Vec<(&Work, Vec<Shape>)> = beside
        .works
        .iter()
        .zip(&beside.cells)
        .map(|(work, cells)| (work, group(&beside.columns, cells)))
        .filter(|(_, bars)| !bars.is_empty())
        .collect();
    if !groups.is_empty() {
        let note = "times the echo floor's: CPU per delivery, memory for the idle ones";
        svg.heading("Maru beside other servers", note);
    }
    // What has the same unit has the same scale; memory would make CPU too short to read.
    let most = |unit: &str| {
        let alike = groups.iter().filter(|(work, _)| work.unit == unit);
        alike.flat_map(|(_, bars)| bars).map(Shape::end).fold(1.0, f64::max)
    };
    for (work, bars) in &groups {
        svg.subheading(work.name);
        svg.bars(bars, most(work.unit));
    }
    svg.end()
}

fn aim(row: &Row, samples: &Samples) -> Option<Shape> {
    let Bar::TimesUpTo(most) = row.bar else { return None };
    let ratio = samples.ratio()?;
    Some(Shape {
        name: row.name.to_owned(),
        value: ratio,
        mark: Some(most),
        class: if ratio <= most { "maru" } else { "missed" },
    })
}

/// A bar of each server but the floor, whose bars would all be 1.
fn group(columns: &[Column], cells: &[Cell]) -> Vec<Shape> {
    columns
        .iter()
        .zip(cells)
        .filter(|(column, _)| column.kind != Kind::Echo)
        .filter_map(|(column, cell)| {
            Some(Shape {
                name: column.kind.name().to_owned(),
                value: cell.ratio()?,
                mark: None,
                class: if column.kind == Kind::Maru { "maru" } else { "other" },
            })
        })
        .collect()
}
