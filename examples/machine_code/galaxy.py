"""Particles that attract each other: a class that holds arrays and moves them."""

import numpy as np


class Galaxy:
    """Positions, velocities and masses of some particles."""

    def __init__(self, count, seed=1):
        rng = np.random.default_rng(seed)
        self.position = rng.normal(size=(count, 3))
        self.velocity = np.zeros((count, 3))
        self.mass = rng.uniform(0.5, 1.5, count)
        self.softening = 0.05

    def kick(self, dt):
        """Gravity, pair by pair, with Newton's third law."""
        count = len(self.mass)
        for i in range(count):
            for j in range(i + 1, count):
                dx = self.position[j, 0] - self.position[i, 0]
                dy = self.position[j, 1] - self.position[i, 1]
                dz = self.position[j, 2] - self.position[i, 2]
                square = dx * dx + dy * dy + dz * dz + self.softening
                pull = dt / (square * np.sqrt(square))
                self.velocity[i, 0] += pull * self.mass[j] * dx
                self.velocity[i, 1] += pull * self.mass[j] * dy
                self.velocity[i, 2] += pull * self.mass[j] * dz
                self.velocity[j, 0] -= pull * self.mass[i] * dx
                self.velocity[j, 1] -= pull * self.mass[i] * dy
                self.velocity[j, 2] -= pull * self.mass[i] * dz

    def drift(self, dt):
        self.position += self.velocity * dt

    def energy(self):
        return 0.5 * float(np.sum(self.mass * np.sum(self.velocity**2, axis=1)))


def main():
    galaxy = Galaxy(150)
    for _ in range(30):
        galaxy.kick(0.01)
        galaxy.drift(0.01)
    print(f"kinetic energy {galaxy.energy():.9f}")


if __name__ == "__main__":
    main()
