import numpy as np

# A swarm of bees in the wind


class Swarm:
    def __init__(self, bees):
        self.pos = np.zeros((bees, 2))
        self.vel = np.random.RandomState(6).normal(0.0, 1.0, (bees, 2))
        self.wind = np.array([0.4, -0.1])
        self.drag = 0.3

    def push(self, h):
        self.vel += h * self.drag * (self.wind - self.vel)

    def move(self, h):
        self.pos += h * self.vel

    def centre(self):
        return tuple(self.pos.mean(axis=0))


swarm = Swarm(bees=20000)
h = 0.05
for k in range(50):
    swarm.push(h)
    swarm.move(h)
print("centre %.8f %.8f" % swarm.centre())
print("first bee", np.round(swarm.pos[0], 8), "speed", np.round(swarm.vel[0], 8))
