"""What ran and what it cost: change events -> intervals -> line items -> Cost Explorer, Budgets.

Pure: rows, prices and the time come in as arguments; nothing here reads a clock or a file.
"""
