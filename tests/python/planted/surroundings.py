"""What a region does to the world around it: output, random state, attributes, globals, classes."""

from __future__ import annotations

from planted.case import ARRAYS, QUIET, Case, known, size

CASES = [
    Case(
        "random stream",
        "for i in range(n):\n    out[i] = rng.random()",
        "out[:] = rng.random(len(out))",
        {
            "drawn twice": "rng.random()\nout[:] = rng.random(len(out))",
            "drawn backwards": "out[::-1] = rng.random(len(out))",
            "one too many": "out[:] = rng.random(len(out) + 1)[:-1]",
            "normal": "out[:] = rng.normal(size=len(out))",
        },
        ["out"],
        parameters=["rng", "out", "n"],
        facts=known("out") + size(),
    ),
    Case(
        "conditional draws",
        "for i in range(n):\n    if x[i] > 0:\n        out[i] = np.random.random()",
        "m = x > 0\nout[m] = np.random.random(int(m.sum()))",
        {
            "drawn for all": "r = np.random.random(len(x))\nout[x > 0] = r[x > 0]",
            "another generator": "m = x > 0\nout[m] = np.random.default_rng(1).random(int(m.sum()))",
            "not drawn": "out[x > 0] = 0.5",
        },
        ["out"],
        facts=known("x", "out") + size(),
    ),
    Case(
        "printing",
        "s = 0\nfor i, v in enumerate(k):\n    s += v\n    if i % 10 == 0:\n        print(i, s)",
        "t = list(__import__('itertools').accumulate(k))\n"
        "for i in range(0, len(k), 10):\n    print(i, t[i])\ns = t[-1] if k else 0",
        {
            "lost": "s = sum(k)",
            "only the last": "s = sum(k)\nif k:\n    print(0, s)",
            "other order": "t = list(__import__('itertools').accumulate(k))\n"
            "for i in reversed(range(0, len(k), 10)):\n    print(i, t[i])\ns = t[-1] if k else 0",
        },
        ["s"],
        inputs="k = [(3 * i + case) % 10 for i in range(30)]",
        parameters=["k"],
        facts=known("k"),
        policy={"strength": "exact", "allow": [{"t": "name", "name": "i"}, {"t": "name", "name": "v"}]},
    ),
    Case(
        "attributes",
        "for p in cloud.points:\n    p.x += p.v * dt\n    cloud.steps += 1",
        "v = [p.v * dt for p in cloud.points]\nfor p, d in zip(cloud.points, v):\n    p.x = p.x + d\n"
        "cloud.steps += len(cloud.points)",
        {
            "counter lost": "for p in cloud.points:\n    p.x += p.v * dt",
            "last point lost": "for p in cloud.points[:-1]:\n    p.x += p.v * dt\ncloud.steps += len(cloud.points)",
            "new points": "cloud.points = [Point(p.x + p.v * dt, p.v) for p in cloud.points]\n"
            "cloud.steps += len(cloud.points)",
        },
        [],
        module="class Point:\n    def __init__(self, x, v):\n        self.x, self.v = x, v\n"
        "class Cloud:\n    def __init__(self, points):\n        self.points, self.steps = points, 0\n",
        inputs="cloud = Cloud([Point(0.1 * i, 1.0 - 0.1 * i) for i in range(10)])\ndt = 0.01",
        parameters=["cloud", "dt"],
        facts=known("cloud", "dt", "cloud.points", "cloud.steps") + [{"t": "value", "name": "cloud.steps"}],
    ),
    Case(
        "globals of helpers",
        "for i in range(n):\n    out[i] = tally(x[i])",
        "out[:] = x * SCALE\ntally.__globals__['calls'] += len(x)",
        {
            "counter lost": "out[:] = x * SCALE",
            "counter off": "out[:] = x * SCALE\ntally.__globals__['calls'] += len(x) + 1",
            "scale taken for a constant": "out[:] = x * 2.5\ntally.__globals__['calls'] += len(x)",
        },
        ["out"],
        module="SCALE = 2.5\ncalls = 0\n\ndef tally(v):\n    global calls\n    calls += 1\n    return v * SCALE\n",
        facts=known("x", "out", "calls") + size(),
        policy=QUIET,
    ),
    Case(
        "attributes of a class",
        "for v in x:\n    m.feed(v)",
        "m.total += sum(x.tolist())\nMeter.fed += len(x)\nMeter.log.extend(x)",
        {
            "count lost": "m.total += sum(x.tolist())\nMeter.log.extend(x)",
            "log lost": "m.total += sum(x.tolist())\nMeter.fed += len(x)",
            "on the instance": "m.total += sum(x.tolist())\nm.fed += len(x)\nMeter.log.extend(x)",
        },
        [],
        module="class Meter:\n    fed = 0\n    log = []\n    def __init__(self):\n        self.total = 0.0\n"
        "    def feed(self, v):\n        Meter.fed += 1\n        self.log.append(v)\n        self.total += float(v)\n",
        inputs="m = Meter()\nx = np.arange(10.0)",
        parameters=["m", "x"],
        facts=[*known("x", "m", "Meter.fed", "Meter.log", "m.total"), {"t": "value", "name": "m.total"}],
    ),
    Case(
        "module level",
        "total = 0.0\nfor i in range(len(x)):\n    z[i] = x[i] + shift(i)\n    total = z[i]",
        "z[:] = x + np.arange(len(x)) * OFFSET\ntotal = z[-1] if len(z) else 0.0\nif len(x):\n    i = len(x) - 1",
        {
            "loop variable": "z[:] = x + np.arange(len(x)) * OFFSET\ntotal = z[-1] if len(z) else 0.0",
            "offset": "z[:] = x + np.arange(1, len(x) + 1) * OFFSET\ntotal = z[-1] if len(z) else 0.0\n"
            "if len(x):\n    i = len(x) - 1",
        },
        ["z", "total", "i"],
        module="OFFSET = 0.5\n\ndef shift(i):\n    return i * OFFSET\n",
        inputs=ARRAYS + "z = out\n",
        function="<module>",
        parameters=[],
        facts=[*known("x", "z"), {"t": "type", "name": "OFFSET"}],
        policy=QUIET,
    ),
    Case(
        "method",
        "for i in range(self.n):\n    self.__data[i] = self.scale * super().f(self.__data[i])",
        "self.__data[:] = self.scale * (self.__data + 1.0)",
        {
            "scale lost": "self.__data[:] = self.__data + 1.0",
            "super not called": "self.__data[:] = self.scale * self.__data",
            "rebound": "self.__data = self.scale * (self.__data + 1.0)",
        },
        [],
        module="class Base:\n    def f(self, v):\n        return v + 1.0\n\nclass Model(Base):\n"
        "    def __init__(self, n):\n        self.__data = np.arange(float(n))\n        self.n, self.scale = n, 0.3\n",
        inputs="self = Model(20 + case)",
        function="Model.region",
        parameters=["self"],
        facts=known("self._Model__data") + known("self.scale") + size("self.n"),
        policy=QUIET,
    ),
]
