"""Backup and restore: of one domain, through the AWS API, and of the whole install."""
