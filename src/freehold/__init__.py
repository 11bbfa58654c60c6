"""Freehold: SageMaker's domains on machines you own, behind AWS's own API."""

__version__ = "0.1.0"
