# lift: np.column_stack((x, x * 2.0)).tolist()
# at: 5
def kernel(x):
    rows = []
    for v in x:
        row = [v, v * 2.0]
        rows.append(row)
        row = 9.0
    return rows


print(kernel([1.0, 0.5, 2.0]))
