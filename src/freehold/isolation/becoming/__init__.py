"""Becoming: whom a principal can turn into, through roles, keys and policies."""
