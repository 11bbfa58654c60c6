"""What the network's records mean for traffic: who may reach what. Nothing here is enforced."""
