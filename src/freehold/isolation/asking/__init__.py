"""Asking: an actor, what it may choose, and the fewest questions that answer for everything."""
