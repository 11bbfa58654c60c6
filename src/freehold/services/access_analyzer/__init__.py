"""IAM Access Analyzer: traps in policies, and whether domains are isolated from each other."""

from freehold.services.access_analyzer import analyzers, checks, findings, validation
from freehold.services.access_analyzer.service import access_analyzer, seed

__all__ = ["access_analyzer", "analyzers", "checks", "findings", "seed", "validation"]
