# refuse: no-array-form
# at: 5
def kernel(x):
    rows = []
    for v in x:
        rows.append([v, 2])
    return rows


result = kernel([1.0, 0.5, 2.0])
print(result, [type(v).__name__ for v in result[0]])
