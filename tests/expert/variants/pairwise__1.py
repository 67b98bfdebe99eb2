import numpy as np

# how far are the shops from the customers?


def distance_table(customers, shops):
    dx = customers[:, 0, None] - shops[:, 0]
    dy = customers[:, 1, None] - shops[:, 1]
    return np.sqrt(dx ** 2 + dy ** 2)


gen = np.random.default_rng(12)
customers = gen.uniform(0, 20, (9000, 2))
shops = gen.uniform(0, 20, (210, 2))
table = distance_table(customers, shops)
print("table:", table.shape)
print("mean way: %.8f" % table.mean())
print("way to the next shop, on average: %.8f" % table.min(axis=1).mean())
print("customers of shop 7:", int((table.argmin(axis=1) == 7).sum()))
