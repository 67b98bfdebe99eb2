import numpy as np


def test_photo(h, w):
    gen = np.random.default_rng(70)
    return gen.integers(0, 256, (h, w)).astype(np.uint8)


def brighter(photo, factor):
    return np.minimum(photo * factor, 255.0)


def soften(photo):
    out = photo.copy()
    out[1:-1, 1:-1] = (photo[:-2, :-2] + photo[:-2, 1:-1] + photo[:-2, 2:]
                      + photo[1:-1, :-2] + photo[1:-1, 1:-1] + photo[1:-1, 2:]
                      + photo[2:, :-2] + photo[2:, 1:-1] + photo[2:, 2:]) / 9
    return out
