//! NumPy, builtin and `math` functions known by qualified name.
