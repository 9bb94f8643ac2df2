//! The compiling child, seen from the gateway.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::inside::{COMPILED, MEMORY_BYTES_MAX, REFUSED};
use crate::artifact;
use crate::plugin::LoadError;

/// The longest that the child may take by the clock on the wall. More than twice the processor time that any component
/// may use ([`super::SECONDS_MAX`]), so only a machine that is busy with others makes it last that long.
pub(super) const WALL_MAX: Duration = Duration::from_mins(2);
/// How often a child that has answered is looked at until it has ended.
const ENDED_EVERY: Duration = Duration::from_millis(2);
/// How a program ends itself, or is ended, over memory that its own limits refuse it; none of them says so.
const OUT_OF_MEMORY: [Signal; 5] =
    [Signal::ABORT, Signal::SEGV, Signal::BUS, Signal::ILL, Signal::TRAP];

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
    let deadline = Instant::now() + order.wall;
    let (send, answered) = mpsc::channel();
    let (answer, status) = std::thread::scope(|scope| {
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
        let status = child.ended(deadline);
        // What still runs would also keep the thread waiting that writes to it.
        child.kill();
        (answer, status)
    });
    let Ok(answer) = answer else { return Err(late(order.wall)) };
    let broken = |error: std::io::Error| LoadError::Compiler(error.to_string());
    let answer = answer.map_err(broken)?;
    if answer.len() > artifact::BYTES_MAX {
        let most = artifact::BYTES_MAX >> 20;
        return Err(LoadError::Limit(format!("size: more than {most} MiB of machine code")));
    }
    let status = status.map_err(broken)?.ok_or_else(|| late(order.wall))?;
    // A child that was ended while it wrote has written a part, which is no code.
    match answer.split_first() {
        Some((&COMPILED, code)) if status.success() => Ok(code.to_vec()),
        Some((&REFUSED, why)) if status.success() => {
            Err(LoadError::Compile(String::from_utf8_lossy(why).into_owned()))
        }
        _ => Err(unfinished(status, order.seconds)),
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

    /// How it ended; none where it did not before `deadline`. It has closed its output, which programs do by ending.
    fn ended(&mut self, deadline: Instant) -> std::io::Result<Option<ExitStatus>> {
        loop {
            let status = self.0.try_wait()?;
            if status.is_some() || Instant::now() >= deadline {
                return Ok(status);
            }
            std::thread::sleep(ENDED_EVERY);
        }
    }
}

impl Drop for Killed {
    fn drop(&mut self) {
        self.kill();
        // So that it does not remain as a zombie.
        let _ = self.0.wait();
    }
}

/// Why a child did not answer to the end: its own limits tell of the component, anything from outside of the machine.
fn unfinished(status: ExitStatus, seconds: u8) -> LoadError {
    let Some(signal) = status.signal() else {
        return LoadError::Compiler(format!("it ended with {status}"));
    };
    if signal == Signal::XCPU.as_raw() {
        return LoadError::Limit(format!("time: {seconds} s of a processor used up"));
    }
    if OUT_OF_MEMORY.iter().any(|own| signal == own.as_raw()) {
        return LoadError::Limit(format!("memory: {} MiB used up", MEMORY_BYTES_MAX >> 20));
    }
    // Mostly what the system does when the whole machine runs out of memory, whoever used it.
    LoadError::Interrupted(format!("the system ended the compiler by signal {signal}"))
}

fn late(wall: Duration) -> LoadError {
    LoadError::Interrupted(format!("the machine gave it too little time in {} s", wall.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What follows on how compiling was ended from outside.
    const AGAIN: &str = "; try again, and where that ends in the same way, it is too expensive to compile on this machine";

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
    fn what_ends_a_child_from_outside_is_not_the_component_s_doing() {
        // Before it answers, and when half of its answer was written.
        for script in ["kill -KILL $$", "kill -TERM $$", "printf '\\000half'; kill -KILL $$"] {
            let signal = if script.contains("TERM") { 15 } else { 9 };
            let ended = format!("the system ended the compiler by signal {signal}");
            let expected = format!("was not compiled to its end: {ended}{AGAIN}");
            assert_eq!(refusal(script, WALL_MAX), expected, "{script}");
        }
    }

    #[test]
    fn half_an_answer_is_none() {
        assert_eq!(
            refusal("printf '\\000half'; exit 3", WALL_MAX),
            "could not be compiled: it ended with exit status: 3"
        );
    }

    #[test]
    fn a_child_that_does_not_end_is_ended() {
        // One that reads nothing, one that began to answer, one that read all of it, one that says it has answered.
        for script in [
            "exec sleep 600",
            "printf x; exec sleep 600",
            "cat >/dev/null; exec sleep 600",
            "exec sleep 600 >&-",
        ] {
            let late = "the machine gave it too little time in 1 s";
            let expected = format!("was not compiled to its end: {late}{AGAIN}");
            assert_eq!(refusal(script, Duration::from_secs(1)), expected, "{script}");
        }
    }
}
