//! What was asked for last, kept within a number and a size.

use std::collections::HashMap;

/// Values by digest; those asked for longest ago give way.
#[derive(Debug)]
pub(super) struct Kept<T> {
    by_digest: HashMap<[u8; 32], Entry<T>>,
    /// Counts what is asked for, in the place of a clock.
    asked: u64,
    bytes: usize,
    count_max: usize,
    bytes_max: usize,
}

#[derive(Debug)]
struct Entry<T> {
    value: T,
    bytes: usize,
    /// When it was asked for last.
    asked: u64,
}

impl<T: Clone> Kept<T> {
    /// Room for that many values, and for that many bytes of them.
    pub(super) fn within(count_max: usize, bytes_max: usize) -> Self {
        Self { by_digest: HashMap::new(), asked: 0, bytes: 0, count_max, bytes_max }
    }

    /// The value of that digest.
    pub(super) fn get(&mut self, digest: &[u8; 32]) -> Option<T> {
        self.asked += 1;
        let entry = self.by_digest.get_mut(digest)?;
        entry.asked = self.asked;
        Some(entry.value.clone())
    }

    /// Keeps a value of `bytes`. One that is larger than all room there is, is kept alone: it was asked for just now.
    pub(super) fn put(&mut self, digest: [u8; 32], value: T, bytes: usize) {
        self.asked += 1;
        self.remove(&digest);
        while !self.by_digest.is_empty()
            && (self.by_digest.len() >= self.count_max
                || self.bytes.saturating_add(bytes) > self.bytes_max)
        {
            let oldest = self.by_digest.iter().min_by_key(|(_, entry)| entry.asked);
            let Some(oldest) = oldest.map(|(digest, _)| *digest) else { break };
            self.remove(&oldest);
        }
        self.bytes += bytes;
        self.by_digest.insert(digest, Entry { value, bytes, asked: self.asked });
    }

    fn remove(&mut self, digest: &[u8; 32]) {
        if let Some(entry) = self.by_digest.remove(digest) {
            self.bytes -= entry.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of the digests 1 to 9 are kept.
    fn digests(kept: &Kept<u8>) -> Vec<u8> {
        (1..=9).filter(|digest| kept.by_digest.contains_key(&[*digest; 32])).collect()
    }

    #[test]
    fn what_was_asked_for_longest_ago_gives_way_to_the_bytes_of_others() {
        let mut kept = Kept::within(9, 100);
        for digest in 1..=3 {
            kept.put([digest; 32], digest, 30);
        }
        assert_eq!(kept.get(&[1; 32]), Some(1));
        kept.put([4; 32], 4, 30);
        assert_eq!(digests(&kept), [1, 3, 4]);
        kept.put([4; 32], 4, 10);
        assert_eq!((digests(&kept), kept.bytes), (vec![1, 3, 4], 70), "once, by its newest length");
        kept.put([5; 32], 5, 500);
        assert_eq!((digests(&kept), kept.bytes), (vec![5], 500));
        kept.put([6; 32], 6, 1);
        assert_eq!((digests(&kept), kept.get(&[5; 32])), (vec![6], None));
    }

    #[test]
    fn there_are_no_more_than_so_many() {
        let mut kept = Kept::within(2, 100);
        for digest in 1..=4 {
            kept.put([digest; 32], digest, 0);
        }
        assert_eq!(digests(&kept), [3, 4]);
    }
}
