"""The ground floor: errors, arn, clock, ids, settings, log. Knows nothing of AWS's services."""
