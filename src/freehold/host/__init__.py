"""What this machine gives: sandboxes, uids, limits, volumes, runtimes. Knows nothing of AWS."""
