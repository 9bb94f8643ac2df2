//! Certificates for encrypted connections, made by `openssl`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::server::run;

const DAYS: &str = "2";
/// What the server's certificate is good for: this address, by number and not by name.
const SERVER: &str = "basicConstraints=critical,CA:FALSE\nsubjectAltName=IP:127.0.0.1\n";
const NEW_KEY: [&str; 5] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/// The files of a server, and of those who say that it is the one.
pub(crate) struct Certificates {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
    /// Who signed the server's certificate.
    pub(crate) authority: PathBuf,
    /// Somebody else.
    pub(crate) stranger: PathBuf,
}

impl Certificates {
    /// Makes them in `folder`, by commands of whoever shall own them.
    pub(crate) fn make(folder: &Path, command: impl Fn(&Path) -> Command) -> Result<Self, String> {
        let file = |name: &str| folder.join(name);
        let openssl = || command(Path::new("openssl"));
        for name in ["authority", "stranger"] {
            let mut made = openssl();
            made.args(["req", "-x509", "-days", DAYS, "-subj"]).arg(format!("/CN={name}"));
            made.args(NEW_KEY).arg("-keyout").arg(file(&format!("{name}.key")));
            run(made.arg("-out").arg(file(&format!("{name}.pem"))))?;
        }
        let mut asked = openssl();
        asked.args(["req", "-subj", "/CN=server"]).args(NEW_KEY);
        run(asked.arg("-keyout").arg(file("server.key")).arg("-out").arg(file("server.csr")))?;
        std::fs::write(file("server.ext"), SERVER).map_err(|error| error.to_string())?;
        let mut signed = openssl();
        signed.args(["x509", "-req", "-days", DAYS, "-set_serial", "2"]);
        signed.arg("-in").arg(file("server.csr")).arg("-extfile").arg(file("server.ext"));
        signed.arg("-CA").arg(file("authority.pem")).arg("-CAkey").arg(file("authority.key"));
        run(signed.arg("-out").arg(file("server.pem")))?;
        Ok(Self {
            certificate: file("server.pem"),
            key: file("server.key"),
            authority: file("authority.pem"),
            stranger: file("stranger.pem"),
        })
    }
}
