"""Who is asking: signatures, sessions and the principals they prove. Pure."""
