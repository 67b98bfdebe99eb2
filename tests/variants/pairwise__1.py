import numpy as np

# how far are the shops from the customers?


def distance_table(customers, shops):
    table = np.empty((customers.shape[0], shops.shape[0]))
    for c in range(customers.shape[0]):
        for s in range(shops.shape[0]):
            dx = customers[c, 0] - shops[s, 0]
            dy = customers[c, 1] - shops[s, 1]
            table[c, s] = np.sqrt(dx ** 2 + dy ** 2)
    return table


gen = np.random.default_rng(12)
customers = gen.uniform(0, 20, (9000, 2))
shops = gen.uniform(0, 20, (210, 2))
table = distance_table(customers, shops)
print("table:", table.shape)
print("mean way: %.8f" % table.mean())
print("way to the next shop, on average: %.8f" % table.min(axis=1).mean())
print("customers of shop 7:", int((table.argmin(axis=1) == 7).sum()))
