//! The table of what was aimed at.

use std::fmt::Write;

use super::shown;
use crate::work::{Bar, Row, Samples, growth, median};

/// The table, and what it says of growth.
pub fn write(page: &mut String, rows: &[Row], samples: &[Samples]) {
    page.push_str(
        "| work | unit | Maru (least – most) | compared to | ratio | aim | |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for (row, samples) in rows.iter().zip(samples) {
        // Writing to a string can't fail.
        let _ = writeln!(page, "{}", line(row, samples));
    }
    if let Some((least, most)) = growth(rows, samples) {
        let _ = writeln!(
            page,
            "\nFrom 100 to 5,000 members, what a delivery costs beside the floor moves by {:.2} \
             ({least:.2} – {most:.2}).",
            most - least
        );
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
