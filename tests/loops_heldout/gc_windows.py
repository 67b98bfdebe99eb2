# expect: lift
# at: 9
import numpy as np

A, C, G, T = range(4)

def gc_content(genome, window):
    out = np.zeros(len(genome) - window + 1)
    for start in range(len(genome) - window + 1):
        gc = 0
        for base in genome[start:start + window]:
            if base == G or base == C:
                gc += 1
        out[start] = gc / window
    return out

genome = np.random.RandomState(2).randint(0, 4, 20000)
gc = gc_content(genome, 25)
print("%.6f %.6f %.6f" % (gc.min(), gc.mean(), gc.max()), len(gc))
