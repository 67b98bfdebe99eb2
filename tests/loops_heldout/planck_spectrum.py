# expect: lift
# at: 16
from math import exp

import numpy as np

H, C, KB = 6.62607015e-34, 2.99792458e8, 1.380649e-23


def radiance(wavelength, temperature):
    return 2 * H * C ** 2 / wavelength ** 5 / (exp(H * C / (wavelength * KB * temperature)) - 1)


def spectra(wavelengths, temperatures):
    out = np.zeros((len(temperatures), len(wavelengths)))
    for t, temperature in enumerate(temperatures):
        for w, wavelength in enumerate(wavelengths):
            out[t, w] = radiance(wavelength, temperature)
    return out


s = spectra(np.linspace(2e-7, 3e-6, 500), np.linspace(3000.0, 9000.0, 60))
print(["%.6e" % v for v in s.max(axis=1)[:3]], s.argmax(axis=1)[:5])
