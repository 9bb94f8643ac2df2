//! What a process uses of the machine.

/// Clock ticks in a second, the same on every Linux that runs this (`getconf CLK_TCK`).
const TICKS_PER_SECOND: f64 = 100.0;

/// Seconds of processor time that the process and its finished children have used, with those of its running children
/// where `tree` is set (PostgreSQL answers each connection in a process of its own).
pub fn cpu_seconds(pid: u32, tree: bool) -> f64 {
    let own = ticks(pid).unwrap_or(0.0) / TICKS_PER_SECOND;
    if !tree {
        return own;
    }
    own + children(pid).into_iter().map(|child| cpu_seconds(child, true)).sum::<f64>()
}

/// Bytes of memory that the process has now.
pub fn resident_bytes(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes << 10)
}

/// User and system ticks, of finished children too: fields 14 to 17 of the status line.
fn ticks(pid: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let after_name = &status[status.rfind(')')? + 2..];
    let fields: Vec<&str> = after_name.split(' ').collect();
    (11..15).map(|at| fields.get(at)?.parse::<f64>().ok()).sum()
}

fn children(pid: u32) -> Vec<u32> {
    let path = format!("/proc/{pid}/task/{pid}/children");
    let listed = std::fs::read_to_string(path).unwrap_or_default();
    listed.split_whitespace().filter_map(|child| child.parse().ok()).collect()
}
