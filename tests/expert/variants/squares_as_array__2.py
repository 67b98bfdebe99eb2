import numpy as np


class Sensor:
    """A sensor whose noise grows with its number."""

    def __init__(self, number):
        self.number = number
        self.samples = np.random.RandomState(number).standard_normal(2_500_000) * (number + 1)

    def power(self):
        return self.samples**2


def report(sensor):
    p = sensor.power()
    half = len(p) // 2
    print(f"sensor {sensor.number}: {p[:half].mean():.8f} then {p[half:].mean():.8f}, at most {np.max(p):.6f}")


for number in range(4):
    report(Sensor(number))
