"""What is kept: one SQLite file, plain SQL, one writer with group commit, any number of readers."""
