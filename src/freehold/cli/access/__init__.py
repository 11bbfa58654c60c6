"""Words about who may do what: why a call was decided as it was, and what is wrong in policies."""
