"""The first process of a sandbox. Standard library only; one folder, bound whole."""
