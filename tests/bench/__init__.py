"""What the house must reach in speed, measured; run by ``make bench``, never by the tests.

Ratios count, not absolutes: ours and the other server are measured in turns, in one run, on one
machine. What must be reached stands in ``thresholds.json``; docs/reference/performance.md tells
what was.
"""
