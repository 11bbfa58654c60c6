"""What jobs make: models, their packages and groups, and pipeline definitions."""
