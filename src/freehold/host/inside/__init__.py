"""Code that runs inside a sandbox, as its first process. Standard library only, one folder bound whole."""
