"""Crossings: what an actor may do to things of domains that are not its own."""
