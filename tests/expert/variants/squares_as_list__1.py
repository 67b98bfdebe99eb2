import json

import numpy as np


def squared(readings):
    return (readings ** 2).tolist()


def main():
    gen = np.random.default_rng(17)
    packages = []
    for station in ["north", "south", "harbour"]:
        readings = gen.integers(-2000, 2000, 3_500_000) / 64
        values = squared(readings)
        values.append(-1.0)  # the mark for the end
        packages.append({"station": station, "count": len(values), "values": values[:3] + values[-2:]})
        print(station, isinstance(values, list), type(values[0]))
    print(json.dumps(packages))


main()
