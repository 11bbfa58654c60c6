"""What listens: sockets, TLS, HTTP connections, tunnels, and which hosts are ours."""
