//! Sets of small numbers, for the analyses over the control flow graph.

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bits {
    words: Vec<u64>,
}

impl Bits {
    pub fn new(count: usize) -> Bits {
        Bits {
            words: vec![0; count.div_ceil(64)],
        }
    }

    pub fn insert(&mut self, index: usize) {
        self.words[index / 64] |= 1 << (index % 64);
    }

    pub fn remove(&mut self, index: usize) {
        self.words[index / 64] &= !(1 << (index % 64));
    }

    /// Removes all from `first` to `last`, that included.
    pub fn remove_run(&mut self, first: usize, last: usize) {
        let (from, to) = (first / 64, last / 64);
        for place in from..=to {
            let mut gone = u64::MAX;
            if place == from {
                gone &= u64::MAX << (first % 64);
            }
            if place == to {
                gone &= u64::MAX >> (63 - last % 64);
            }
            self.words[place] &= !gone;
        }
    }

    pub fn contains(&self, index: usize) -> bool {
        self.words[index / 64] & (1 << (index % 64)) != 0
    }

    /// Adds all of `other`; says whether that changed anything.
    pub fn union(&mut self, other: &Bits) -> bool {
        let mut changed = false;
        for (word, more) in self.words.iter_mut().zip(&other.words) {
            changed |= *more & !*word != 0;
            *word |= more;
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_removed_and_nothing_else() {
        for (first, last) in [
            (0, 0),
            (3, 3),
            (0, 63),
            (5, 64),
            (63, 64),
            (64, 127),
            (1, 199),
            (130, 191),
        ] {
            let mut bits = Bits::new(200);
            (0..200).for_each(|index| bits.insert(index));
            bits.remove_run(first, last);
            assert!(
                (0..200).all(|index| bits.contains(index) != (first..=last).contains(&index)),
                "{first} to {last}"
            );
        }
    }
}
