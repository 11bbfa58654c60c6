"""What listens: HTTP, TLS, the forward proxy, the AWS API's door, and the apps' own origins."""
