"""Particles in a bowl, with a little friction."""
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
        force = -self.k * self.x - self.friction * self.v
        self.v += dt * force / self.mass

    def drift(self, dt):
        self.x += dt * self.v

    def energy(self):
        return np.sum(0.5 * self.mass * self.v**2) + np.sum(0.5 * self.k * self.x**2)


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
