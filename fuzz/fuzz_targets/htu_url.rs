//! Normalising is stable, and names the same origin as the part before the path.

#![no_main]

use countersign_attestation::dpop::HtuUrl;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(url) = HtuUrl::parse(text) else {
        return;
    };
    assert!(url.matches(text));
    assert_eq!(HtuUrl::parse(url.as_str()).as_ref(), Ok(&url));
    assert!(url.as_str().is_ascii());
    let path = url
        .as_str()
        .strip_prefix(url.origin())
        .expect("the origin comes first");
    assert!(path.starts_with('/'), "{path}");
    assert!(
        path.split('/')
            .all(|segment| segment != "." && segment != ".."),
        "{path}"
    );
    assert!(!path.contains(['?', '#', '\\', ' ']), "{path}");
    let (_, host) = url.origin().split_once("://").expect("a scheme");
    assert!(
        !host.is_empty() && !host.contains(['/', '@', '%']),
        "{host}"
    );
});
