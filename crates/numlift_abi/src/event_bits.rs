//! How floating-point events are noted: 64 bits, three for each site, and four for what the processor's status says.
//!
//! ```text
//! bit   0 1 2 3        divide, over, under, invalid: somewhere in the function, as [`event`] counts them
//!       4 5 6          divide, over, invalid of site 0
//!       7 8 9          of site 1 …
//! ```

use crate::runtime::event;

/// How many sites have bits of their own.
pub const SITES: usize = 20;

/// What NumPy calls them, in the order in which it tells of them.
const NOTED: [i32; 3] = [event::DIVIDE, event::OVER, event::INVALID];

/// The bit of an event at a site; events that underflow have none.
pub fn noted(site: usize, event: i32) -> i64 {
    let place = NOTED.iter().position(|known| *known == event);
    place.map_or(0, |place| 1 << (4 + 3 * site + place))
}

/// The events that were noted at a site.
pub fn at(site: usize, bits: i64) -> i32 {
    let is_up = |event: &&i32| bits & noted(site, **event) != 0;
    NOTED.iter().filter(is_up).sum()
}

/// The events of which only the function is known.
pub fn anywhere(bits: i64) -> i32 {
    (bits & 15) as i32
}
