//! A server that ends with the test program.

use std::ffi::OsString;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to answer after its start.
const START_MAX: Duration = Duration::from_secs(30);
/// How often it is tried.
const TRY_EVERY: Duration = Duration::from_millis(50);

/// Runs the arguments after the folder until standard input ends, then removes the folder. The test program holds the
/// other end, so that the server ends with it, however that ends.
const WATCH: &str = r#"folder=$1; shift; "$@" >"$folder/log" 2>&1 & server=$!
cat >/dev/null; kill -INT $server; wait $server; rm -rf "$folder""#;

pub(crate) struct Server;

impl Server {
    /// Starts `command` and waits until `port` answers.
    pub(crate) fn start(command: &Command, folder: &Path, port: u16) -> Result<(), String> {
        let mut arguments: Vec<OsString> = vec![command.get_program().to_owned()];
        arguments.extend(command.get_args().map(ToOwned::to_owned));
        let mut watcher = Command::new("sh")
            .arg("-c")
            .arg(WATCH)
            .arg("watch")
            .arg(folder)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| error.to_string())?;
        // Kept open until the process ends.
        std::mem::forget(watcher.stdin.take());
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if begun.elapsed() > START_MAX {
                let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
                return Err(format!("the server did not start: {log}"));
            }
            std::thread::sleep(TRY_EVERY);
        }
        Ok(())
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

/// A command as itself, or as `user` where this is root: PostgreSQL refuses to run as root.
pub(crate) fn run_as(user: &str, folder: &Path, program: &Path) -> Result<Command, String> {
    let me = Command::new("id").arg("-u").output().map_err(|error| error.to_string())?;
    if String::from_utf8_lossy(&me.stdout).trim() != "0" {
        return Ok(Command::new(program));
    }
    let given = Command::new("chown").arg(user).arg(folder).status();
    if !given.is_ok_and(|status| status.success()) {
        return Err(format!("there is no user {user} to run it as"));
    }
    let mut command = Command::new("runuser");
    command.args(["-u", user, "--"]).arg(program);
    Ok(command)
}
