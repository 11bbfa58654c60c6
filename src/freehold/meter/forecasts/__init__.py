"""What will likely be spent or used: the one forecast, of Cost Explorer and of budgets."""
