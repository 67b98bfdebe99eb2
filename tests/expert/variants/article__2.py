"""Does vectorizing really help?  A small test of four claims."""
import time
import numpy


def multiply_by_hand(m1, m2):
    if len(m1[0]) != len(m2):
        raise ValueError("cannot multiply")
    return numpy.array(m1) @ numpy.array(m2)


def test_growth(count):
    begin = time.perf_counter()
    data = numpy.arange(count)
    took = time.perf_counter() - begin
    print("append then array:", took, "seconds")

    begin = time.perf_counter()
    data = numpy.arange(count, dtype=numpy.int32)
    took = time.perf_counter() - begin
    print("fill an int32 array:", took, "seconds")


def test_squares(count):
    x = numpy.random.rand(count)
    begin = time.time()
    y = x ** 2
    print("squares in a loop:", time.time() - begin, "seconds")
    begin = time.time()
    y = x ** 2
    print("squares at once:", time.time() - begin, "seconds")


def test_product(n):
    m1 = numpy.random.rand(n, n)
    m2 = numpy.random.rand(n, n)
    l1 = m1.tolist()
    l2 = m2.tolist()
    begin = time.time()
    result = multiply_by_hand(l1, l2)
    print("product in loops:", time.time() - begin, "seconds")
    begin = time.time()
    result = numpy.dot(m1, m2)
    print("product at once:", time.time() - begin, "seconds")


test_growth(800000)
test_squares(1500000)
test_product(280)
