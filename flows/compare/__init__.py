"""Comparisons: what two sides, or two releases, say of the same flow."""
