"""Jobs: training and processing."""
