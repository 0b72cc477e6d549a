//! Versions that exist, in the order that their makers gave them.

use super::*;
use std::cmp::Ordering;

/// One line of a table in `crates/core/tests/versions`.
#[derive(Clone, Copy)]
struct Row {
    left: &'static str,
    right: &'static str,
    expected: Ordering,
}

type Comparator = fn(Row) -> Ordering;

const TABLES: [(&str, &str); 9] = [
    ("ios", include_str!("../../../../tests/versions/ios.tsv")),
    (
        "ipados",
        include_str!("../../../../tests/versions/ipados.tsv"),
    ),
    (
        "macos",
        include_str!("../../../../tests/versions/macos.tsv"),
    ),
    (
        "windows",
        include_str!("../../../../tests/versions/windows.tsv"),
    ),
    (
        "android",
        include_str!("../../../../tests/versions/android.tsv"),
    ),
    (
        "linux",
        include_str!("../../../../tests/versions/linux.tsv"),
    ),
    (
        "chromeos",
        include_str!("../../../../tests/versions/chromeos.tsv"),
    ),
    (
        "patch_level",
        include_str!("../../../../tests/versions/patch_level.tsv"),
    ),
    (
        "kernel",
        include_str!("../../../../tests/versions/kernel.tsv"),
    ),
];

fn rows(table: &'static str) -> Vec<Row> {
    let row = |line: &'static str| {
        let fields: Vec<&str> = line.split('\t').collect();
        let [left, right, expected, source] = fields[..] else {
            panic!("not four fields: {line}");
        };
        assert!(source.len() > 10, "no source: {line}");
        let expected = match expected {
            "<" => Ordering::Less,
            "=" => Ordering::Equal,
            ">" => Ordering::Greater,
            other => panic!("{other}"),
        };
        Row {
            left,
            right,
            expected,
        }
    };
    table.lines().skip(1).map(row).collect()
}

/// What the comparator says of one row; `None` if either side is unparsable.
fn compared(table: &str, row: Row) -> Option<Ordering> {
    let Row { left, right, .. } = row;
    Some(match table {
        "patch_level" => PatchLevel::parse(left)?.cmp(&PatchLevel::parse(right)?),
        "kernel" => Dotted::parse_kernel(left)?.cmp(&Dotted::parse_kernel(right)?),
        family => {
            let family = OsFamily::named(family)?;
            OsVersion::parse(family, left)?.cmp(&OsVersion::parse(family, right)?)
        }
    })
}

fn strings(row: Row) -> Ordering {
    row.left.cmp(row.right)
}

/// Each number between two dots as a floating-point number; what is none is 0.
fn floats(row: Row) -> Ordering {
    let split = |text: &str| -> Vec<f64> {
        text.split('.')
            .map(|part| part.parse().unwrap_or(0.0))
            .collect()
    };
    let (left, right) = (split(row.left), split(row.right));
    left.partial_cmp(&right).unwrap()
}

/// The numbers alone, where one that is missing is less than a 0.
fn missing_is_less(row: Row) -> Ordering {
    let numbers = |text: &str| -> Vec<u64> {
        text.split(|character: char| !character.is_ascii_digit())
            .filter_map(|part| part.parse().ok())
            .collect()
    };
    numbers(row.left).cmp(&numbers(row.right))
}

#[test]
fn real_versions_are_in_their_makers_order() {
    for (name, table) in TABLES {
        let rows = rows(table);
        assert!(rows.len() >= 60, "{name} has {}", rows.len());
        for row in rows {
            let (left, right) = (row.left, row.right);
            assert_eq!(
                compared(name, row),
                Some(row.expected),
                "{name}: {left}, {right}"
            );
            let mirrored = Row {
                left: right,
                right: left,
                ..row
            };
            assert_eq!(compared(name, mirrored), Some(row.expected.reverse()));
        }
    }
}

#[test]
fn no_pair_stands_twice_in_a_table() {
    for (name, table) in TABLES {
        let mut pairs = std::collections::HashSet::new();
        for Row { left, right, .. } in rows(table) {
            assert!(
                pairs.insert((left.min(right), left.max(right))),
                "{name}: {left}, {right}"
            );
        }
    }
}

#[test]
fn shorter_comparators_are_wrong() {
    let naive: [(&str, Comparator); 3] = [
        ("strings", strings),
        ("floats", floats),
        ("missing is less", missing_is_less),
    ];
    for (name, table) in TABLES {
        let rows = rows(table);
        for (naive_name, compare) in naive {
            let wrong = rows
                .iter()
                .filter(|row| compare(**row) != row.expected)
                .count();
            // Dates sort as their text does, and always have three numbers.
            let is_right = name == "patch_level" && naive_name != "floats";
            assert_eq!(
                wrong == 0,
                is_right,
                "{naive_name} on {name}: {wrong} wrong"
            );
        }
    }
}
