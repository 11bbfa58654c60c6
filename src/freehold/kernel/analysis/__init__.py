"""What is kept of the examination whether domains are isolated, and who may see it.

``loops/analysis`` makes it and writes it into one record; ``services/access_analyzer`` reads it.
"""
