//! The gateway as a process of its own, which can be killed.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use server::demo::Caller;
use tokio::process::{Child, Command};

use super::{Failure, becomes_true};

/// How long the gateway may take to be ready.
const READY_MAX: Duration = Duration::from_secs(30);

/// Where the gateway keeps its data.
#[derive(Clone, Debug)]
pub enum Place {
    /// A SQLite file in this folder.
    Folder(PathBuf),
    /// A PostgreSQL database.
    Postgres(String),
}

/// A gateway process with settings that outlive it.
#[derive(Debug)]
pub struct GatewayProcess {
    binary: PathBuf,
    environment: Vec<(String, String)>,
    base: String,
    running: Option<Child>,
    business: String,
    token: String,
}

impl GatewayProcess {
    /// Picks a port, makes a business and a token by the command line. The binary is the one beside this program.
    pub fn prepare(
        place: Place,
        app: &simulator::Settings,
        shop_url: &str,
    ) -> Result<Self, Failure> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let base = format!("http://127.0.0.1:{port}");
        let database = match place {
            Place::Folder(folder) => format!("sqlite:{}", folder.join("kill.db").display()),
            Place::Postgres(url) => url,
        };
        let environment = [
            ("LISTEN", format!("127.0.0.1:{port}")),
            ("LOG", "error".to_owned()),
            ("DATABASE_URL", database),
            ("APP_BASE_URL", base.clone()),
            ("FRONTEND_URL", base.clone()),
            ("SHOPIFY_CLIENT_ID", app.client_id.clone()),
            ("SHOPIFY_CLIENT_SECRET", app.client_secret.clone()),
            ("SHOPIFY_SHOP_URL", shop_url.to_owned()),
            ("SHOPIFY_ENCRYPTION_KEY", "11".repeat(32)),
            ("JWT_SECRET", "a secret of the kill test, long enough".to_owned()),
            ("MAPPER_CACHE", compiled_plugins()),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value)).to_vec();
        let mut process = Self {
            binary: binary()?,
            environment,
            base,
            running: None,
            business: String::new(),
            token: String::new(),
        };
        process.business = process.command(&["business", "create", "--name", "Kill test"])?;
        let business = process.business.clone();
        let token = ["token", "--business", &business, "--role", "admin", "--seconds", "86400"];
        process.token = process.command(&token)?;
        Ok(process)
    }

    /// How it is reached.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The business that it was prepared with.
    pub fn business(&self) -> &str {
        &self.business
    }

    /// Runs a command of the binary to its end, with further variables or others in place of the usual ones.
    pub fn run(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Result<Output, Failure> {
        let mut command = std::process::Command::new(&self.binary);
        command.args(arguments).env_clear().envs(self.environment.clone());
        Ok(command.envs(variables.iter().copied()).output()?)
    }

    /// Runs a command of the binary to its end and returns what it printed.
    pub fn command(&self, arguments: &[&str]) -> Result<String, Failure> {
        let done = self.run(arguments, &[])?;
        if !done.status.success() {
            return Err(String::from_utf8_lossy(&done.stderr).into_owned().into());
        }
        Ok(String::from_utf8(done.stdout)?.trim().to_owned())
    }

    /// Starts the gateway and waits until it is ready.
    pub async fn start(&mut self) -> Result<(), Failure> {
        let child = Command::new(&self.binary)
            .arg("serve")
            .env_clear()
            .envs(self.environment.clone())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        self.running = Some(child);
        let ready = format!("{}/ready", self.base);
        let is_ready =
            async || reqwest::get(&ready).await.is_ok_and(|answer| answer.status().is_success());
        if becomes_true(READY_MAX, is_ready).await {
            return Ok(());
        }
        Err("the gateway did not become ready".into())
    }

    /// Kills the gateway with SIGKILL: nothing of it runs on, nothing is cleaned up.
    pub async fn kill(&mut self) -> Result<(), Failure> {
        if let Some(mut child) = self.running.take() {
            child.kill().await?;
        }
        Ok(())
    }

    /// A caller of its API.
    pub fn caller(&self) -> Result<Caller, Failure> {
        Ok(Caller::new(&self.base, &self.token, &self.business)?)
    }
}

/// A folder of compiled plugins for all processes of tests: only the first one compiles them.
fn compiled_plugins() -> String {
    std::env::temp_dir().join("tillgate-tests-compiled").to_string_lossy().into_owned()
}

/// The gateway's binary in the folder that this program was built into, up to date.
pub fn binary() -> Result<PathBuf, Failure> {
    let own = std::env::current_exe()?;
    let folder = own.parent().ok_or("no folder")?;
    // Test programs stand one folder deeper.
    let folder =
        if folder.ends_with("deps") { folder.parent().ok_or("no folder")? } else { folder };
    let binary = folder.join("tillgate");
    build(folder)?;
    Ok(binary)
}

/// Brings the binary up to date with the sources, in the profile that this program was built with.
fn build(folder: &Path) -> Result<(), Failure> {
    let mut cargo = std::process::Command::new(env!("CARGO"));
    cargo
        .args(["build", "--quiet", "--package", "tillgate"])
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    if folder.ends_with("release") {
        cargo.arg("--release");
    }
    if !cargo.status()?.success() {
        return Err("the gateway could not be built".into());
    }
    Ok(())
}
