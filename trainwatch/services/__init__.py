"""What happens: the verbs. Each loads, decides, saves and publishes, in that order."""
