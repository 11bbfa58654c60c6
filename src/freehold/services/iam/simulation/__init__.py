"""Simulation: what policies would say, and which condition keys they ask for."""
