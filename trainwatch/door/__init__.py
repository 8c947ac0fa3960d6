"""Who may do what: one guard in front of everything, default deny."""
