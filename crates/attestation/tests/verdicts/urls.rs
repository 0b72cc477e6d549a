//! URLs that name the same resource are equal, and no others.

use countersign_attestation::dpop::{HtuUrl, InvalidHtuUrl};
use proptest::prelude::*;

#[test]
fn normal_forms() {
    for (url, normal) in [
        ("https://a.example", "https://a.example/"),
        ("https://a.example?x", "https://a.example/"),
        ("https://a.example#x", "https://a.example/"),
        ("https://a.example:443/x", "https://a.example/x"),
        ("https://a.example:0443/x", "https://a.example/x"),
        ("http://a.example:80/x", "http://a.example/x"),
        ("http://a.example:443/x", "http://a.example:443/x"),
        ("https://a.example:8443", "https://a.example:8443/"),
        ("hTTps://A.Example/X", "https://a.example/X"),
        ("https://192.0.2.1/", "https://192.0.2.1/"),
        ("https://[2001:DB8:0:0::1]:443/", "https://[2001:db8::1]/"),
        ("https://[::1]:8080/x", "https://[::1]:8080/x"),
        (
            "https://a.example/%7Euser/%41%2d%2F%2f",
            "https://a.example/~user/A-%2F%2F",
        ),
        (
            "https://a.example/a|b^[c]{d}",
            "https://a.example/a%7Cb%5E%5Bc%5D%7Bd%7D",
        ),
        ("https://a.example/ü", "https://a.example/%C3%BC"),
        ("https://a.example/%c3%bc", "https://a.example/%C3%BC"),
        (
            "https://a.example/!$&'()*+,;=:@-._~",
            "https://a.example/!$&'()*+,;=:@-._~",
        ),
        ("https://a.example/a/./b/../c", "https://a.example/a/c"),
        ("https://a.example/a/b/..", "https://a.example/a/"),
        ("https://a.example/a/.", "https://a.example/a/"),
        ("https://a.example/../../a", "https://a.example/a"),
        ("https://a.example/..", "https://a.example/"),
        ("https://a.example/%2e%2E/a", "https://a.example/a"),
        ("https://a.example/a//../b", "https://a.example/a/b"),
        ("https://a.example//", "https://a.example//"),
        (
            "https://a.example/.a/..b/...",
            "https://a.example/.a/..b/...",
        ),
    ] {
        let parsed = HtuUrl::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"));
        assert_eq!(parsed.as_str(), normal, "{url}");
        assert!(parsed.matches(url) && parsed.matches(normal), "{url}");
    }
}

#[test]
fn refused_texts() {
    for url in [
        "",
        "/",
        "https:",
        "https:/a.example/",
        "https://",
        "https:///path",
        "https://:443/",
        "ftp://a.example/",
        "wss://a.example/",
        "javascript://a.example/",
        "https://user@a.example/",
        "https://user:pw@a.example/",
        "https://a.example:65536/",
        "https://a.example:+443/",
        "https://a.example:44 3/",
        "https://a.example:80:80/",
        "https://a b.example/",
        "https://ü.example/",
        "https://a%2eexample/",
        "https://a.example\\@evil.example/",
        "https://a.example/\\evil",
        "https://a.example/a b",
        "https://a.example/a\tb",
        "https://a.example/a\nb",
        "https://a.example/a\u{7f}b",
        "https://a.example/%",
        "https://a.example/%4",
        "https://a.example/%4g",
        "https://a.example/%+4",
        "https://[::1/",
        "https://[::1]x/",
        "https://[::1%25eth0]/",
        "https://[v1.a]/",
        "https://::1/",
        "\u{feff}https://a.example/",
    ] {
        assert_eq!(HtuUrl::parse(url), Err(InvalidHtuUrl), "{url}");
    }
}

#[test]
fn length_is_bounded_without_the_query() {
    let longest = format!("https://a.example/{}", "a".repeat(2030));
    assert_eq!(longest.len(), HtuUrl::MAX_BYTES);
    assert!(HtuUrl::parse(&format!("{longest}?{longest}")).is_ok());
    assert_eq!(HtuUrl::parse(&format!("{longest}a")), Err(InvalidHtuUrl));
}

#[test]
fn length_is_bounded_in_the_one_form_too() {
    // Three bytes once it is encoded.
    let encoded = |count: usize| format!("https://host/{}", ">".repeat(count));
    let most = (HtuUrl::MAX_BYTES - "https://host/".len()) / 3;
    let longest = HtuUrl::parse(&encoded(most)).unwrap();
    assert_eq!(HtuUrl::parse(longest.as_str()), Ok(longest));
    assert_eq!(HtuUrl::parse(&encoded(most + 1)), Err(InvalidHtuUrl));
}

#[test]
fn origin_leaves_the_path_out() {
    let origin = |url| HtuUrl::parse(url).unwrap().origin().to_owned();
    assert_eq!(origin("HTTPS://A.example:443/x/y"), "https://a.example");
    assert_eq!(origin("http://[::1]:8080"), "http://[::1]:8080");
}

proptest! {
    #[test]
    fn any_text_parses_or_is_refused(url in "(https?://)?\\PC{0,60}") {
        let _ = HtuUrl::parse(&url);
    }

    #[test]
    fn normal_form_is_stable(url in "https?://[a-zA-Z.]{1,9}(:[0-9]{0,5})?(/[ -~]{0,9}){0,5}") {
        if let Ok(parsed) = HtuUrl::parse(&url) {
            let again = HtuUrl::parse(parsed.as_str());
            prop_assert_eq!(again.as_ref(), Ok(&parsed));
            prop_assert!(parsed.matches(&url));
        }
    }

    /// Browsers and most libraries rewrite a URL in the way of the WHATWG before they put it into
    /// a proof: that must not make it another URL.
    #[test]
    fn rewriting_by_the_whatwg_rules_changes_nothing(
        url in "[hH]ttps?://[a-zA-Z]{1,5}\\.Example(:(443|80|8080)?)?(/(\\.|\\.\\.|%2[eEfF]|%7[eEcC]|[!-~]){0,4}){0,5}(\\?[!-~]{0,5})?"
    ) {
        let (Ok(ours), Ok(theirs)) = (HtuUrl::parse(&url), url::Url::parse(&url)) else {
            return Ok(());
        };
        prop_assert!(ours.matches(theirs.as_str()), "{} {}", ours.as_str(), theirs);
    }
}
