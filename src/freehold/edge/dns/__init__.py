"""Names for sandboxes with a network of their own: messages of DNS, and what is answered."""
