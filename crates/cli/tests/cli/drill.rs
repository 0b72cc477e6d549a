use crate::process::{Running, countersign, get, run, serve};
use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    path::{Path, PathBuf},
    thread,
};
use tempfile::{TempDir, tempdir};

/// Two nodes on one file, and a sidecar that follows the first.
struct Setting {
    folder: TempDir,
    server: Running,
    other: Running,
    sidecar: Running,
    sidecar_url: String,
    key: PathBuf,
}

impl Setting {
    fn start() -> Self {
        let folder = tempdir().unwrap();
        let server = serve(folder.path(), &[]);
        let same_url = format!("--public-url={}", server.addresses.public);
        let other = serve(folder.path(), &[&same_url]);
        let scopes = "sessions:write,devices:write,verify,clients:read,clients:write";
        let key = api_key(folder.path(), "drill", scopes);
        let of_sidecar = api_key(folder.path(), "sidecar", "feed:read");
        let mut sidecar = countersign(folder.path(), &["sidecar", "--listen=127.0.0.1:0"]);
        sidecar.arg(format!("--service={}", server.addresses.internal));
        sidecar.arg("--api-key-file").arg(of_sidecar);
        let mut sidecar = Running::start(sidecar);
        let mut line = String::new();
        sidecar.stdout.read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening sidecar=");
        Self {
            sidecar_url: url.unwrap().to_owned(),
            folder,
            server,
            other,
            sidecar,
            key,
        }
    }

    /// A drill of the nodes, of the sidecar, and of what a node answers to devices.
    fn drill(&self, args: &[&str]) -> std::process::Command {
        let addresses = &self.server.addresses;
        let mut drill = countersign(self.folder.path(), &["drill", "--every=50ms"]);
        drill.arg("--api-key-file").arg(&self.key);
        drill.args([
            format!("--service={}", addresses.internal),
            format!("--public={}", addresses.public),
            format!("--probe={}/v1/verify", addresses.internal),
            format!("--probe={}/v1/verify", self.other.addresses.internal),
            format!("--probe={}/v1/verify", self.sidecar_url),
            format!("--probe={}/v1/me/devices", addresses.public),
        ]);
        drill.args(args);
        drill
    }

    fn stop(self) {
        self.sidecar.stop();
        self.other.stop();
        self.server.stop();
    }
}

fn api_key(folder: &Path, name: &str, scopes: &str) -> PathBuf {
    let (name_arg, scopes) = (format!("--name={name}"), format!("--scope={scopes}"));
    let made = [
        "admin",
        "create-api-key",
        &name_arg,
        &scopes,
        "--output=json",
    ];
    let made = run(folder, &made).json();
    let path = folder.join(name);
    fs::write(&path, made["secret"].as_str().unwrap()).unwrap();
    path
}

/// Lets everybody in, always.
fn careless_app() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let head = BufReader::new(&stream).lines();
            let read = head
                .map_while(Result::ok)
                .take_while(|line| !line.is_empty());
            assert!(read.count() > 0);
            let yes = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            // The drill may have gone.
            drop(stream.write_all(yes.as_bytes()));
        }
    });
    url
}

/// The value of the first line of the metrics that begins so.
fn metric(text: &str, line: &str) -> f64 {
    let found = text.lines().find_map(|found| found.strip_prefix(line));
    found.map_or(f64::NAN, |value| value.trim().parse().unwrap())
}

#[test]
fn what_is_ended_is_refused_by_nodes_and_sidecar_in_every_round() {
    let setting = Setting::start();
    let mut drill = setting.drill(&["--rounds=3"]);
    let told = crate::process::Finished::of(drill).succeeded();
    assert!(
        told.contains("3 rounds passed, 0 failed, 0 calls accepted"),
        "{told}"
    );

    drill = setting.drill(&["--metrics=127.0.0.1:0"]);
    let running = Running::listening(drill);
    let passed = "countersign_drill_rounds_total{outcome=\"passed\"}";
    let text = loop {
        let text = get(&running.addresses.metrics, "/metrics");
        if metric(&text, passed) >= 3.0 {
            break text;
        }
    };
    for outcome in ["violated", "failed"] {
        let rounds = format!("countersign_drill_rounds_total{{outcome=\"{outcome}\"}}");
        assert!(metric(&text, &rounds).abs() < f64::EPSILON, "{text}");
    }
    let (server, other) = (&setting.server.addresses, &setting.other.addresses);
    for probe in [&server.internal, &other.internal, &setting.sidecar_url] {
        let of_probe = format!("{{probe=\"{probe}/v1/verify\"}}");
        let violations = format!("countersign_drill_violations_total{of_probe}");
        assert!(metric(&text, &violations).abs() < f64::EPSILON, "{text}");
        let rounds = format!("countersign_drill_time_to_cut_off_seconds_count{of_probe}");
        assert!(metric(&text, &rounds) >= 3.0, "{text}");
    }
    let by = "countersign_drill_ending_seconds_count{by=\"device\"}";
    assert!(metric(&text, by) >= 1.0, "{text}");
    running.stop();
    setting.stop();
}

#[test]
fn an_app_that_lets_everybody_in_is_an_alarm() {
    let setting = Setting::start();
    let app = careless_app();
    let probe = format!("--probe={app}");
    let ended = crate::process::Finished::of(setting.drill(&["--once", &probe]));
    ended.failed(1, &["accepted what had ended", &app]);
    assert!(
        ended.stdout.contains("0 rounds passed, 0 failed"),
        "{ended:?}"
    );

    let running = Running::listening(setting.drill(&["--metrics=127.0.0.1:0", &probe]));
    let violations = format!("countersign_drill_violations_total{{probe=\"{app}\"}}");
    let text = loop {
        let text = get(&running.addresses.metrics, "/metrics");
        if metric(&text, &violations) >= 1.0 {
            break text;
        }
    };
    let honest = &setting.server.addresses.internal;
    let of_honest = format!("countersign_drill_violations_total{{probe=\"{honest}/v1/verify\"}}");
    assert!(metric(&text, &of_honest).abs() < f64::EPSILON, "{text}");
    running.stop();
    setting.stop();
}

#[test]
fn a_round_that_cannot_be_played_is_no_success() {
    let setting = Setting::start();
    let nobody = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let probe = format!("--probe=http://{nobody}/");
    let ended = crate::process::Finished::of(setting.drill(&["--once", &probe]));
    ended.failed(1, &["does not accept a fresh session"]);
    assert!(
        ended.stdout.contains("0 rounds passed, 1 failed"),
        "{ended:?}"
    );
    setting.stop();
}
