"""Studio: domains, user profiles, spaces, apps and the URLs that open them."""
