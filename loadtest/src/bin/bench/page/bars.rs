//! The table of what was aimed at.

use std::fmt::Write;

use super::shown;
use crate::work::{Bar, Row, Samples, Table, median};

/// The table.
pub fn write(page: &mut String, table: &Table) {
    page.push_str(
        "| work | unit | Maru (least – most) | compared to | ratio | aim | |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for (row, samples) in table.rows.iter().zip(&table.samples) {
        // Writing to a string can't fail.
        let _ = writeln!(page, "{}", line(row, samples));
    }
}

fn line(row: &Row, samples: &Samples) -> String {
    let spread = |list: &[f64]| {
        let least = list.iter().copied().fold(f64::INFINITY, f64::min);
        let most = list.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        match median(list) {
            Some(middle) => format!("{} ({} – {})", shown(middle), shown(least), shown(most)),
            None => "—".to_owned(),
        }
    };
    let other = match median(&samples.floor) {
        Some(_) => format!("{}: {}", row.versus(), spread(&samples.floor)),
        None => "—".to_owned(),
    };
    let ratio = samples.ratio().map_or("—".to_owned(), |ratio| format!("**{ratio:.2}**"));
    let aim = match row.bar {
        Bar::TimesUpTo(most) => format!("≤ {most} ×"),
        Bar::TimesFrom(least) => format!("≥ {least} ×"),
        Bar::TimesWithin(least, most) => format!("{least} – {most} ×"),
        Bar::UpTo(most) => format!("≤ {}", shown(most)),
        Bar::From(least) => format!("≥ {}", shown(least)),
    };
    let reached = match row.bar.reached(samples) {
        Some(true) => "reached",
        Some(false) => "missed",
        None => "not measured",
    };
    let maru = spread(&samples.maru);
    format!("| {} | {} | {maru} | {other} | {ratio} | {aim} | {reached} |", row.name, row.unit)
}
