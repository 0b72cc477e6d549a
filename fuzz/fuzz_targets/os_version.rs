//! No text makes the reading of a version panic; what is read is written as itself; and any two
//! versions are in one order, whichever is asked first.
//!
//! The input is a byte for the family, and texts with line feeds between them.

#![no_main]

use countersign_core::compliance::version::{Dotted, OsFamily, OsVersion, PatchLevel};
use libfuzzer_sys::fuzz_target;
use std::{cmp::Ordering, fmt};

fuzz_target!(|data: &[u8]| {
    let Some((family, texts)) = data.split_first() else {
        return;
    };
    let family = OsFamily::ALL[usize::from(*family) % OsFamily::ALL.len()];
    let texts = String::from_utf8_lossy(texts);
    let texts: Vec<&str> = texts.split('\n').take(3).collect();
    ordered(&texts, |text| OsVersion::parse(family, text));
    ordered(&texts, Dotted::parse);
    ordered(&texts, Dotted::parse_kernel);
    ordered(&texts, PatchLevel::parse);
    for text in &texts {
        if let Some(version) = OsVersion::parse(family, text) {
            assert_eq!(version.family(), family);
        }
        if let (Some(dotted), Some(kernel)) = (Dotted::parse(text), Dotted::parse_kernel(text)) {
            assert_eq!(dotted, kernel, "{text:?} is one release in two ways");
        }
    }
});

/// Reads each text, and holds the order of what was read against what an order has to be.
fn ordered<T>(texts: &[&str], parse: impl Fn(&str) -> Option<T>)
where
    T: Ord + fmt::Debug + fmt::Display,
{
    let versions: Vec<T> = texts.iter().filter_map(|text| parse(text)).collect();
    for a in &versions {
        assert_eq!(
            parse(&a.to_string()).as_ref(),
            Some(a),
            "{a:?} is written as {a}"
        );
        assert_eq!(a.cmp(a), Ordering::Equal);
        for b in &versions {
            assert_eq!(a.cmp(b), b.cmp(a).reverse(), "{a:?} and {b:?}");
            assert_eq!(a.cmp(b) == Ordering::Equal, a == b, "{a:?} and {b:?}");
            for c in &versions {
                assert!(!(a <= b && b <= c) || a <= c, "{a:?}, {b:?}, {c:?}");
            }
        }
    }
}
