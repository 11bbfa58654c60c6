"""The written form: JSON as IAM reads it, and the shapes that IAM demands of entries."""
