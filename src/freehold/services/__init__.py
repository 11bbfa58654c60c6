"""AWS's operations: a file or folder a service, a noun a file. ``catalog.py`` lists them."""
