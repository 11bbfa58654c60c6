"""Where work runs: one interface, a supervisor for each work, and the local runner."""
