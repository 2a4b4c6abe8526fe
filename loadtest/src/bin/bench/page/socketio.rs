//! The section of clients of Socket.IO. It can be measured without the rest of the page, so it says by
//! itself what it was measured with.

use std::fmt::Write;

use super::{bars, machine};
use crate::work::Table;

/// Its heading.
const HEADING: &str = "## Clients of Socket.IO\n";

/// The section.
pub fn write(table: &Table, rounds: &str, commit: &str) -> String {
    let mut section = format!(
        "{HEADING}\nWhat a delivery to a member of a crowded room costs the server, with one message in \
         flight. *native* is the protocol of PROTOCOL.md; *socket.io* is that server on Node, whose \
         clients have the same transport and are given the same entries. A room with several kinds of \
         members is compared to *its parts*: a room for each kind, of as many members. A client that \
         polls has a request for each delivery.\n\n"
    );
    bars::write(&mut section, table);
    if let Some(why) = &table.absent {
        // Writing to a string can't fail.
        let _ = writeln!(section, "\nNot in this run: lines beside socket.io. {why}.");
    }
    let _ = writeln!(
        section,
        "\nMedians of {rounds}; `make bench ONLY=socketio` measures this section alone. Commit {commit}, \
         {}.\n\n```",
        machine()
    );
    let mut told = Vec::new();
    for row in &table.rows {
        if !told.contains(&row.name) {
            let _ = writeln!(section, "maru-load {}   # {}", row.command(), row.name);
            told.push(row.name);
        }
    }
    section.push_str("```\n");
    section
}

/// The page with its section replaced, or put in front of the other servers where it has none.
pub fn replaced(page: &str, section: &str) -> String {
    let next = |from: usize| page[from..].find("\n## ").map_or(page.len(), |at| from + at + 1);
    let (start, end) = match page.find(HEADING) {
        Some(start) => (start, next(start + HEADING.len())),
        None => {
            let others = page.find("## Beside other servers").unwrap_or(page.len());
            (others, others)
        }
    };
    [&page[..start], section.trim_end(), "\n\n", &page[end..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# P\n\n## A\n\na\n\n## Beside other servers\n\nb\n";

    #[test]
    fn a_section_comes_to_its_place_and_the_others_stay() {
        let section = format!("{HEADING}\nnew\n");
        let once = replaced(PAGE, &section);
        let expected =
            format!("# P\n\n## A\n\na\n\n{HEADING}\nnew\n\n## Beside other servers\n\nb\n");
        assert_eq!(once, expected);
        let again = replaced(&once, &section.replace("new", "newer"));
        assert_eq!(again, expected.replace("new", "newer"));
    }
}
