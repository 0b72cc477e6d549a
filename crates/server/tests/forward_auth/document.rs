//! The named blocks of `docs/FORWARD_AUTH.md`.

const DOCUMENT: &str = include_str!("../../../../docs/FORWARD_AUTH.md");

/// Where the parts are in the document, and where they are in a test.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ports {
    pub(crate) proxy: u16,
    pub(crate) service: u16,
    pub(crate) app: u16,
}

/// The block with this name, for these ports.
pub(crate) fn block(name: &str, ports: Ports) -> String {
    let fence = format!(" {name}\n");
    let mut blocks = DOCUMENT.split("\n```").filter_map(|block| {
        let (info, text) = block.split_once('\n')?;
        format!("{info}\n").ends_with(&fence).then_some(text)
    });
    let block = blocks.next().expect("a block of this name");
    assert!(blocks.next().is_none(), "{name} is there twice");
    let places = [
        ("8000", ports.proxy),
        ("8081", ports.service),
        ("3000", ports.app),
    ];
    // A port could hold another one's digits.
    let marked = places.iter().fold(block.to_owned(), |text, (written, _)| {
        text.replace(written, &format!("<{written}>"))
    });
    let text = places.iter().fold(marked, |text, (written, port)| {
        text.replace(&format!("<{written}>"), &port.to_string())
    });
    format!("{text}\n")
}

#[test]
fn every_configuration_names_the_service_and_the_app() {
    let ports = Ports {
        proxy: 3000,
        service: 8000,
        app: 8081,
    };
    for name in ["nginx.conf", "Caddyfile", "countersign.yaml", "envoy.yaml"] {
        let text = block(name, ports);
        assert!(text.contains("8000") && text.contains("8081"), "{name}");
        assert!(text.contains("key,assertion"), "{name}");
    }
    assert!(block("traefik.yaml", ports).contains("\":3000\""));
}
