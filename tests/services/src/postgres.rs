//! PostgreSQL from installed binaries.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Encrypted;
use crate::certificates::Certificates;
use crate::server::{self, Server, free_port, run};

/// Who runs it and owns its files where this is root.
const USER: &str = "postgres";
/// Who may connect to the server that wants encryption: nobody without it.
const ENCRYPTED_ONLY: &str = "local all all trust\nhostssl all all 127.0.0.1/32 trust\n";

/// Starts a server. Its user may create databases.
pub(crate) fn start() -> Result<(String, Server), String> {
    let cluster = Cluster::new()?;
    let (server, port) = cluster.start(&[])?;
    Ok((format!("postgres://postgres@127.0.0.1:{port}/postgres"), server))
}

/// Starts a server that waits for the disk, as one that is measured must.
pub(crate) fn start_durable() -> Result<(String, Server), String> {
    let cluster = Cluster::new()?;
    let (server, port) = cluster.start(&["-c", "fsync=on"])?;
    Ok((format!("postgres://postgres@127.0.0.1:{port}/postgres"), server))
}

/// Starts a server that takes encrypted connections only.
pub(crate) fn start_encrypted() -> Result<(Encrypted, Server), String> {
    let cluster = Cluster::new()?;
    let certificates = Certificates::make(&cluster.folder, |program| cluster.command(program))?;
    std::fs::write(cluster.data.join("pg_hba.conf"), ENCRYPTED_ONLY)
        .map_err(|error| error.to_string())?;
    let certificate = format!("ssl_cert_file={}", certificates.certificate.display());
    let key = format!("ssl_key_file={}", certificates.key.display());
    let (server, port) = cluster.start(&["-c", "ssl=on", "-c", &certificate, "-c", &key])?;
    let encrypted = Encrypted {
        url: format!("postgres://postgres@127.0.0.1:{port}/postgres"),
        authority: certificates.authority,
        stranger: certificates.stranger,
    };
    Ok((encrypted, server))
}

/// Files of a server that does not run yet.
struct Cluster {
    binaries: PathBuf,
    folder: PathBuf,
    data: PathBuf,
    is_root: bool,
}

impl Cluster {
    fn new() -> Result<Self, String> {
        let binaries = binaries().ok_or("no PostgreSQL is installed")?;
        let folder = server::folder("postgres")?;
        let me = Command::new("id").arg("-u").output().map_err(|error| error.to_string())?;
        let is_root = String::from_utf8_lossy(&me.stdout).trim() == "0";
        if is_root {
            run(Command::new("chown").arg(USER).arg(&folder))?;
        }
        let data = folder.join("data");
        let cluster = Self { binaries, folder, data, is_root };
        let mut initdb = cluster.command(&cluster.binaries.join("initdb"));
        initdb.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync", "-D"]);
        run(initdb.arg(&cluster.data))?;
        Ok(cluster)
    }

    /// A command as the owner of the files: PostgreSQL refuses to run as root.
    fn command(&self, program: &Path) -> Command {
        if !self.is_root {
            return Command::new(program);
        }
        let mut command = Command::new("runuser");
        command.args(["-u", USER, "--"]).arg(program);
        command
    }

    fn start(&self, settings: &[&str]) -> Result<(Server, u16), String> {
        let port = free_port()?;
        let number = port.to_string();
        let mut command = self.command(&self.binaries.join("postgres"));
        command.arg("-D").arg(&self.data);
        command.args(["-h", "127.0.0.1", "-p", &number, "-k"]).arg(&self.folder);
        // Tests kill the gateway and never the database, so the disk need not be waited for.
        command.args(["-c", "fsync=off", "-c", "max_connections=300"]).args(settings);
        // It listens before it lets anybody in.
        let works = || {
            let mut ready = Command::new(self.binaries.join("pg_isready"));
            ready.args(["-q", "-h", "127.0.0.1", "-p", &number]).stderr(Stdio::null());
            ready.status().is_ok_and(|status| status.success())
        };
        Ok((Server::start(&command, &self.folder, works)?, port))
    }
}

fn binaries() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok();
    let installed = versions.into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    let on_path = Command::new("pg_config")
        .arg("--bindir")
        .output()
        .ok()
        .map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    installed.chain(on_path).find(|folder| folder.join("initdb").exists())
}
