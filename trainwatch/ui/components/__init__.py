"""Pieces that more than one page uses: data in, layout out."""
