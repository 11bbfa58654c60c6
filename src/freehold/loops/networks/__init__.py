"""Networks of workloads: given before the start, held to the rules of today, taken at the end."""
