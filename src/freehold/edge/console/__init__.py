"""The web console's door: its files, and the one exchange of a sign-in for short-lived keys."""
