//! A server that ends with the test program.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take until it works: a machine that is busy with other tests starts one slowly.
const START_MAX: Duration = Duration::from_mins(3);
/// How often it is tried.
const TRY_EVERY: Duration = Duration::from_millis(50);

/// Tells the server's number and runs the arguments after the folder until standard input ends, then removes the folder.
/// The test program holds the other end, so that the server ends with it, however that ends.
const WATCH: &str = r#"folder=$1; shift; "$@" >"$folder/log" 2>&1 & server=$!; echo $server; exec >/dev/null
cat >/dev/null; kill -CONT $server; kill -INT $server; wait $server; rm -rf "$folder""#;

/// A running server; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    pid: String,
    watcher: Child,
    hold: Option<ChildStdin>,
}

impl Server {
    /// Starts `command` and waits until it works, which `works` looks at. Fails at once where it ends by itself.
    pub(crate) fn start(
        command: &Command,
        folder: &Path,
        works: impl Fn() -> bool,
    ) -> Result<Self, String> {
        let mut arguments: Vec<OsString> = vec![command.get_program().to_owned()];
        arguments.extend(command.get_args().map(ToOwned::to_owned));
        let mut watcher = Command::new("sh")
            .args(["-c", WATCH, "watch"])
            .arg(folder)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| error.to_string())?;
        let hold = watcher.stdin.take();
        let mut pid = String::new();
        if let Some(said) = watcher.stdout.take() {
            BufReader::new(said).read_line(&mut pid).map_err(|error| error.to_string())?;
        }
        let server = Self { pid: pid.trim().to_owned(), watcher, hold };
        let begun = Instant::now();
        while !works() {
            let ended = !server.is_alive();
            if ended || begun.elapsed() > START_MAX {
                let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
                let how = if ended { "ended by itself" } else { "did not start" };
                return Err(format!("the server {how}: {log}"));
            }
            std::thread::sleep(TRY_EVERY);
        }
        Ok(server)
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(&self) {
        self.signal("-KILL");
    }

    /// Has it stand still, with its connections open.
    pub(crate) fn pause(&self) {
        self.signal("-STOP");
    }

    /// Has it go on.
    pub(crate) fn resume(&self) {
        self.signal("-CONT");
    }

    fn is_alive(&self) -> bool {
        self.signal("-0")
    }

    fn signal(&self, signal: &str) -> bool {
        let mut kill = Command::new("kill");
        let sent = kill.args([signal, &self.pid]).stderr(Stdio::null()).status();
        sent.is_ok_and(|status| status.success())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.hold.take());
        // Whatever came of it, nothing is left to be done.
        let _ = self.watcher.wait();
    }
}

/// A new temporary folder.
pub(crate) fn folder(name: &str) -> Result<PathBuf, String> {
    let made =
        Command::new("mktemp").args(["-d", "-t", &format!("tillgate-{name}-XXXXXX")]).output();
    let made = made.map_err(|error| error.to_string())?;
    let path = PathBuf::from(String::from_utf8_lossy(&made.stdout).trim());
    path.is_dir().then_some(path).ok_or_else(|| "no temporary folder could be made".to_owned())
}

/// A port that nobody listens on.
pub(crate) fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    listener.local_addr().map(|address| address.port()).map_err(|error| error.to_string())
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let ended = command.output().map_err(|error| format!("{name}: {error}"))?;
    if ended.status.success() {
        return Ok(());
    }
    Err(format!("{name} failed: {}", String::from_utf8_lossy(&ended.stderr)))
}
