"""Finding, among many statements, those that a request may meet, without asking all of them."""
