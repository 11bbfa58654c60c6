"""The account as a whole: its alias, its password policy, what it holds, reports on it."""
