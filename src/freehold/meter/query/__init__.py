"""The parts of a Cost Explorer query: rows, windows, filters, groups, page tokens."""
