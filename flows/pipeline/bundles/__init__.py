"""Bundles: an appendix with everything behind it, written to be handed on and verified alone."""
