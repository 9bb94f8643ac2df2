//! A driver of prebuilt requests over kept connections: it costs a few microseconds a request, so that what it measures
//! is the server.

use std::io::{Error, Result};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::latency::Latencies;

/// What to send, and how.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where to.
    pub address: SocketAddr,
    /// Whole HTTP/1.1 requests.
    pub requests: Arc<Vec<Vec<u8>>>,
    /// Connections at the same time, each with one request under way.
    pub connections: usize,
    /// After this long no further request is sent.
    pub time_max: Duration,
    /// Whether to begin again with the first request after the last.
    pub cycle: bool,
}

/// What came of it.
#[derive(Debug)]
pub struct Load {
    /// Answers with status 200.
    pub accepted: usize,
    /// Other answers.
    pub refused: usize,
    /// From the first request to the last answer.
    pub elapsed: Duration,
    /// Of accepted requests.
    pub latencies: Latencies,
}

impl Load {
    /// Accepted requests a second.
    #[expect(clippy::cast_precision_loss, reason = "a rate to print")]
    pub fn rate(&self) -> f64 {
        self.accepted as f64 / self.elapsed.as_secs_f64()
    }
}

/// Sends what the plan says and waits for all answers.
pub async fn drive(plan: &Plan) -> Result<Load> {
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..plan.connections {
        tasks.spawn(connection(plan.clone(), Arc::clone(&next), begun));
    }
    let mut load =
        Load { accepted: 0, refused: 0, elapsed: Duration::ZERO, latencies: Latencies::default() };
    while let Some(done) = tasks.join_next().await {
        let (latencies, refused) = done.map_err(Error::other)??;
        load.accepted += latencies.count();
        load.refused += refused;
        load.latencies.merge(latencies);
    }
    load.elapsed = begun.elapsed();
    Ok(load)
}

async fn connection(
    plan: Plan,
    next: Arc<AtomicUsize>,
    begun: Instant,
) -> Result<(Latencies, usize)> {
    let mut stream = TcpStream::connect(plan.address).await?;
    stream.set_nodelay(true)?;
    let (mut latencies, mut refused) = (Latencies::default(), 0);
    let mut buffer = vec![0; 256 << 10];
    while begun.elapsed() < plan.time_max {
        let at = next.fetch_add(1, Ordering::Relaxed);
        let at = if plan.cycle { at % plan.requests.len() } else { at };
        let Some(request) = plan.requests.get(at) else { break };
        let sent = Instant::now();
        stream.write_all(request).await?;
        if answer(&mut stream, &mut buffer).await? == 200 {
            latencies.add(sent.elapsed());
        } else {
            refused += 1;
        }
    }
    Ok((latencies, refused))
}

/// Reads one answer with a `content-length` and returns its status.
async fn answer(stream: &mut TcpStream, buffer: &mut [u8]) -> Result<u16> {
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..]).await?;
        if read == 0 {
            return Err(Error::other("the server hung up"));
        }
        filled += read;
        let Some(head_end) = find(&buffer[..filled], b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&buffer[..head_end]).to_ascii_lowercase();
        let length: usize = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
            .unwrap_or(0);
        while filled < head_end + 4 + length {
            let read = stream.read(&mut buffer[filled..]).await?;
            if read == 0 {
                return Err(Error::other("the server hung up"));
            }
            filled += read;
        }
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        return status.ok_or_else(|| Error::other("no status"));
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
