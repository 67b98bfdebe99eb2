import numpy as np


class Springs(object):
    """Masses on springs; each hangs on its own."""

    def __init__(self, stiffness, start):
        self.stiffness = stiffness
        self.place = start.copy()
        self.speed = np.zeros(len(start))
        self.time = 0.0

    def step(self, dt):
        # speeds first, with the old places
        self.speed -= dt * self.stiffness * np.sin(self.place)
        self.place += dt * self.speed
        self.time += dt

    def highest(self):
        return self.place.max()


def main():
    count = 100_000
    springs = Springs(np.linspace(0.5, 3.0, count), np.linspace(-1.0, 1.0, count))
    for i in range(25):
        springs.step(0.02)
        if i % 5 == 4:
            print("t = %.2f  highest %.8f" % (springs.time, springs.highest()))
    print("middle: %.8f %.8f" % (springs.place[count // 3], springs.speed[count // 3]))


if __name__ == "__main__":
    main()
