//! Redis from installed binaries.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::certificates::Certificates;
use crate::server::{self, Server, free_port};
use crate::{Encrypted, had};

/// How long an answer may take before it is asked for again.
const ANSWER_MAX: Duration = Duration::from_secs(1);

/// A Redis of one's own, which can be taken away and given back at the same address.
#[derive(Debug)]
pub struct Redis {
    port: u16,
    server: Option<Server>,
}

impl Redis {
    /// Starts one, where one can be had.
    pub fn start() -> Option<Self> {
        let started = || {
            let port = free_port()?;
            Ok(Self { port, server: Some(start_at(port)?) })
        };
        had("a Redis to take away", started())
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Ends it as a power cut would: connections break, and further ones are refused.
    pub fn kill(&mut self) {
        if let Some(server) = self.server.take() {
            server.kill();
        }
    }

    /// Has it stand still: connections stay open and nothing is answered.
    pub fn pause(&self) {
        if let Some(server) = &self.server {
            server.pause();
        }
    }

    /// Gives it back, empty where it was killed.
    pub fn give_back(&mut self) -> Result<(), String> {
        match &self.server {
            Some(server) => server.resume(),
            None => self.server = Some(start_at(self.port)?),
        }
        Ok(())
    }
}

/// Starts a server.
pub(crate) fn start() -> Result<(String, Server), String> {
    let port = free_port()?;
    Ok((format!("redis://127.0.0.1:{port}"), start_at(port)?))
}

/// Starts a server that takes encrypted connections.
pub(crate) fn start_encrypted() -> Result<(Encrypted, Server), String> {
    let folder = server::folder("redis")?;
    let made = Certificates::make(&folder, |program| Command::new(program))?;
    let (port, encrypted) = (free_port()?, free_port()?);
    let mut command = command(port, &folder);
    command.args(["--tls-port", &encrypted.to_string(), "--tls-auth-clients", "no"]);
    command.arg("--tls-cert-file").arg(&made.certificate);
    command.arg("--tls-key-file").arg(&made.key);
    command.arg("--tls-ca-cert-file").arg(&made.authority);
    let server = Server::start(&command, &folder, || answers(port))?;
    let url = format!("rediss://127.0.0.1:{encrypted}");
    Ok((Encrypted { url, authority: made.authority, stranger: made.stranger }, server))
}

fn start_at(port: u16) -> Result<Server, String> {
    let folder = server::folder("redis")?;
    Server::start(&command(port, &folder), &folder, || answers(port))
}

fn command(port: u16, folder: &Path) -> Command {
    let mut command = Command::new("redis-server");
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--dir"]);
    command.arg(folder);
    command
}

/// Whether it answers, which it does not while it loads.
fn answers(port: u16) -> bool {
    let ask = || {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
        stream.set_read_timeout(Some(ANSWER_MAX)).ok()?;
        stream.write_all(b"PING\r\n").ok()?;
        let mut answer = [0; 5];
        stream.read_exact(&mut answer).ok()?;
        Some(answer)
    };
    ask() == Some(*b"+PONG")
}
