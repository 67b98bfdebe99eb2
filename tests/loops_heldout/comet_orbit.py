# expect: refuse
# at: 8
import math


def orbit(x, y, vx, vy, dt, steps):
    path = []
    for n in range(steps):
        r = math.sqrt(x * x + y * y)
        vx -= dt * x / r ** 3
        vy -= dt * y / r ** 3
        x += dt * vx
        y += dt * vy
        path.append((x, y))
    return path


p = orbit(1.0, 0.0, 0.0, 1.1, 0.001, 100_000)
print(len(p), "%.9f %.9f" % p[-1], "%.9f" % max(q[0] for q in p))
