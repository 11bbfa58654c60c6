"""The account: its domains, whose each thing is, and who is at home where."""
