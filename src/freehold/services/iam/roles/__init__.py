"""Roles: those that people make, those that are linked to a service, and instance profiles."""
