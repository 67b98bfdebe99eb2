# lift: mean and summed squares of the array of the values
# at: 5
def kernel(values):
    total = 0.0
    for v in values:
        total += v
    spread = 0.0
    for v in values:
        spread += (v - total) * (v - total)
    return total, spread


values = [0.25 * k for k in range(10)]
print("%.6f %.6f" % kernel(values))
print(len(list(values)))
