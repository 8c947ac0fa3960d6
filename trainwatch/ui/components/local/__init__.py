"""Components of assets/ that feed a store by the vars of `Live`, or keep what somebody types; `shape` is what they have in common."""
