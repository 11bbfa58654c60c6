"""What the service and the loop of budgets share: how alerts, actions and mails are kept."""
