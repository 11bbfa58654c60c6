"""Where packets may go: internet gateways, route tables, and what AWS has beside them."""
