"""One module a page; each returns layout only."""
