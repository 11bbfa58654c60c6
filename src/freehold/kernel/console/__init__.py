"""Signing in to the console: wrong tries counted, a person proven, short keys given and renewed."""
