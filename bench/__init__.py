"""How fast Chat-X is beside others: `make bench`, read bench/README.md."""
