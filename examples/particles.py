"""Particles in a bowl, with a little friction.

Slow: every method of Particles goes through the particles one by one.
"""
import numpy as np


class Particles:
    def __init__(self, n, seed):
        rng = np.random.default_rng(seed)
        self.n = n
        self.x = rng.uniform(-1.0, 1.0, n)
        self.v = np.zeros(n)
        self.mass = rng.uniform(0.5, 2.0, n)
        self.k = 4.0
        self.friction = 0.05

    def kick(self, dt):
        for i in range(self.n):
            force = -self.k * self.x[i] - self.friction * self.v[i]
            self.v[i] = self.v[i] + dt * force / self.mass[i]

    def drift(self, dt):
        for i in range(self.n):
            self.x[i] += dt * self.v[i]

    def energy(self):
        total = 0.0
        for i in range(self.n):
            total += 0.5 * self.mass[i] * self.v[i] * self.v[i]
            total += 0.5 * self.k * self.x[i] * self.x[i]
        return total


def main():
    particles = Particles(40000, seed=11)
    dt = 0.01
    for step in range(60):
        particles.kick(dt)
        particles.drift(dt)
        if step % 10 == 0:
            print("step %3d   energy %.6f" % (step, particles.energy()))

    print("final energy %.6f" % particles.energy())
    print("first three:", np.round(particles.x[:3], 8), np.round(particles.v[:3], 8))


if __name__ == "__main__":
    main()
