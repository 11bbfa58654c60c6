"""What is made from the database, and can be made anew: files of their own beside it."""
