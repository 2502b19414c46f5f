"""Benchmarks: each module's `figures()` yields name, value and unit; names are stable."""
