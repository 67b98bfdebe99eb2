import random

import numpy as np

# Multiply two matrices of random whole numbers.


def random_matrix(height, width):
    return [[random.randint(-9, 9) for x in range(width)] for y in range(height)]


def product(first, second):
    if len(first[0]) != len(second):
        return None
    return (np.array(first) @ np.array(second)).tolist()


random.seed(5)
m = random_matrix(330, 250)
n = random_matrix(250, 270)
p = product(m, n)
print(len(p), "rows,", len(p[0]), "columns,", type(p[0][0]).__name__)
print("first row starts with", p[0][:6])
print("sum of everything:", sum(sum(row) for row in p))
print("does not fit:", product(m, m))
