# expect: refuse
# at: 9
import numpy as np


def fill(grid, row, col):
    stack = [(row, col)]
    filled = 0
    while stack:
        r, c = stack.pop()
        if r < 0 or c < 0 or r >= grid.shape[0] or c >= grid.shape[1] or grid[r, c] != 0:
            continue
        grid[r, c] = 2
        filled += 1
        stack.extend([(r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)])
    return filled


grid = (np.random.default_rng(4).random((150, 150)) < 0.3).astype(int)
grid[75, 75] = 0
print(fill(grid, 75, 75), grid.sum())
