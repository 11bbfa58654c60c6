"""The bytes of S3 objects, and S3's pure rules. Which key names which bytes is not known here."""
