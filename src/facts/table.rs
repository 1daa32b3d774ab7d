//! Tables of facts as text: rows of tab-separated cells under comment lines, of which one names the source and the day
//! it was seen (`# source: …; seen YYYY-MM-DD`).

use crate::date::Date;

/// A table, read.
#[derive(Clone, Debug)]
pub struct Table {
    /// What `plimsoll facts` calls it.
    pub name: &'static str,
    /// Where its rows are from.
    pub source: &'static str,
    /// The day on which the source was read.
    pub seen: Option<Date>,
    /// The cells of each row; a cell of `-` is `None`.
    pub rows: Vec<Vec<Option<&'static str>>>,
}

impl Table {
    /// Reads the text of a table.
    pub fn read(name: &'static str, text: &'static str) -> Table {
        let noted = text.lines().find_map(|line| line.strip_prefix("# source: ")).unwrap_or("");
        let (source, seen) = noted.rsplit_once("; seen ").unwrap_or((noted, ""));
        let cell = |cell: &'static str| Some(cell).filter(|cell| *cell != "-");
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let rows = lines.map(|line| line.split('\t').map(cell).collect()).collect();
        Table { name, source, seen: seen.parse().ok(), rows }
    }
}

/// The text of one cell of a row.
pub fn cell(row: &[Option<&'static str>], column: usize) -> Option<&'static str> {
    row.get(column).copied().flatten()
}
