"""Sandboxes: what they hold, how they start, what they may call and how much they may use."""
