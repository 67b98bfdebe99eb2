# Squares that really have to be a list: other code pops from it, adds lists
# to it and asks for its index.

import numpy as np

rng = np.random.default_rng(42)
total = 0.0
kept = []

for part in range(10):
    x = np.round(rng.uniform(-5, 5, 1000000), 3)

    squares = list(x**2)

    last = squares.pop()
    squares.insert(0, last)
    kept = kept + squares[:3]
    total += squares[0] + squares[-1]
    print("part", part, "has", len(squares), "squares in a", type(squares).__name__)
    print("   last one first: %.6f, then %.6f" % (squares[0], squares[1]))
    print("   where it came from:", squares.index(last), type(squares[5]).__name__)

kept.sort()
print("kept", len(kept), "smallest %.6f" % kept[0], "largest %.6f" % kept[-1])
print("total %.6f" % total)
