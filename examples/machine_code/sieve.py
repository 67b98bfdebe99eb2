"""The sieve of Eratosthenes, written at module level."""

import numpy as np

LIMIT = 3_000_000

composite = np.zeros(LIMIT + 1, dtype=bool)
count = 0
for number in range(2, LIMIT + 1):
    if composite[number]:
        continue
    count += 1
    multiple = number * number
    while multiple <= LIMIT:
        composite[multiple] = True
        multiple += number

print(f"{count} primes up to {LIMIT}, {int(composite.sum())} composites")
