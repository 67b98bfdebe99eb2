# refuse: shadowed
# at: 18
import numpy
import numpy as np

asked = []


class np:
    @staticmethod
    def sqrt(v):
        asked.append(v)
        return len(asked) * float(v)


def kernel(x):
    out = numpy.zeros(len(x))
    for i in range(len(x)):
        out[i] = np.sqrt(x[i])
    return out


print(kernel(numpy.array([1.0, 4.0, 9.0, 16.0])))
print(sum(asked))
