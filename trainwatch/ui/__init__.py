"""The page: layout, its states, and the push that keeps it current."""
