//! The table of other servers.

use std::fmt::Write;

use super::shown;
use crate::{
    beside::{Beside, Cell, Work},
    servers::Kind,
};

/// The section.
pub fn write(page: &mut String, beside: Option<&Beside>) {
    page.push_str("\n## Beside other servers\n\n");
    let Some(beside) = beside else {
        return page.push_str("They were left out of this run (`PEERS=0`).\n");
    };
    page.push_str(
        "Each lets a member into a room and repeats each text to the room, its sender included, \
         and does nothing else: none commits a message to disk, numbers it, resumes a client that \
         was away, knows who speaks or limits anybody. Maru does all of that in the same figures. \
         Each has one thread or worker, no compression and TCP_NODELAY; one generator drives them \
         all with the same entries, and checks that each arrives once and in order. A cell tells \
         the CPU of all of the server's processes and, in bold, how many times the echo floor's of \
         the same round that is. Less than 1 is possible: the echo floor writes each message by \
         itself, and who joins what waits into one write does less.\n\n",
    );
    table(page, beside);
    page.push('\n');
    for (work, cells) in beside.works.iter().zip(&beside.cells) {
        if let Some(sentence) = cheaper(beside, work, cells) {
            // Writing to a string can't fail.
            let _ = writeln!(page, "- {sentence}");
        }
    }
    page.push('\n');
    who(page, beside);
}

fn table(page: &mut String, beside: &Beside) {
    page.push_str("| work |");
    beside.columns.iter().for_each(|column| _ = write!(page, " {} |", column.kind.name()));
    page.push_str("\n|---|");
    beside.columns.iter().for_each(|_| page.push_str("---|"));
    page.push('\n');
    for (work, cells) in beside.works.iter().zip(&beside.cells) {
        let _ = write!(page, "| {}, {} |", work.name, work.unit);
        for (column, cell) in beside.columns.iter().zip(cells) {
            let _ = write!(page, " {} |", text(cell, column.kind != Kind::Echo));
        }
        page.push('\n');
    }
}

/// The figure, how it compares, and what failed.
fn text(cell: &Cell, compared: bool) -> String {
    let failed = cell.failures.last().map(|why| short(why));
    let Some(figure) = cell.figure() else {
        return failed.map_or("—".to_owned(), |why| format!("failed: {why}"));
    };
    let mut text = shown(figure);
    if let Some(ratio) = cell.ratio().filter(|_| compared) {
        let _ = write!(text, " **{ratio:.2}**");
    }
    if let Some(why) = failed {
        let all = cell.figures.len() + cell.failures.len();
        let _ = write!(text, " ({} of {all} rounds failed: {why})", cell.failures.len());
    }
    text
}

/// What fits a cell, and ends none.
fn short(why: &str) -> String {
    let line = why.lines().next().unwrap_or_default().replace('|', "/");
    let cut: String = line.chars().take(120).collect();
    if cut.len() < line.len() { cut + "…" } else { cut }
}

/// Who needs less than Maru for that.
fn cheaper(beside: &Beside, work: &Work, cells: &[Cell]) -> Option<String> {
    let all = || beside.columns.iter().zip(cells);
    let of =
        |kind| all().find(|(column, _)| column.kind == kind).and_then(|(_, cell)| cell.ratio());
    let maru = of(Kind::Maru)?;
    let less: Vec<String> = all()
        .filter(|(column, _)| matches!(column.kind, Kind::Peer(_)))
        .filter_map(|(column, cell)| Some((column.kind.name(), cell.ratio()? / maru)))
        .filter(|(_, part)| *part < 1.0)
        .map(|(name, part)| format!("{name} ({part:.2} of Maru's)"))
        .collect();
    let name = work.name;
    Some(match less.is_empty() {
        true => format!("{name}: none of them needs less than Maru."),
        false => format!("{name}: better than Maru here: {}.", less.join(", ")),
    })
}

fn who(page: &mut String, beside: &Beside) {
    let versions: Vec<String> = beside
        .columns
        .iter()
        .filter(|column| column.kind != Kind::Echo)
        .map(|column| format!("{} {}", column.kind.name(), column.version))
        .collect();
    let _ = writeln!(page, "Versions: {}.", versions.join("; "));
    let mut told: Vec<&str> = Vec::new();
    for (_, why) in &beside.absent {
        if told.contains(&why.as_str()) {
            continue;
        }
        told.push(why);
        let names: Vec<&str> =
            beside.absent.iter().filter(|(_, other)| other == why).map(|(name, _)| *name).collect();
        let _ = writeln!(page, "\nNot in this run: {}. {why}.", names.join(", "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_is_in_its_cell() {
        let mut cell = Cell::default();
        assert_eq!(text(&cell, true), "—");
        cell.failures.push("3 lost | 1 ended".to_owned());
        assert_eq!(text(&cell, true), "failed: 3 lost / 1 ended");
        cell.figures.push(4.0);
        assert_eq!(text(&cell, true), "4.00 (1 of 2 rounds failed: 3 lost / 1 ended)");
    }

    #[test]
    fn a_long_reason_is_cut() {
        assert_eq!(short(&"ㅎ".repeat(200)).chars().count(), 121);
        assert_eq!(short("one line\nand another"), "one line");
    }
}
