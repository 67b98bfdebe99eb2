# refuse: no-array-form
# at: 5
def kernel(x):
    rows = []
    for v in x:
        rows.append([v, 2])
    return rows


print(kernel([1.0, 0.5, 2.0]))
