"""The console's pages about webhooks, for administrators: subscriptions, their logs, sending again (I3)."""
