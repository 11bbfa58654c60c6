"""Objects in parts: uploads, and what they become."""
