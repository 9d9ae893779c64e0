"""Benchmarks of whole processes against one fast fake Bot API server; run with `make bench`."""
