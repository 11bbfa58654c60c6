"""Apps that run: brought up, watched, started again, ended."""
