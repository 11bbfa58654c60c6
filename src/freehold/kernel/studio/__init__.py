"""Studio: what holds for domains, profiles, spaces and apps on more than one floor."""
