import numpy as np

# A swarm of bees in the wind


class Swarm:
    def __init__(self, bees):
        self.pos = np.zeros((bees, 2))
        self.vel = np.random.RandomState(6).normal(0.0, 1.0, (bees, 2))
        self.wind = np.array([0.4, -0.1])
        self.drag = 0.3

    def push(self, h):
        for b in range(len(self.vel)):
            for d in range(2):
                self.vel[b, d] += h * self.drag * (self.wind[d] - self.vel[b, d])

    def move(self, h):
        for b in range(len(self.pos)):
            for d in range(2):
                self.pos[b, d] = self.pos[b, d] + h * self.vel[b, d]

    def centre(self):
        cx = 0.0
        cy = 0.0
        for p in self.pos:
            cx += p[0]
            cy += p[1]
        return cx / len(self.pos), cy / len(self.pos)


swarm = Swarm(bees=20000)
h = 0.05
for k in range(50):
    swarm.push(h)
    swarm.move(h)
print("centre %.8f %.8f" % swarm.centre())
print("first bee", np.round(swarm.pos[0], 8), "speed", np.round(swarm.vel[0], 8))
