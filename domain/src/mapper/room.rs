//! How much of its mappers a business keeps.

use super::{Binding, MapperVersionState};

/// Components that a business keeps.
pub const COMPONENTS_MAX: usize = 200;
/// Bytes of all of them as they are stored, compressed: an interpreter's component takes some 6 MiB, one in Rust 60 KiB.
pub const COMPONENT_BYTES_MAX: u64 = 256 << 20;
/// Configs that a business keeps. They are not thrown away, because runs are recorded with them.
pub const CONFIGS_MAX: u32 = 2_000;

/// A component that is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeptComponent {
    /// The version that it is of.
    pub version: u32,
    /// Its length as it is stored.
    pub bytes: u64,
    /// What the version may do.
    pub state: MapperVersionState,
}

impl KeptComponent {
    /// Whether nothing needs it: the version may not serve, and was not rejected while it does.
    fn gives_way(&self, binding: &Binding) -> bool {
        let mut named = binding.serving().chain(binding.previous);
        self.state != MapperVersionState::Validated
            && !named.any(|bound| bound.version == self.version)
    }
}

/// Why there is no room for another one, and what makes some.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoRoom {
    /// Too many components.
    #[error(
        "the business has {COMPONENTS_MAX} mapper versions that may serve, the most that are kept: retire versions that \
         are no longer needed, and their components give way"
    )]
    Components,
    /// Too many bytes.
    #[error(
        "the components of the business's mapper versions that may serve take up the {} MiB that they have: retire \
         versions that are no longer needed, and their components give way",
        COMPONENT_BYTES_MAX >> 20
    )]
    ComponentBytes,
    /// Too many configs.
    #[error(
        "the business has {CONFIGS_MAX} mapper configs, the most that are kept: let one of them serve, and try settings \
         by a preview before they are kept"
    )]
    Configs,
}

/// The versions whose components give way to a new one of `bytes`: retired and rejected ones, the oldest first, and no
/// more of them than it takes. `kept` is in the order of the versions.
pub fn make_room(
    binding: &Binding,
    kept: &[KeptComponent],
    bytes: u64,
) -> Result<Vec<u32>, NoRoom> {
    let (mut count, mut total) = (kept.len(), kept.iter().map(|one| one.bytes).sum::<u64>());
    let fits = |count: usize, total: u64| {
        if count >= COMPONENTS_MAX {
            Err(NoRoom::Components)
        } else if total.saturating_add(bytes) > COMPONENT_BYTES_MAX {
            Err(NoRoom::ComponentBytes)
        } else {
            Ok(())
        }
    };
    let mut gone = Vec::new();
    for one in kept.iter().filter(|one| one.gives_way(binding)) {
        if fits(count, total).is_ok() {
            break;
        }
        count -= 1;
        total -= one.bytes;
        gone.push(one.version);
    }
    fits(count, total).map(|()| gone)
}

/// Whether there is room for a config beside those up to `newest`: they are numbered without gaps.
pub fn room_for_config(newest: u32) -> Result<(), NoRoom> {
    if newest >= CONFIGS_MAX { Err(NoRoom::Configs) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use MapperVersionState::{Rejected, Retired, Validated};

    use super::*;
    use crate::mapper::Bound;

    /// As many versions of `bytes` each, numbered from 1; the states of the first are given.
    fn kept(count: usize, bytes: u64, states: &[MapperVersionState]) -> Vec<KeptComponent> {
        let states = states.iter().copied().chain(std::iter::repeat(Validated));
        let versions = (1..).zip(states).take(count);
        versions.map(|(version, state)| KeptComponent { version, bytes, state }).collect()
    }

    fn serving(version: u32) -> Binding {
        Binding { active: Bound { version, config: 0 }, ..Binding::default() }
    }

    #[test]
    fn what_may_not_serve_gives_way_the_oldest_first_and_no_more_than_it_takes() {
        let quarter = COMPONENT_BYTES_MAX / 4;
        let states = [Validated, Retired, Rejected, Retired];
        let cases = [
            // Room enough: nothing goes.
            (kept(3, 10, &states), 10, Ok(vec![])),
            (kept(4, quarter, &states), 0, Ok(vec![])),
            // By bytes.
            (kept(4, quarter, &states), 1, Ok(vec![2])),
            (kept(4, quarter, &states), quarter + 1, Ok(vec![2, 3])),
            (kept(4, quarter, &states), 3 * quarter + 1, Err(NoRoom::ComponentBytes)),
            // By their number.
            (kept(COMPONENTS_MAX, 1, &states), 1, Ok(vec![2])),
            (kept(COMPONENTS_MAX, 1, &[]), 1, Err(NoRoom::Components)),
            (kept(0, 0, &[]), COMPONENT_BYTES_MAX + 1, Err(NoRoom::ComponentBytes)),
        ];
        for (kept, bytes, expected) in cases {
            assert_eq!(make_room(&serving(1), &kept, bytes), expected, "{} of {bytes}", kept.len());
        }
    }

    #[test]
    fn what_the_binding_names_stays_whatever_its_state() {
        let states = [Rejected, Rejected, Retired];
        let full = kept(COMPONENTS_MAX, 1, &states);
        let previous = Some(Bound { version: 2, config: 0 });
        let binding = Binding { previous, ..serving(1) };
        assert_eq!(make_room(&binding, &full, 1), Ok(vec![3]));
    }

    #[test]
    fn configs_are_counted() {
        assert_eq!(room_for_config(CONFIGS_MAX - 1), Ok(()));
        assert_eq!(room_for_config(CONFIGS_MAX), Err(NoRoom::Configs));
    }
}
