"""Networks of this machine: namespaces for sandboxes, our routers between them, packet rules."""
