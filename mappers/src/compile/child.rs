//! The compiling child, seen from the gateway.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use super::inside::{COMPILED, MEMORY_BYTES_MAX, REFUSED};
use crate::artifact;
use crate::plugin::LoadError;

/// The longest that the child may take by the clock on the wall: a machine that is busy gives it less of a processor.
pub(super) const WALL_MAX: Duration = Duration::from_mins(2);
/// What the system ends a process with that has used up its processor time.
const SIGXCPU: i32 = 24;

/// What a child is asked to do.
pub(super) struct Order<'a> {
    /// Whether it may use several threads.
    pub(super) parallel: bool,
    /// Processor time in seconds, over all of its threads.
    pub(super) seconds: u8,
    /// Time by the clock.
    pub(super) wall: Duration,
    /// The component.
    pub(super) bytes: &'a [u8],
}

/// Has a child compile the component. Blocks until it is done or killed.
pub(super) fn compile(
    program: &Path,
    args: &[OsString],
    order: &Order<'_>,
) -> Result<Vec<u8>, LoadError> {
    let mut child = Killed(start(program, args)?);
    let (Some(mut input), Some(output)) = (child.0.stdin.take(), child.0.stdout.take()) else {
        return Err(LoadError::Compiler("it has no pipes".to_owned()));
    };
    let (send, answered) = mpsc::channel();
    let answer = std::thread::scope(|scope| {
        scope.spawn(move || {
            // A child that died early no longer reads; its end tells more than this error would.
            let head = [u8::from(order.parallel), order.seconds];
            let _ = input.write_all(&head).and_then(|()| input.write_all(order.bytes));
        });
        scope.spawn(move || {
            let mut answer = Vec::new();
            let longest = artifact::BYTES_MAX as u64 + 1;
            let read = output.take(longest).read_to_end(&mut answer);
            // Nobody waits any longer where the child was killed for taking too long.
            let _ = send.send(read.map(|_| answer));
        });
        let answer = answered.recv_timeout(order.wall);
        if answer.is_err() {
            child.kill();
        }
        answer
    });
    let Ok(Ok(answer)) = answer else {
        return Err(limit(format!("time: {} s by the clock used up", order.wall.as_secs())));
    };
    if answer.len() > artifact::BYTES_MAX {
        return Err(limit(format!(
            "size: more than {} MiB of machine code",
            artifact::BYTES_MAX >> 20
        )));
    }
    match answer.split_first() {
        Some((&COMPILED, code)) => Ok(code.to_vec()),
        Some((&REFUSED, why)) => Err(LoadError::Compile(String::from_utf8_lossy(why).into_owned())),
        _ => Err(died(&mut child.0, order.seconds)),
    }
}

fn start(program: &Path, args: &[OsString]) -> Result<Child, LoadError> {
    Command::new(program)
        .args(args)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| LoadError::Compiler(format!("it does not start: {error}")))
}

/// A child that does not outlive its use.
struct Killed(Child);

impl Killed {
    fn kill(&mut self) {
        // One that has ended already cannot be killed, which is just as well.
        let _ = self.0.kill();
    }
}

impl Drop for Killed {
    fn drop(&mut self) {
        self.kill();
        // So that it does not remain as a zombie.
        let _ = self.0.wait();
    }
}

/// Why a child said nothing.
fn died(child: &mut Child, seconds: u8) -> LoadError {
    let status = match child.wait() {
        Ok(status) => status,
        Err(error) => return LoadError::Compiler(error.to_string()),
    };
    match status.signal() {
        Some(SIGXCPU) => limit(format!("time: {seconds} s of a processor used up")),
        // Memory that the system refuses ends a program in one of several ways, none of which says so.
        Some(_) => limit(format!("memory: {} MiB used up", MEMORY_BYTES_MAX >> 20)),
        None => LoadError::Compiler(told(status)),
    }
}

fn told(status: ExitStatus) -> String {
    format!("it ended with {status}")
}

fn limit(text: String) -> LoadError {
    LoadError::Limit(text)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// What becomes of a component whose compiler is these commands of a shell.
    fn refusal(script: &str, wall: Duration) -> String {
        let bytes = &vec![0; 1 << 20];
        let order = Order { parallel: false, seconds: 7, wall, bytes };
        let begun = Instant::now();
        let answer = compile(Path::new("/bin/sh"), &["-c".into(), script.into()], &order);
        assert!(begun.elapsed() < Duration::from_secs(20), "{script}");
        answer.unwrap_err().to_string()
    }

    #[test]
    fn a_child_that_comes_to_an_end_of_its_own_is_explained() {
        let cases = [
            ("kill -XCPU $$", "takes too much to compile: time: 7 s of a processor used up"),
            ("kill -KILL $$", "takes too much to compile: memory: 2048 MiB used up"),
            ("kill -ABRT $$", "takes too much to compile: memory: 2048 MiB used up"),
            ("exit 3", "could not be compiled: it ended with exit status: 3"),
            ("cat >/dev/null", "could not be compiled: it ended with exit status: 0"),
            ("printf '\\001broken'", "does not compile: broken"),
            ("cat /dev/zero", "takes too much to compile: size: more than 64 MiB of machine code"),
        ];
        for (script, expected) in cases {
            assert_eq!(refusal(script, WALL_MAX), expected, "{script}");
        }
    }

    #[test]
    fn a_child_that_does_not_end_is_ended() {
        // One that reads nothing, one that began to answer, and one that read all of it.
        for script in
            ["exec sleep 600", "printf x; exec sleep 600", "cat >/dev/null; exec sleep 600"]
        {
            let said = refusal(script, Duration::from_secs(1));
            assert_eq!(
                said, "takes too much to compile: time: 1 s by the clock used up",
                "{script}"
            );
        }
    }
}
