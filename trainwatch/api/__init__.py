"""The way in for programs: HTTP to services."""
