"""The local components of assets/: they hold what moves, so that no update costs the server a render.

Each draws from a small store in the browser that a feed fills by HTTP and by the vars of `Live`. One module a room of the
page; `shape` is what they have in common.
"""
