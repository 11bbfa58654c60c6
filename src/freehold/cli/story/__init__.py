"""The story that ``freehold demo`` plays, a file a chapter; ``data/`` holds what it hands out."""
