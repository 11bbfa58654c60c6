"""What holds for the whole account beyond AWS: its settings, by name."""
