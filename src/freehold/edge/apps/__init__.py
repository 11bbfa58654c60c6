"""The way to apps: origins of their own, the gate before them, and the proxy behind it."""
